package org.probity.node.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;

/** One request whose route, caller and body are known. Used by one thread at a time. */
public final class Exchange {
  private final HttpServerRequest request;
  private final Map<String, String> pathParameters;
  private final String caller;
  private final Optional<String> name;
  private final Buffer body;
  private final ByteBudget.Lease answer;

  Exchange(
      HttpServerRequest request,
      Map<String, String> pathParameters,
      String caller,
      Optional<String> name,
      Buffer body,
      ByteBudget.Lease answer) {
    this.request = request;
    this.pathParameters = pathParameters;
    this.caller = caller;
    this.name = name;
    this.body = body;
    this.answer = answer;
  }

  /**
   * Takes bytes for a long answer while it is made, before they are allocated.
   *
   * @throws ProblemException 429 if the answers in flight leave no room for them
   */
  void takeForAnswer(long bytes) {
    if (!answer.tryTake(bytes)) {
      throw new ProblemException(Problems.tooManyAnswers());
    }
  }

  /** The node id of the verified client certificate; empty on listeners without one. */
  public String caller() {
    return caller;
  }

  /** As whom the operator has listed the caller; empty if it is none of these. */
  public Optional<String> name() {
    return name;
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
    List<String> values;
    try {
      values = request.params().getAll(name);
    } catch (IllegalArgumentException e) {
      // Parameters are decoded when they are first asked for, all of them.
      throw new ProblemException(Problems.malformedQuery());
    }
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
