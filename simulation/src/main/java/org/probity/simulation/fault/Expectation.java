package org.probity.simulation.fault;

/** What every correct node is to conclude of a faulty one that has a correct witness. */
public enum Expectation {
  /** There is a proof. */
  EXPOSED,
  /** There is a proof, or it is suspected for as long as it goes on. */
  EXPOSED_OR_SUSPECTED,
  /** It is suspected for as long as it goes on, and nobody can prove anything. */
  SUSPECTED,
  /**
   * Nothing that lasts, and never a proof: what it does harms nobody for good, and there is nothing
   * that proves it. Whoever exposes it has framed it.
   */
  UNPROVABLE,
  /** Nothing, or a proof of AUDITs of what it has not looked at; of nothing else. */
  NOTHING
}
