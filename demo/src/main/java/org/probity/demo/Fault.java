package org.probity.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the culprit can be told to do, and what the others must conclude. */
enum Fault {
  NONE("nobody cheats", Optional.empty(), Optional.empty(), ""),
  FORK(
      "keeps two histories: spends the same money in one shown to a bank that does not witness it"
          + " and in one shown to its witnesses",
      Optional.of("exposed"),
      Optional.of("FORK"),
      "org.probity.demo.fault.ForkingNode"),
  OVERDRAFT(
      "executes a payment although the payer has no money, sends the credit, and shows its witnesses"
          + " nothing until the receiver has answered",
      Optional.of("exposed"),
      Optional.of("INVALID_TRANSITION"),
      "org.probity.demo.fault.OverdraftNode");

  private final String description;
  private final Optional<String> expectedVerdict;
  private final Optional<String> expectedEvidence;
  private final String mainClass;

  Fault(
      String description,
      Optional<String> expectedVerdict,
      Optional<String> expectedEvidence,
      String mainClass) {
    this.description = description;
    this.expectedVerdict = expectedVerdict;
    this.expectedEvidence = expectedEvidence;
    this.mainClass = mainClass;
  }

  /** As on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Fault> of(String label) {
    return Arrays.stream(values()).filter(fault -> fault.label().equals(label)).findFirst();
  }

  String description() {
    return description;
  }

  /** What every correct node must say about the culprit in the end. */
  Optional<String> expectedVerdict() {
    return expectedVerdict;
  }

  /** The kind of the proof. */
  Optional<String> expectedEvidence() {
    return expectedEvidence;
  }

  /** What the culprit runs instead of the shipped main class. */
  String mainClass() {
    return mainClass;
  }
}
