package org.probity.node.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One thing a listener does.
 *
 * @param access who may use it
 * @param path segments, of which {@code {name}} matches one and a last {@code {name*}} one or more
 * @param mediaTypes what the body may be; empty for a route without body
 * @param maxBodyBytes a longer one is refused before it is read
 * @param blocking whether the handler reads so much that it runs on a worker; otherwise it runs on
 *     an event loop and must not block
 */
public record Route(
    Access access,
    HttpMethod method,
    String path,
    Set<String> mediaTypes,
    int maxBodyBytes,
    boolean blocking,
    Function<Exchange, Future<Reply>> handler) {
  /** For a route that takes its body whatever it is called. */
  static final String ANY_MEDIA = "*/*";

  public Route {
    Objects.requireNonNull(access, "who may use it");
    mediaTypes = Set.copyOf(mediaTypes);
  }

  /** A route whose answer is there at once. */
  public static Route get(Access access, String path, Function<Exchange, Reply> handler) {
    return new Route(
        access,
        HttpMethod.GET,
        path,
        Set.of(),
        0,
        false,
        exchange -> Future.succeededFuture(handler.apply(exchange)));
  }

  /** A route whose answer takes many reads of the store: it is made on a worker thread. */
  static Route reading(Access access, String path, Function<Exchange, Reply> handler) {
    return new Route(
        access,
        HttpMethod.GET,
        path,
        Set.of(),
        0,
        true,
        exchange -> Future.succeededFuture(handler.apply(exchange)));
  }

  public static Route post(
      Access access,
      String path,
      Set<String> mediaTypes,
      int maxBodyBytes,
      Function<Exchange, Future<Reply>> handler) {
    return new Route(access, HttpMethod.POST, path, mediaTypes, maxBodyBytes, false, handler);
  }

  boolean takesBody() {
    return !mediaTypes.isEmpty();
  }

  boolean takes(String mediaType) {
    return mediaTypes.contains(mediaType) || mediaTypes.contains(ANY_MEDIA);
  }

  String mediaTypesInWords() {
    return String.join(" or ", new TreeSet<>(mediaTypes));
  }
}
