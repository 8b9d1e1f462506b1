package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.EventStream;

/**
 * Follows a node's events and counts the answers to its payments. For progress only: nothing is
 * verified here, the sums at the end are.
 */
final class LogFollower implements AutoCloseable {
  private static final String SETTLED = "ok";

  private final NodeApi node;
  private EventStream events;
  private volatile Counts counts = new Counts(0, 0, 0);

  private record Counts(long size, long settled, long returned) {}

  LogFollower(NodeApi node) {
    this.node = node;
    this.events = node.events(0, this::count);
  }

  /** Opens the stream again where it broke off, if it did. */
  void follow() {
    if (!events.isOpen()) {
      events = node.events(size(), this::count);
    }
  }

  /** Entries seen so far. */
  long size() {
    return counts.size();
  }

  /** Payments to other nodes that were credited there. */
  long settled() {
    return counts.settled();
  }

  /** Payments to other nodes that came back. */
  long returned() {
    return counts.returned();
  }

  private boolean count(JsonNode event) {
    Counts before = counts;
    long settled = before.settled();
    long returned = before.returned();
    for (JsonNode group : event.path("settlements")) {
      for (JsonNode code : group.path("codes")) {
        if (code.asText().equals(SETTLED)) {
          settled++;
        } else {
          returned++;
        }
      }
    }
    counts = new Counts(event.path("index").asLong() + 1, settled, returned);
    return false;
  }

  @Override
  public void close() {
    events.close();
  }
}
