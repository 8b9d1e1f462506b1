package org.probity.detector.audit;

import java.util.List;
import java.util.Optional;
import org.probity.detector.evidence.Evidence;

/** What became of proving a {@link Finding}. */
public sealed interface Proof {

  /** The verifier accepts it, and so does everybody's. */
  record Proven(Evidence proof) implements Proof {}

  /** The checkpoint does not cover the entry: ask again with a later one. */
  record NotCovered() implements Proof {}

  /**
   * The verifier accepts nothing we have to show. Never the accused's merit: the audit and the
   * verifier disagree, which is a bug of ours and has to be told to whoever runs this node.
   *
   * @param reasons why, one for each attempt
   */
  record Unproven(List<String> reasons) implements Proof {
    public Unproven {
      reasons = List.copyOf(reasons);
    }
  }

  default Optional<Evidence> evidence() {
    return this instanceof Proven proven ? Optional.of(proven.proof()) : Optional.empty();
  }
}
