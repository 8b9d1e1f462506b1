package org.probity.node.http;

import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names requests, so that an answer, a log line and a complaint can be matched. Thread-safe. */
final class RequestIds {
  static final String HEADER = "x-request-id";

  private static final Pattern ACCEPTABLE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final String prefix;
  private final AtomicLong counter = new AtomicLong();

  /**
   * A fresh series.
   *
   * @param startNonce differs between two starts of a node
   */
  RequestIds(long startNonce) {
    prefix = Long.toHexString(startNonce) + "-";
  }

  /** The caller's own id if it is harmless, else a fresh one. */
  String idFor(@Nullable String offered) {
    return offered != null && ACCEPTABLE.matcher(offered).matches()
        ? offered
        : prefix + counter.incrementAndGet();
  }
}
