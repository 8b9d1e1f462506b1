package org.probity.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.function.Predicate;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Seating;
import org.probity.ledger.client.Assurance;
import org.probity.ledger.client.ReceiptVerifier;
import org.probity.node.http.api.Polling;
import picocli.CommandLine.Option;

/** How far what a command has sent must have got before the command returns. */
final class WaitOptions {
  /** What can be waited for. */
  enum Wait {
    /** Durable in the log of the payer's node. */
    RECORDED,
    /** Answered by the payees' nodes, too. */
    SETTLED,
    /** Under a checkpoint that enough witnesses have cosigned. */
    WITNESSED,
    /** Replayed by enough witnesses. */
    AUDITED
  }

  @Option(
      names = "--wait",
      defaultValue = "recorded",
      description = {
        "recorded (default); settled: the payee's node has answered; witnessed, audited: the receipt",
        "says that enough witnesses have cosigned it, or replayed it."
      })
  private Wait wait = Wait.RECORDED;

  @Option(
      names = "--timeout",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "How long to wait; default ${DEFAULT-VALUE}.")
  private int timeoutSeconds;

  /**
   * Waits as long as was asked for; what did not succeed is not waited for.
   *
   * @throws CliException as {@link Settlement#await}; {@code not_witnessed} or {@code not_audited}
   *     if the receipt does not say so in time
   */
  void await(NodeApi api, Genesis genesis, String node, Submission.Recorded recorded) {
    if (recorded.status() != ExitStatus.OK) {
      return;
    }
    switch (wait) {
      case RECORDED -> {}
      case SETTLED -> Settlement.await(api, recorded, Duration.ofSeconds(timeoutSeconds));
      case WITNESSED ->
          awaitReceipt(
              api,
              genesis,
              node,
              recorded,
              Assurance.WITNESSED,
              ReceiptVerifier.Valid::isWitnessed);
      case AUDITED ->
          awaitReceipt(
              api,
              genesis,
              node,
              recorded,
              Assurance.AUDITED,
              receipt -> receipt.assurance() == Assurance.AUDITED);
    }
  }

  /** Asks for the receipt until it is worth as much, and keeps the one that is, or the best. */
  private void awaitReceipt(
      NodeApi api,
      Genesis genesis,
      String node,
      Submission.Recorded recorded,
      Assurance wanted,
      Predicate<ReceiptVerifier.Valid> isEnough) {
    Assurance[] reached = {Assurance.RECORDED};
    KnownDecisions decisions = KnownDecisions.none(genesis);
    boolean enough;
    try {
      enough =
          Polling.REMOTE.await(
              Duration.ofSeconds(timeoutSeconds),
              () -> {
                decisions.learn(api);
                byte[] receipt = api.get("/v1/transactions/" + recorded.index() + "/receipt");
                ReceiptVerifier.Valid found =
                    ReceiptCommand.requireValid(
                        new ReceiptVerifier(decisions.chain()),
                        Bytes.wrap(receipt),
                        node,
                        recorded.index());
                boolean done = isEnough.test(found);
                if (done || found.assurance().compareTo(reached[0]) > 0) {
                  keep(recorded, receipt);
                  reached[0] = found.assurance();
                }
                return done;
              });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitStatus.ERROR, "interrupted", "interrupted", e);
    }
    if (!enough) {
      throw new CliException(
          ExitStatus.ERROR,
          "not_" + ReceiptCommand.word(wanted),
          "it stands, but within "
              + timeoutSeconds
              + " s its receipt was only "
              + ReceiptCommand.word(reached[0])
              + ": "
              + missing(decisions.seating(), wanted));
    }
  }

  private static String missing(Seating seating, Assurance wanted) {
    int witnesses = seating.witnesses();
    return wanted == Assurance.WITNESSED
        ? seating.cosignatures() + " of the node's " + witnesses + " witnesses must have cosigned"
        : seating.faults()
            + 1
            + " of the node's "
            + witnesses
            + " witnesses must have replayed it and said so";
  }

  private static void keep(Submission.Recorded recorded, byte[] receipt) {
    try {
      Files.write(recorded.receiptFile(), receipt);
    } catch (IOException e) {
      throw new CliException(
          ExitStatus.ERROR,
          "receipt_file_unusable",
          "recorded, but " + recorded.receiptFile() + " cannot be written: " + e.getMessage(),
          e);
    }
  }
}
