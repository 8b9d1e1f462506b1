package org.probity.demo;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.demo.fault.Cheat;
import org.probity.demo.fault.CheatingNode;
import org.probity.demo.fault.ForkingNode;
import org.probity.demo.fault.RewritingNode;

/** What the culprit can be told to do, and what the others must conclude. */
enum Fault {
  NONE("nobody cheats", null, null, null),
  FORK(
      "keeps two histories: spends the same money in one shown to a bank that does not witness it"
          + " and in one shown to its witnesses",
      Detection.EXPOSED,
      "FORK",
      null),
  OVERDRAFT(
      "executes a payment although the payer has no money, sends the credit, and shows its witnesses"
          + " nothing until the receiver has answered",
      Detection.EXPOSED,
      "INVALID_TRANSITION",
      Cheat.OVERDRAFT),
  SILENCE(
      "acknowledges no message and answers no challenge, while it serves its customers as ever",
      Detection.SUSPECTED,
      null,
      Cheat.SILENCE),
  LYING_OUTCOME(
      "tells a customer without money, and its log, that the payment was accepted",
      Detection.EXPOSED,
      "INVALID_TRANSITION",
      Cheat.LYING_OUTCOME),
  MINT(
      "credits a friend with money that no issuer has issued, and the friend pays it to another bank",
      Detection.EXPOSED,
      "INVALID_TRANSITION",
      Cheat.MINT),
  DOUBLE_CREDIT(
      "credits a payment from another bank twice, and the payee pays the surplus on",
      Detection.EXPOSED,
      "INVALID_TRANSITION",
      Cheat.DOUBLE_CREDIT),
  FORGED_TRANSACTION(
      "logs a payment that the customer has not signed",
      Detection.EXPOSED,
      "INVALID_ENTRY",
      Cheat.FORGED_TRANSACTION),
  REWRITE(
      "goes back to before a payment that is settled, and lets the payer spend the money again",
      Detection.EXPOSED,
      "FORK",
      null),
  LAZY_WITNESS(
      "signs that a ward's log is clean without looking at it, while the ward overdraws",
      Detection.EXPOSED,
      "FALSE_AUDIT",
      Cheat.LAZY_WITNESS),
  FRAMING(
      "accuses a correct node before everybody of what it has made up, and asks it for what does"
          + " not exist",
      null,
      null,
      Cheat.FRAMING),
  CENSORSHIP(
      "drops what one of its customers submits", Detection.SUSPECTED, null, Cheat.CENSORSHIP);

  private final String description;
  private final @Nullable String expectedVerdict;
  private final @Nullable String expectedEvidence;
  private final @Nullable Cheat cheat;

  Fault(
      String description,
      @Nullable String expectedVerdict,
      @Nullable String expectedEvidence,
      @Nullable Cheat cheat) {
    this.description = description;
    this.expectedVerdict = expectedVerdict;
    this.expectedEvidence = expectedEvidence;
    this.cheat = cheat;
  }

  /** As on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Fault> of(String label) {
    return Arrays.stream(values()).filter(fault -> fault.label().equals(label)).findFirst();
  }

  String description() {
    return description;
  }

  /**
   * What every correct node must say about the culprit in the end; empty where it may say anything
   * of it, and nothing of anybody else.
   */
  Optional<String> expectedVerdict() {
    return Optional.ofNullable(expectedVerdict);
  }

  /** The kind of the proof. */
  Optional<String> expectedEvidence() {
    return Optional.ofNullable(expectedEvidence);
  }

  /** So many banks that the correct ones are enough to revoke whoever cheats. */
  int usualNodes() {
    return this == LAZY_WITNESS ? 7 : 5;
  }

  /** What the culprit's node does, if all it takes is one that is built otherwise. */
  Optional<Cheat> cheat() {
    return Optional.ofNullable(cheat);
  }

  /** Starts the culprit's node; it behaves until it is triggered. */
  void launch(Bank bank) throws IOException {
    if (this == FORK) {
      bank.launch(ForkingNode.class.getName(), List.of());
    } else if (this == REWRITE) {
      bank.launch(RewritingNode.class.getName(), List.of());
    } else if (cheat != null) {
      bank.launch(CheatingNode.class.getName(), List.of(cheat.name()));
    } else {
      bank.launch();
    }
  }
}
