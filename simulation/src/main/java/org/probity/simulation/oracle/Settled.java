package org.probity.simulation.oracle;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;

/**
 * What one correct node knows to be proven, and what of that its log has settled: a readmission
 * settles the faults of a node that were on record by then (docs/governance.md).
 */
final class Settled {
  private final Map<String, Map<Hash, Long>> provenMicros = new TreeMap<>();
  private final Map<String, Set<Hash>> recorded = new TreeMap<>();
  private final Set<Hash> settled = new HashSet<>();

  void proven(Optional<String> node, Hash fault, long atMicros) {
    node.filter(accused -> !settled.contains(fault))
        .ifPresent(
            accused ->
                provenMicros
                    .computeIfAbsent(accused, none -> new HashMap<>())
                    .putIfAbsent(fault, atMicros));
  }

  /** Since when something is proven against a node that is not settled. */
  Optional<Long> since(String node) {
    return provenMicros.getOrDefault(node, new HashMap<>()).values().stream().min(Long::compare);
  }

  /** The proofs are gone; what its log says about them stands. */
  void forgotten() {
    provenMicros.clear();
  }

  void logged(Bytes entry) {
    decided(entry)
        .ifPresent(
            action -> {
              if (action instanceof Action.SubmitEvidence evidence && evidence.log().isPresent()) {
                recorded
                    .computeIfAbsent(evidence.log().get().node(), none -> new HashSet<>())
                    .add(evidence.fault());
              } else if (action instanceof Action.ReadmitNode readmitted) {
                Set<Hash> now = recorded.getOrDefault(readmitted.node(), new HashSet<>());
                settled.addAll(now);
                provenMicros
                    .getOrDefault(readmitted.node(), new HashMap<>())
                    .keySet()
                    .removeAll(now);
              }
            });
  }

  /** What the members do by an entry, if it is a decision of theirs. */
  static Optional<Action> decided(Bytes entry) {
    if (!Entry.typeOf(entry).equals(Optional.of(EntryType.DECISION))) {
      return Optional.empty();
    }
    try {
      return Entry.decode(entry).body() instanceof DecisionEntry logged
          ? Optional.of(Decision.decode(logged.content()).action())
          : Optional.empty();
    } catch (DecodeException e) {
      throw new IllegalStateException("a correct node has logged what cannot be read", e);
    }
  }
}
