package org.probity.simulation.fault;

/** What every correct node is to conclude of a faulty one that has a correct witness. */
public enum Expectation {
  /** There is a proof. */
  EXPOSED,
  /** There is a proof, or it is suspected for as long as it goes on. */
  EXPOSED_OR_SUSPECTED,
  /** It is suspected for as long as it goes on, and nobody can prove anything. */
  SUSPECTED,
  /** Nothing: no correct node is affected, or only by what it notices itself. */
  NOTHING
}
