package org.probity.demo.breaking;

import java.util.Locale;
import java.util.Map;

/** What an answer to a client promises. */
enum Mode {
  /** It is durable at the node: what no other node holds is lost with the node's disk. */
  RECORDED;

  /** Of every node, by its key in the configuration. */
  Map<String, String> settings() {
    return Map.of();
  }

  /** Whether what was acknowledged a moment ago may be lost with the store. */
  boolean mayLose() {
    return this == RECORDED;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
