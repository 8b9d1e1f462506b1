package org.probity.detector.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Violation;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.DecisionEntry;

/** Logs the members' decisions in epoch order (protocol.md §5.3), each once. */
final class Decisions {
  /** Decisions that wait for earlier ones; who brings more has to come again. */
  static final int MAX_WAITING = 64;

  private final Machine machine;

  /** What was known when this node started, and what it has logged since. */
  private DecisionChain chain;

  private final TreeMap<Long, ValidDecision> waiting = new TreeMap<>();

  /** By node, the epoch of its last readmission that is in our log. */
  private final Map<String, Long> readmitted = new TreeMap<>();

  /**
   * @param chain as far as known when this node starts
   */
  Decisions(Machine machine, DecisionChain chain) {
    this.machine = machine;
    this.chain = chain;
  }

  /** Whose keys are whose, by the decisions known here. */
  DecisionChain chain() {
    return chain;
  }

  void taken(ValidDecision decision, LogWriter writer, long wallMillis, List<Effect> effects) {
    long epoch = decision.decision().epoch();
    if (epoch < epoch(writer)) {
      // After a restart all that was decided is told again.
      note(decision);
    }
    if (waiting.size() < MAX_WAITING || epoch == epoch(writer)) {
      waiting.putIfAbsent(epoch, decision);
    }
    ValidDecision next = waiting.remove(epoch(writer));
    while (next != null) {
      Optional<Violation> violation = writer.decide(new DecisionEntry(next.encoded()), wallMillis);
      if (violation.isPresent()) {
        effects.add(new Effect.DecisionRefused(next, violation.get()));
        break;
      }
      note(next);
      next = waiting.remove(epoch(writer));
    }
    // Of an epoch that is logged: no news, whoever's ballots it carries.
    waiting.headMap(epoch(writer)).clear();
  }

  private void note(ValidDecision logged) {
    if (logged.decision().action() instanceof Action.ReadmitNode action) {
      readmitted.merge(action.node(), logged.decision().epoch(), Math::max);
    }
    if (logged.decision().epoch() != chain.decisions().size()) {
      return;
    }
    try {
      chain = chain.append(logged.encoded());
    } catch (DecodeException e) {
      // SPEC protocol.md §5.3: the members have split, which is reported where decisions are kept
      // and is no reason to stop. Keys that this one enrols stay unknown here, and no others.
      return;
    }
  }

  /** The epoch in which the members have last readmitted a node, by our log. */
  Optional<Long> readmittedAt(String node) {
    return Optional.ofNullable(readmitted.get(node));
  }

  /** Of the log, what is not durable included: that of the next decision. */
  long epoch(LogWriter writer) {
    return Machine.system(writer.state()).governance(machine.genesis().networkId()).epoch();
  }
}
