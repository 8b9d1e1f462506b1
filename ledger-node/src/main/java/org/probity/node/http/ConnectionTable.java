package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The connections of a listener that have had their handshake. It closes those that have had no
 * request for too long, whatever bytes dribble in: a header sent one byte a second never makes a
 * request. Thread-safe.
 */
final class ConnectionTable {
  private final long firstRequestNanos;
  private final long idleNanos;
  private final Map<HttpConnection, Use> open = new ConcurrentHashMap<>();

  /** What one connection does. */
  private static final class Use {
    private int requests;
    private boolean used;
    private long quietSinceNanos;

    Use(long nowNanos) {
      quietSinceNanos = nowNanos;
    }

    synchronized boolean isUsed() {
      return used;
    }

    synchronized void begin() {
      requests++;
      used = true;
    }

    synchronized void end(long nowNanos) {
      requests--;
      quietSinceNanos = nowNanos;
    }

    synchronized boolean overdue(long nowNanos, long firstRequestNanos, long idleNanos) {
      return requests == 0 && nowNanos - quietSinceNanos > (used ? idleNanos : firstRequestNanos);
    }
  }

  ConnectionTable(Duration firstRequest, Duration idle) {
    this.firstRequestNanos = firstRequest.toNanos();
    this.idleNanos = idle.toNanos();
  }

  void add(HttpConnection connection, long nowNanos) {
    open.put(connection, new Use(nowNanos));
  }

  void remove(HttpConnection connection) {
    open.remove(connection);
  }

  void requestBegins(HttpConnection connection) {
    Use use = open.get(connection);
    if (use != null) {
      use.begin();
    }
  }

  void requestEnds(HttpConnection connection, long nowNanos) {
    Use use = open.get(connection);
    if (use != null) {
      use.end(nowNanos);
    }
  }

  /**
   * Closes what has been quiet for too long, and whoever may not stay.
   *
   * @param mayStay asked of connections that have had a request, so that who calls is known
   */
  void sweep(long nowNanos, Predicate<HttpConnection> mayStay) {
    open.forEach(
        (connection, use) -> {
          if (use.overdue(nowNanos, firstRequestNanos, idleNanos)
              || (use.isUsed() && !mayStay.test(connection))) {
            connection.close();
          }
        });
  }
}
