package org.probity.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** YAML without surprises: one document, a mapping, no key twice, bounded. */
final class StrictYaml {
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 8;

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictYaml() {}

  /**
   * The mapping in {@code file}.
   *
   * @throws ConfigException {@code unreadable}, {@code malformed} or {@code duplicate_key}
   */
  static JsonNode read(Path file) {
    byte[] content;
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw ConfigException.of("malformed", file.toString(), "is larger than 1 MiB");
      }
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw ConfigException.of("unreadable", file.toString(), "does not exist");
    } catch (IOException e) {
      throw ConfigException.of("unreadable", file.toString(), "cannot be read: " + e);
    }
    try {
      JsonNode root = MAPPER.readTree(content);
      if (root == null || !root.isObject()) {
        throw ConfigException.of("malformed", file.toString(), "must be a YAML mapping");
      }
      return root;
    } catch (JsonProcessingException e) {
      String message = String.valueOf(e.getOriginalMessage());
      String code = message.startsWith("Duplicate field") ? "duplicate_key" : "malformed";
      String line = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
      throw ConfigException.of(code, file.toString(), firstLine(message) + line);
    } catch (IOException e) {
      throw ConfigException.of("malformed", file.toString(), String.valueOf(e.getMessage()));
    }
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}
