package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.List;
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
    for (Entry entry : node.entries(EntryType.DECISION)) {
      decisions.add(decoded((DecisionEntry) entry.body()));
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
