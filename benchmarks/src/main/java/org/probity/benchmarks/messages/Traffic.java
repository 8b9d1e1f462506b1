package org.probity.benchmarks.messages;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Messages and bytes between nodes, by what they are for. Bytes are those of request and answer
 * bodies: what HTTP/2 and TLS add is the same for every protocol on top of them and depends on how
 * many requests share a record. Thread-safe.
 */
final class Traffic {

  /** What a message is for. */
  enum Kind {
    ENVELOPE("envelopes", "SENDs with a checkpoint and proofs"),
    ACK("acks", "the answers to them"),
    FORWARDING("forwarding", "checkpoints shown to the witnesses of their log"),
    WITNESSING("witnessing", "logs streamed to their witnesses, cosignatures, signs of life"),
    AUDIT("audit", "AUDIT statements; the replay itself needs no message"),
    GOVERNANCE("governance", "asking for proposals, ballots and decisions, once a second"),
    DISPUTE("disputes", "challenges, evidence, entries asked for again");

    private final String label;
    private final String meaning;

    Kind(String label, String meaning) {
      this.label = label;
      this.meaning = meaning;
    }

    String label() {
      return label;
    }

    String meaning() {
      return meaning;
    }
  }

  private static final class Counter {
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
  }

  /** Counts of one kind. */
  record Count(long messages, long bytes) {
    static final Count NONE = new Count(0, 0);

    Count minus(Count earlier) {
      return new Count(messages - earlier.messages, bytes - earlier.bytes);
    }
  }

  private final Map<Kind, Counter> counters = new EnumMap<>(Kind.class);

  Traffic() {
    for (Kind kind : Kind.values()) {
      counters.put(kind, new Counter());
    }
  }

  void add(Kind kind, long bytes) {
    Counter counter = counters.get(kind);
    if (counter != null) {
      counter.messages.increment();
      counter.bytes.add(bytes);
    }
  }

  /** Everything counted so far. */
  Map<Kind, Count> counted() {
    Map<Kind, Count> counts = new EnumMap<>(Kind.class);
    counters.forEach(
        (kind, counter) ->
            counts.put(kind, new Count(counter.messages.sum(), counter.bytes.sum())));
    return counts;
  }
}
