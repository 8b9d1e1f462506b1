package org.probity.node.http;

/**
 * Where it is put on record what operators have done to a node. Does not block; thread-safe. What
 * cannot be recorded is said in the node's log and in {@code /readyz}.
 */
public interface ActionRecord {
  /** Whoever is on the node's machine. */
  String LOCAL = "local";

  /** Whoever has proven nothing. */
  String ANONYMOUS = "anonymous";

  /** What a refusal is called: strangers cause it, so not every one is written. */
  String REFUSED = "refused";

  /** Records nothing. */
  ActionRecord NONE = (who, what, about, outcome) -> {};

  /**
   * Records one action.
   *
   * @param who a listed caller's name, {@link #LOCAL} or {@link #ANONYMOUS}
   * @param what {@code audit.run} for example
   * @param about what it was about, for people
   * @param outcome {@code done}, or the stable code of what went wrong
   */
  void record(String who, String what, String about, String outcome);
}
