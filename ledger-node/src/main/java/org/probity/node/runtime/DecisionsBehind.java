package org.probity.node.runtime;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.ValidDecision;

/**
 * Which wards have not logged what the members decided, by the state their replay has reached
 * (protocol.md §7.1). A replay that is behind makes a ward look behind: then it is asked once, and
 * answers. Thread-safe.
 */
final class DecisionsBehind {
  private final Hash networkId;
  private final long patienceMillis;
  private final Map<String, Lag> lags = new ConcurrentHashMap<>();

  /** The epoch that a ward has shown when it was challenged. */
  private final Map<String, Long> shown = new ConcurrentHashMap<>();

  /** A ward that stands in an epoch others have left. */
  private record Lag(long epoch, long sinceElapsed) {}

  DecisionsBehind(Hash networkId, long patienceMillis) {
    this.networkId = networkId;
    this.patienceMillis = patienceMillis;
  }

  /** A ward is in this epoch at least, whatever our replay of it says. */
  void answered(String ward, long epoch) {
    shown.merge(ward, epoch, Math::max);
  }

  /** The first decision that the ward has lacked for too long. */
  Optional<ValidDecision> lacking(Ward ward, DecisionChain chain, long elapsedMillis) {
    return ward.auditedState()
        .map(state -> Machine.system(state).governance(networkId).epoch())
        .flatMap(epoch -> lacking(ward.node(), epoch, chain, elapsedMillis));
  }

  Optional<ValidDecision> lacking(
      String ward, long replayedEpoch, DecisionChain chain, long elapsedMillis) {
    long epoch = Math.max(replayedEpoch, shown.getOrDefault(ward, 0L));
    if (epoch >= chain.decisions().size()) {
      lags.remove(ward);
      return Optional.empty();
    }
    Lag lag =
        lags.compute(
            ward,
            (node, known) ->
                known != null && known.epoch() == epoch ? known : new Lag(epoch, elapsedMillis));
    return elapsedMillis - lag.sinceElapsed() < patienceMillis
        ? Optional.empty()
        : Optional.of(chain.decisions().get((int) epoch));
  }
}
