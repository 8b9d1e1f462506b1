package org.probity.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.probity.node.http.wire.StrictJson;

/** The OpenAPI 3.1 document of all three listeners, kept as YAML beside this class. */
final class OpenApi {
  static final String RESOURCE = "openapi.yaml";

  private static final byte[] JSON = StrictJson.write(load());

  private OpenApi() {}

  static Reply reply() {
    return Reply.of(200, Reply.JSON, Buffer.buffer(JSON)).cachedFor(300, false);
  }

  static JsonNode load() {
    try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not in the jar");
      }
      return new YAMLMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }
}
