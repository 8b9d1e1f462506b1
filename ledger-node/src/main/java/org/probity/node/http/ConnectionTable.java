package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open connections of a listener. It bounds their number and closes those that have had no
 * request for too long, whatever bytes dribble in: a header sent one byte a second never makes a
 * request. Thread-safe.
 */
final class ConnectionTable {
  private final int maxConnections;
  private final Quota perAddress;
  private final long firstRequestNanos;
  private final long idleNanos;
  private final Map<HttpConnection, Use> open = new ConcurrentHashMap<>();

  /** What one connection does. */
  private static final class Use {
    private final String address;
    private int requests;
    private boolean used;
    private long quietSinceNanos;

    Use(String address, long nowNanos) {
      this.address = address;
      quietSinceNanos = nowNanos;
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

  ConnectionTable(
      int maxConnections, int maxConnectionsPerAddress, Duration firstRequest, Duration idle) {
    this.maxConnections = maxConnections;
    this.perAddress = new Quota(maxConnectionsPerAddress);
    this.firstRequestNanos = firstRequest.toNanos();
    this.idleNanos = idle.toNanos();
  }

  /** Takes a new connection in; false if it is one too many. */
  boolean admit(HttpConnection connection, long nowNanos) {
    // Two threads may pass the test together; the bound is then exceeded by the event loops'
    // number.
    String address = ClientAddress.of(connection.remoteAddress());
    if (open.size() >= maxConnections || !perAddress.tryEnter(address)) {
      return false;
    }
    open.put(connection, new Use(address, nowNanos));
    return true;
  }

  void remove(HttpConnection connection) {
    Use use = open.remove(connection);
    if (use != null) {
      perAddress.leave(use.address);
    }
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

  /** Closes what has been quiet for too long. */
  void sweep(long nowNanos) {
    open.forEach(
        (connection, use) -> {
          if (use.overdue(nowNanos, firstRequestNanos, idleNanos)) {
            connection.close();
          }
        });
  }

  int size() {
    return open.size();
  }
}
