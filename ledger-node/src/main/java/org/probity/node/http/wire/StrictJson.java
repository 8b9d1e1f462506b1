package org.probity.node.http.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.probity.detector.codec.DecodeException;

/**
 * JSON of strangers: no duplicate keys, nothing after the value, little depth, short numbers and
 * strings. Thread-safe.
 */
public final class StrictJson {
  public static final int MAX_DEPTH = 16;
  public static final int MAX_STRING_CHARS = 8 * 1024 * 1024;
  public static final int MAX_NUMBER_CHARS = 40;
  public static final int MAX_NAME_CHARS = 256;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_STRING_CHARS)
                          .maxNumberLength(MAX_NUMBER_CHARS)
                          .maxNameLength(MAX_NAME_CHARS)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /** One value, from UTF-8. */
  public static JsonNode parse(byte[] utf8) throws DecodeException {
    JsonNode value;
    try {
      value = MAPPER.readTree(utf8);
    } catch (JsonProcessingException e) {
      throw new DecodeException("json_malformed", e.getOriginalMessage());
    } catch (IOException e) {
      throw new DecodeException("json_malformed", "not UTF-8");
    }
    if (value == null || value.isMissingNode()) {
      throw new DecodeException("json_malformed", "no value");
    }
    return value;
  }

  public static byte[] write(JsonNode value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }
}
