package org.probity.simulation.oracle;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * L of governance: where those whose nodes are correct are a quorum, what is proven has its
 * consequence in the end, whatever the others do: it is on record, and its node is stopped
 * (protocol.md §13.2). And what the members have agreed on is decided.
 */
final class Proceedings {
  private final World world;
  private final Watch watch;
  private final List<SimulatedNode> present;
  private final Set<String> stopped;
  private final List<Action> decided;

  /** A decision takes a turn, and so does what follows from it. */
  private final long untilMicros;

  /**
   * @param present correct nodes that are not stopped
   * @param stopped by the members in the end
   * @param decided by them, in this order
   */
  Proceedings(
      World world,
      Watch watch,
      List<SimulatedNode> present,
      Set<String> stopped,
      List<Action> decided) {
    this.world = world;
    this.watch = watch;
    this.present = List.copyOf(present);
    this.stopped = new TreeSet<>(stopped);
    this.decided = List.copyOf(decided);
    this.untilMicros = world.timeline().nowMicros() - world.agenda().turnMicros();
  }

  /** When nothing moves any more, and those whose nodes are correct are a quorum. */
  void judge() {
    // So many decisions follow from one another that nobody has waited for the last ones.
    if (watch.lastDecidedMicros() > untilMicros) {
      watch.excused(Excuse.STILL_DECIDING);
      return;
    }
    Genesis genesis = world.founding().genesis();
    for (SimulatedNode by : present) {
      genesis.nodes().stream()
          .map(NodeRecord::node)
          .filter(node -> !stopped.contains(node))
          .filter(node -> isKnownLong(watch.unsettledSince(by.name(), node)))
          .forEach(
              node -> undecided(node, "is proven guilty at " + by.name() + " and not stopped"));
      watch
          .membersProvenAt(by.name())
          .forEach(
              (member, since) -> {
                if (since <= untilMicros && !isOnRecord(member)) {
                  undecided(member, "is proven guilty at " + by.name() + " and not on record");
                }
              });
    }
    world
        .agenda()
        .wanted()
        .forEach(
            (action, since) -> {
              if (since <= untilMicros) {
                undecided(Violation.ALL, "members want " + action.name() + " and decide nothing");
              }
            });
  }

  private void undecided(String who, String what) {
    watch.violated(Promise.L, who, what + ", and those whose nodes are correct are a quorum");
  }

  private boolean isKnownLong(Optional<Long> sinceMicros) {
    return sinceMicros.filter(since -> since <= untilMicros).isPresent();
  }

  private boolean isOnRecord(String member) {
    return decided.stream()
        .anyMatch(
            action ->
                action instanceof Action.SubmitEvidence recorded
                    && recorded.log().isEmpty()
                    && recorded.member().equals(member));
  }
}
