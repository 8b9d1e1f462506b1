package org.probity.node.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/** What a request says its body is. */
final class MediaType {
  private MediaType() {}

  /** Lower case, without parameters; empty when absent. */
  static String of(HttpServerRequest request) {
    String header = request.getHeader("content-type");
    if (header == null) {
      return "";
    }
    int parameters = header.indexOf(';');
    return (parameters < 0 ? header : header.substring(0, parameters))
        .strip()
        .toLowerCase(Locale.ROOT);
  }
}
