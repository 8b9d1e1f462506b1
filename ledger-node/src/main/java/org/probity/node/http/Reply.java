package org.probity.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.wire.StrictJson;

/**
 * What a handler answers.
 *
 * @param stream if present it writes the body, {@code body} is empty
 */
public record Reply(
    int status, Map<String, String> headers, Buffer body, Optional<StreamedBody> stream) {
  public static final String JSON = "application/json";
  public static final String BINARY = "application/octet-stream";
  public static final String CBOR = "application/cbor";
  public static final String TEXT = "text/plain; charset=utf-8";

  static final String CACHE_CONTROL = "cache-control";
  static final String CONTENT_TYPE = "content-type";

  private static final String NO_STORE = "no-store";

  public Reply {
    headers = Map.copyOf(headers);
  }

  /** An answer that nobody caches. */
  public static Reply of(int status, String contentType, Buffer body) {
    return new Reply(
        status, Map.of(CONTENT_TYPE, contentType, CACHE_CONTROL, NO_STORE), body, Optional.empty());
  }

  public static Reply ok(String contentType, Bytes body) {
    return of(200, contentType, Buffer.buffer(body.unsafeArray()));
  }

  public static Reply json(int status, JsonNode body) {
    return of(status, JSON, Buffer.buffer(StrictJson.write(body)));
  }

  public static Reply json(JsonNode body) {
    return json(200, body);
  }

  public static Reply streaming(String contentType, StreamedBody stream) {
    return new Reply(
        200,
        Map.of(CONTENT_TYPE, contentType, CACHE_CONTROL, NO_STORE),
        Buffer.buffer(),
        Optional.of(stream));
  }

  static Reply problem(Problem problem, String requestId) {
    Reply reply =
        of(
            problem.status(),
            Problem.CONTENT_TYPE,
            Buffer.buffer(StrictJson.write(problem.toJson(requestId))));
    if (problem.status() == Problems.UNAUTHENTICATED) {
      // RFC 9110 §15.5.2: it says how.
      return reply.with("www-authenticate", "Bearer");
    }
    return problem.retryAfterSeconds().isPresent()
        ? reply.with("retry-after", Integer.toString(problem.retryAfterSeconds().getAsInt()))
        : reply;
  }

  /** The same with a header set. */
  public Reply with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, more, body, stream);
  }

  /** The same, for any cache to keep so long; the body never changes within it. */
  public Reply cachedFor(long seconds, boolean immutable) {
    return with(CACHE_CONTROL, "public, max-age=" + seconds + (immutable ? ", immutable" : ""));
  }
}
