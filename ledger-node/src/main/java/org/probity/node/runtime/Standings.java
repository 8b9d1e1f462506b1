package org.probity.node.runtime;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.Seating;
import org.probity.detector.state.StateTree;
import org.probity.node.http.PeerStanding;

/**
 * What the decisions in the durable log have made of each node, and, as long as this one may log
 * nothing, those that it knows: else it would neither ask nor answer whom the members have
 * readmitted while it was down, and wait for just that. Read by any thread.
 */
final class Standings {
  private final Genesis genesis;
  private final String self;
  private final BooleanSupplier isLogging;
  private final Supplier<DecisionChain> decided;
  private volatile Known known;

  /** Of one epoch. */
  record Known(long epoch, Map<String, NodeStanding> nodes, Seating seating) {
    Known {
      nodes = Map.copyOf(nodes);
    }
  }

  /**
   * @param isLogging whether the boot gate is open
   * @param decided as far as known here, logged or not; asked while the gate is closed
   */
  Standings(
      Genesis genesis, String self, BooleanSupplier isLogging, Supplier<DecisionChain> decided) {
    this.genesis = genesis;
    this.self = self;
    this.isLogging = isLogging;
    this.decided = decided;
    this.known = new Known(0, Map.of(), Seating.founding(genesis));
  }

  /** Takes in a durable state; returns who has been stopped by it. Called by one thread. */
  List<String> reached(StateTree state) {
    GovernanceState governance = Machine.system(state).governance(genesis.networkId());
    Known before = known;
    if (governance.epoch() == before.epoch()) {
      return List.of();
    }
    Map<String, NodeStanding> nodes = new HashMap<>();
    for (NodeRecord node : governance.nodes()) {
      nodes.put(node.node(), governance.standing(node.node()));
    }
    Known now = new Known(governance.epoch(), nodes, Seating.of(governance));
    known = now;
    return genesis.nodes().stream()
        .map(NodeRecord::node)
        .filter(node -> !isActive(now, node) && isActive(before, node))
        .toList();
  }

  Known known() {
    return known;
  }

  /** The witness seats in force here. */
  Seating seating() {
    return known.seating();
  }

  PeerStanding of(String node) {
    if (known.seating().node(node).isEmpty() || node.equals(self)) {
      return PeerStanding.UNKNOWN;
    }
    NodeStanding standing =
        isLogging.getAsBoolean() ? standing(known, node) : decided.get().state().standing(node);
    return standing instanceof NodeStanding.Active
        ? PeerStanding.CURRENT
        : standing instanceof NodeStanding.Suspended
            ? PeerStanding.SUSPENDED
            : PeerStanding.REVOKED;
  }

  private static NodeStanding standing(Known known, String node) {
    return known.nodes().getOrDefault(node, new NodeStanding.Active());
  }

  private static boolean isActive(Known known, String node) {
    return standing(known, node) instanceof NodeStanding.Active;
  }
}
