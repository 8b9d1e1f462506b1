package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.simulation.node.SimulatedNode;

/**
 * What the members have decided as one node has it on its disk.
 *
 * @param decisions in the order of its log
 */
record Decided(List<Decision> decisions) {
  Decided {
    decisions = List.copyOf(decisions);
  }

  static Decided by(SimulatedNode node) {
    List<Decision> decisions = new ArrayList<>();
    for (long index = 0; index < node.disk().log().size(); index++) {
      boolean isDecision =
          Entry.typeOf(node.disk().log().entry(index)).equals(Optional.of(EntryType.DECISION));
      if (isDecision) {
        decisions.add(decoded((DecisionEntry) node.entry(index).body()));
      }
    }
    return new Decided(decisions);
  }

  static Decision decoded(DecisionEntry entry) {
    try {
      return Decision.decode(entry.content());
    } catch (DecodeException e) {
      throw new IllegalStateException("a logged decision is malformed", e);
    }
  }

  /** One for each epoch. */
  List<Action> actions() {
    return decisions.stream().map(Decision::action).toList();
  }
}
