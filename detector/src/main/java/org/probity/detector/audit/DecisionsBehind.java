package org.probity.detector.audit;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.state.StateTree;

/**
 * Which wards have not logged what the members decided, by the state their replay has reached
 * (protocol.md §7.1). A replay that is behind makes a ward look behind: then it is asked once, and
 * answers.
 *
 * <p>A ward whose log has another decision where ours has one is not behind: more than a third of
 * the members have voted twice, and each log follows one half of what they decided (protocol.md
 * §5.3). That is for people, and nothing the ward could answer.
 *
 * <p>For example, of three decisions a ward's replayed state knows one. Once that has been so for
 * the patience, the second is what it lacks; once it has shown that it has logged that, the third
 * is, a patience later.
 *
 * <p>Thread-safe. Cost of a look: reads of governance in the state, and one comparison.
 */
public final class DecisionsBehind {
  private final Hash networkId;
  private final long patienceMillis;
  private final Splits splits;
  private final Map<String, Lag> lags = new HashMap<>();

  /** The epoch that a ward has shown when it was challenged. */
  private final Map<String, Long> shown = new HashMap<>();

  /** Wards whose decisions are known to be others. */
  private final Set<String> split = new TreeSet<>();

  /** Where a ward stood when it was looked at last: as a rule it has not moved. */
  private final Map<String, Stand> stands = new HashMap<>();

  /**
   * What the state of a ward says.
   *
   * @param lastDecision in that state
   */
  private record Stand(StateTree state, long epoch, Hash lastDecision) {}

  /** A ward that stands in an epoch others have left. */
  private record Lag(long epoch, long sinceElapsed) {}

  /** Who hears of it when governance has split. */
  public interface Splits {
    /**
     * The log of {@code ward} has another decision than ours. Told once per ward, by whoever looks
     * at it.
     *
     * @param epoch of the last decision in the ward's log; where it parted from ours may be earlier
     */
    void split(String ward, long epoch);
  }

  /**
   * @param patienceMillis what a ward has to log a decision
   */
  public DecisionsBehind(Hash networkId, long patienceMillis, Splits splits) {
    this.networkId = networkId;
    this.patienceMillis = patienceMillis;
    this.splits = splits;
  }

  /** A ward is in this epoch at least, whatever our replay of it says. */
  public synchronized void answered(String ward, long epoch) {
    shown.merge(ward, epoch, Math::max);
  }

  /**
   * The first decision that the ward has lacked for too long.
   *
   * @param auditedState where the replay of its log has come to, if anything was replayed
   * @param chain what we know to be decided
   * @param elapsedMillis now; never goes back
   */
  public Optional<ValidDecision> lacking(
      String ward, Optional<StateTree> auditedState, DecisionChain chain, long elapsedMillis) {
    return auditedState
        .map(state -> stand(ward, state))
        .flatMap(stand -> lacking(ward, stand.epoch(), stand.lastDecision(), chain, elapsedMillis));
  }

  private synchronized Stand stand(String ward, StateTree state) {
    Stand known = stands.get(ward);
    if (known == null || known.state() != state) {
      GovernanceState governance = Machine.system(state).governance(networkId);
      known = new Stand(state, governance.epoch(), governance.lastDecision());
      stands.put(ward, known);
    }
    return known;
  }

  /**
   * @param lastDecision of the ward's log, in the state before {@code replayedEpoch}
   */
  Optional<ValidDecision> lacking(
      String ward, long replayedEpoch, Hash lastDecision, DecisionChain chain, long elapsedMillis) {
    if (isSplit(replayedEpoch, lastDecision, chain)) {
      if (noteSplit(ward)) {
        splits.split(ward, replayedEpoch - 1);
      }
      return Optional.empty();
    }
    return lacking(ward, replayedEpoch, chain, elapsedMillis);
  }

  private static boolean isSplit(long epoch, Hash lastDecision, DecisionChain chain) {
    return epoch > 0
        && epoch <= chain.decisions().size()
        && !chain.decisions().get((int) epoch - 1).id().equals(lastDecision);
  }

  private synchronized boolean noteSplit(String ward) {
    lags.remove(ward);
    return split.add(ward);
  }

  private synchronized Optional<ValidDecision> lacking(
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

  /**
   * The members have let another incarnation of the ward begin (protocol.md §11.3): what its closed
   * log had, or lacked, says nothing of the one that goes on.
   */
  public synchronized void forget(String ward) {
    lags.remove(ward);
    shown.remove(ward);
    split.remove(ward);
    stands.remove(ward);
  }

  /** Wards whose log follows other decisions than ours. */
  public synchronized Set<String> split() {
    return Set.copyOf(split);
  }
}
