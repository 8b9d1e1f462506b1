package org.probity.detector.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Origin;

/**
 * Who is in the consortium by the durable log: every node in its present incarnation, and the
 * witness seats. One value for all parts of a {@link Node}, so that they never count by different
 * decisions.
 */
final class Roster {
  private final Genesis genesis;
  private Seating seating;

  Roster(Genesis genesis) {
    this.genesis = genesis;
    this.seating = Seating.founding(genesis);
  }

  /** Decisions have become durable. */
  void seated(Seating next) {
    seating = next;
  }

  Seating seating() {
    return seating;
  }

  /** Every node in its present incarnation, stopped or not, by id. Which ids there are is fixed. */
  List<NodeRecord> nodes() {
    return seating.nodes();
  }

  Optional<NodeRecord> node(String id) {
    return seating.node(id);
  }

  /** Every log that a node has written, in the order of its incarnations. */
  List<Origin> logs(String node) {
    List<Origin> logs = new ArrayList<>();
    node(node)
        .ifPresent(
            present -> {
              for (long incarnation = 0; incarnation <= present.incarnation(); incarnation++) {
                logs.add(new Origin(genesis.networkId(), node, incarnation));
              }
            });
    return logs;
  }

  /** Of the log that a node writes now. */
  Optional<Origin> origin(String node) {
    return node(node).map(genesis::origin);
  }

  /**
   * Whether this is a node as it is now: in no incarnation that is closed, or not approved here.
   */
  boolean isPresent(NodeRecord record) {
    return node(record.node()).filter(record::equals).isPresent();
  }
}
