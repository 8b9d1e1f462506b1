package org.probity.simulation.world;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** What a consortium spends: messages and bytes by purpose and node, and entries replayed. */
public final class Costs {
  private final Map<Request.Purpose, Traffic> traffic = new EnumMap<>(Request.Purpose.class);
  private final Map<String, Traffic> byNode = new TreeMap<>();
  private long replayedEntries;
  private long loggedEntries;

  /** Sums. */
  public static final class Traffic {
    private long messages;
    private long bytes;

    private void add(long size) {
      messages++;
      bytes += size;
    }

    public long messages() {
      return messages;
    }

    public long bytes() {
      return bytes;
    }
  }

  void sent(String from, Request.Purpose purpose, long bytes) {
    traffic.computeIfAbsent(purpose, none -> new Traffic()).add(bytes);
    byNode.computeIfAbsent(from, none -> new Traffic()).add(bytes);
  }

  public void replayed(long entries) {
    replayedEntries += entries;
  }

  public void logged(long entries) {
    loggedEntries += entries;
  }

  public Map<Request.Purpose, Traffic> traffic() {
    return new EnumMap<>(traffic);
  }

  public Map<String, Traffic> byNode() {
    return new TreeMap<>(byNode);
  }

  public long replayedEntries() {
    return replayedEntries;
  }

  public long loggedEntries() {
    return loggedEntries;
  }
}
