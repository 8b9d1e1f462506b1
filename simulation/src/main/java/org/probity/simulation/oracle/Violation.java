package org.probity.simulation.oracle;

/**
 * A promise that a simulation has seen broken.
 *
 * @param promise which one
 * @param node whose promise, or about whom; {@link #ALL}: the simulation's own
 * @param what in words
 */
public record Violation(Promise promise, String node, String what) {
  /** Instead of a node where it is the simulation itself. */
  public static final String ALL = "all";

  /** The promises, by the names they have in {@code docs/simulation.md}. */
  public enum Promise {
    /** No artefact that the verifier accepts names a correct node. */
    A1,
    /** When all is well again no correct node is suspected. */
    A2,
    /** Every observable fault is exposed or suspected by all correct nodes within its bound. */
    C1,
    /** Evidence verifies again from its bytes alone. */
    C2,
    /** What was acknowledged is durable. */
    D,
    /** Money is conserved. */
    M,
    /** The same seed gives the same trace. */
    R,
    /** A correct node is affected by a faulty one only finitely long. */
    F,
    /** What the members have decided, they and nobody else, holds on correct nodes. */
    G,
    /** Correct nodes get work done once all is well. */
    L,
    /** No input makes the software throw. */
    X;

    /** Whether a correct node is blamed where it is broken. */
    public boolean isAboutAccusation() {
      return this == A1 || this == A2;
    }
  }

  @Override
  public String toString() {
    return promise + " " + node + ": " + what;
  }
}
