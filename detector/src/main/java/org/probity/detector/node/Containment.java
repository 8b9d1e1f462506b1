package org.probity.detector.node;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.Verdict;

/**
 * Who is kept out because of what is proven (protocol.md §8.3), until the members say otherwise:
 * the one answer for all that goes to another node, comes from it, or is asked about it.
 *
 * <p>A proof holds for ever and its node stays exposed. What follows from it is for the members: a
 * readmission settles every fault that was on record when it was decided. Another fault, or one
 * that nobody had put on record, keeps the node out again. All of that is in the log of decisions,
 * so correct nodes agree on it as soon as they have the same decisions and proofs, and none is kept
 * waiting by another.
 */
final class Containment {
  private final Trust trust;
  private final Decisions decisions;
  private final Supplier<GovernanceState> state;

  /**
   * @param state of our own log, what is not durable included
   */
  Containment(Trust trust, Decisions decisions, Supplier<GovernanceState> state) {
    this.trust = trust;
    this.decisions = decisions;
    this.state = state;
  }

  /** Whether something is proven against the node that no readmission has settled. */
  boolean isContained(String node) {
    return trust.verdict(node) == Verdict.EXPOSED
        && trust.proofs().stream()
            .filter(proof -> proof.node().filter(node::equals).isPresent())
            .anyMatch(proof -> !isSettled(node, proof));
  }

  /** What is proven against readmitted nodes, and no readmission has settled. */
  List<Evidence> unsettled() {
    return trust.proofs().stream()
        .filter(
            proof ->
                proof
                    .node()
                    .filter(node -> decisions.readmittedAt(node).isPresent())
                    .filter(node -> !isSettled(node, proof))
                    .isPresent())
        .toList();
  }

  private boolean isSettled(String node, Evidence proof) {
    Optional<Long> recorded = state.get().recordedAt(proof.fault());
    Optional<Long> readmitted = decisions.readmittedAt(node);
    return recorded.isPresent() && readmitted.isPresent() && recorded.get() <= readmitted.get();
  }
}
