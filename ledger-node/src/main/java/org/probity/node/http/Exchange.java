package org.probity.node.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;

/** One request whose route, caller and body are known. Used on its event loop only. */
public final class Exchange {
  private final HttpServerRequest request;
  private final Map<String, String> pathParameters;
  private final String caller;
  private final Buffer body;

  Exchange(
      HttpServerRequest request, Map<String, String> pathParameters, String caller, Buffer body) {
    this.request = request;
    this.pathParameters = pathParameters;
    this.caller = caller;
    this.body = body;
  }

  /** The node id of the verified client certificate; empty on listeners without one. */
  public String caller() {
    return caller;
  }

  public Bytes body() {
    return Bytes.wrap(body.getBytes());
  }

  /** The media type of the body, without parameters, lower case. */
  public String mediaType() {
    return MediaType.of(request);
  }

  /** A named part of the route's path, raw. */
  public String path(String name) {
    String value = pathParameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no {" + name + "}");
    }
    return value;
  }

  /** A decimal number without sign or leading zeros in the path. */
  public long pathNumber(String name) {
    return Numbers.parse(name, path(name));
  }

  /** A query parameter; given twice it is refused. */
  public Optional<String> query(String name) {
    var values = request.params().getAll(name);
    if (values.size() > 1) {
      throw Problems.badField("duplicate_parameter", name, "given more than once");
    }
    return values.stream().findFirst();
  }

  public Optional<Long> queryNumber(String name) {
    return query(name).map(value -> Numbers.parse(name, value));
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeader(name));
  }

  public String requiredQuery(String name) {
    return query(name)
        .orElseThrow(() -> Problems.badField("missing_parameter", name, "is required"));
  }
}
