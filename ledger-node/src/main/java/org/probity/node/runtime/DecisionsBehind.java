package org.probity.node.runtime;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.ValidDecision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which wards have not logged what the members decided, by the state their replay has reached
 * (protocol.md §7.1). A replay that is behind makes a ward look behind: then it is asked once, and
 * answers. Thread-safe.
 *
 * <p>A ward whose log has another decision where ours has one is not behind: more than a third of
 * the members have voted twice, and each log follows one half of what they decided (protocol.md
 * §5.3). That is for people, and nothing the ward could answer.
 */
final class DecisionsBehind {
  private static final Logger LOG = LoggerFactory.getLogger(DecisionsBehind.class);

  private final Hash networkId;
  private final long patienceMillis;
  private final Map<String, Lag> lags = new ConcurrentHashMap<>();

  /** The epoch that a ward has shown when it was challenged. */
  private final Map<String, Long> shown = new ConcurrentHashMap<>();

  /** Wards whose decisions are known to be others. */
  private final Set<String> split = ConcurrentHashMap.newKeySet();

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
        .map(state -> Machine.system(state).governance(networkId))
        .flatMap(
            governance ->
                lacking(
                    ward.node(),
                    governance.epoch(),
                    governance.lastDecision(),
                    chain,
                    elapsedMillis));
  }

  /**
   * @param lastDecision of the ward's log, in the state before {@code replayedEpoch}
   */
  Optional<ValidDecision> lacking(
      String ward, long replayedEpoch, Hash lastDecision, DecisionChain chain, long elapsedMillis) {
    if (isSplit(replayedEpoch, lastDecision, chain)) {
      if (split.add(ward)) {
        LOG.error(
            "governance has split: the log of {} has another decision of epoch {} than this node's",
            ward,
            replayedEpoch - 1);
      }
      lags.remove(ward);
      return Optional.empty();
    }
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

  private static boolean isSplit(long epoch, Hash lastDecision, DecisionChain chain) {
    return epoch > 0
        && epoch <= chain.decisions().size()
        && !chain.decisions().get((int) epoch - 1).id().equals(lastDecision);
  }

  /** Wards whose log follows other decisions than ours. */
  Set<String> split() {
    return Set.copyOf(split);
  }
}
