package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.client.ReceiptVerifier;
import org.probity.node.http.api.SubmissionResult;

/**
 * Sends one signed transaction so that it is never in doubt how to go on. Before anything leaves,
 * the receipt's file is there and the signed bytes are saved beside it; they go when the receipt
 * has come. Until then the very same bytes can be sent again, and are recorded once at most.
 *
 * <p>Costs one synced write of the statement. One use.
 */
final class Delivery {
  /** What is appended to the receipt's file name. */
  static final String STATEMENT_SUFFIX = ".statement";

  private static final int SHORT_ID_DIGITS = 16;

  private final Target target;
  private final Terminal terminal;
  private final NodeApi api;
  private final KnownDecisions decisions;
  private final String node;
  private final Statement statement;
  private final Path receiptFile;
  private final Path statementFile;
  private final boolean again;

  private Delivery(
      Target target,
      Terminal terminal,
      NodeApi api,
      Genesis genesis,
      String node,
      Statement statement,
      Path receiptFile,
      Path statementFile,
      boolean again) {
    this.target = target;
    this.terminal = terminal;
    this.api = api;
    this.decisions = KnownDecisions.none(genesis);
    this.node = node;
    this.statement = statement;
    this.receiptFile = receiptFile;
    this.statementFile = statementFile;
    this.again = again;
  }

  /**
   * Makes the two files; nothing is sent if that fails.
   *
   * @param target where the witnesses of {@code node} are found
   * @param receipt where to keep the receipt; null for a name of its own
   */
  static Delivery prepare(
      Target target,
      Terminal terminal,
      NodeApi api,
      Genesis genesis,
      String node,
      Statement statement,
      @Nullable Path receipt) {
    Path receiptFile =
        receipt != null
            ? receipt
            : Path.of(
                "receipt-"
                    + node
                    + "-"
                    + statement.id().toHex().substring(0, SHORT_ID_DIGITS)
                    + ".txt");
    Path statementFile = receiptFile.resolveSibling(receiptFile.getFileName() + STATEMENT_SUFFIX);
    create(receiptFile, Bytes.EMPTY);
    try {
      create(statementFile, statement.encoded());
    } catch (CliException e) {
      delete(receiptFile);
      throw e;
    }
    return new Delivery(
        target, terminal, api, genesis, node, statement, receiptFile, statementFile, false);
  }

  /** Of a statement that was saved and perhaps sent before. */
  static Delivery again(
      Target target,
      Terminal terminal,
      NodeApi api,
      Genesis genesis,
      String node,
      Statement statement,
      Path receiptFile,
      Path statementFile)
      throws IOException {
    if (!Files.exists(receiptFile)) {
      create(receiptFile, Bytes.EMPTY);
    } else if (Files.size(receiptFile) > 0) {
      throw unusable(receiptFile, "holds something already; --receipt names another file");
    }
    return new Delivery(
        target, terminal, api, genesis, node, statement, receiptFile, statementFile, true);
  }

  private static void create(Path file, Bytes content) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(content.toArray());
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw unusable(file, "exists already");
    } catch (NoSuchFileException e) {
      throw unusable(file, "its folder does not exist");
    } catch (IOException e) {
      throw unusable(file, Failures.classify(e).text());
    }
  }

  private static CliException unusable(Path file, String why) {
    return new CliException(
        ExitStatus.ERROR, "receipt_file_unusable", file + " " + why + ": nothing was sent");
  }

  /**
   * Sends, prints what became of it as soon as that is known, and keeps the receipt.
   *
   * @throws CliException whose text says whether the outcome is known and how to ask again
   */
  Submission.Recorded send() {
    SubmissionResult result = submit();
    long index = result.index().orElseThrow();
    byte[] receipt;
    try {
      receipt = api.get("/v1/transactions/" + index + "/receipt");
      requireValid(Bytes.wrap(receipt), index);
      Files.write(receiptFile, receipt);
    } catch (IOException | CliException e) {
      CliException failure = Failures.classify(e);
      ObjectNode json = json().put("index", index);
      json.set("outcome", result.outcome().orElseThrow());
      terminal.result(json.putNull("receiptFile").put("statementFile", statementFile.toString()));
      throw new CliException(
          failure.status(),
          "receipt_missing",
          "recorded as entry "
              + index
              + ", but without a receipt: "
              + failure.text()
              + ". "
              + howToAskAgain(),
          e);
    }
    delete(statementFile);
    Submission.Recorded recorded = new Submission.Recorded(statement, result, receiptFile);
    terminal.result(recorded.json());
    showWitnesses(Bytes.wrap(receipt));
    return recorded;
  }

  private void requireValid(Bytes receipt, long index) {
    if (!(new ReceiptVerifier(decisions.chain()).verify(receipt)
        instanceof ReceiptVerifier.Valid)) {
      // SPEC protocol.md §2.4: whose key it is, members may have decided since.
      decisions.learn(api);
    }
    ReceiptCommand.requireValid(new ReceiptVerifier(decisions.chain()), receipt, node, index);
  }

  private void showWitnesses(Bytes receipt) {
    try {
      new ReceiptHandOver(target, terminal, decisions).show(receipt);
    } catch (DecodeException e) {
      throw new IllegalStateException("the receipt was found valid", e);
    }
  }

  private SubmissionResult submit() {
    AtomicBoolean uncertain = new AtomicBoolean(again);
    try {
      SubmissionResult result = api.submit(statement.encoded(), () -> uncertain.set(true));
      if (result.index().isEmpty()
          || result.outcome().isEmpty()
          || !result.statementId().equals(statement.id().toHex())) {
        uncertain.set(true);
        throw new CliException(
            ExitStatus.ERROR, "nonsense", node + " answers about something else");
      }
      return result;
    } catch (CliException e) {
      if (!uncertain.get()) {
        delete(receiptFile);
        if (e.code().equals("unreachable")) {
          throw notThere(e);
        }
        delete(statementFile);
        throw new CliException(e.status(), e.code(), e.text() + ". Nothing was recorded", e);
      }
      terminal.result(
          json()
              .putNull("index")
              .putNull("outcome")
              .putNull("receiptFile")
              .put("statementFile", statementFile.toString()));
      throw unknown(e);
    }
  }

  /** A node may be down, or have no ear for this client: its witnesses ask it, if need be. */
  private CliException notThere(CliException e) {
    return new CliException(
        e.status(),
        e.code(),
        e.text()
            + ". Nothing was recorded. What was signed is in "
            + statementFile
            + ": probity transaction resend "
            + statementFile
            + " sends it, probity transaction hand-over "
            + statementFile
            + " has the witnesses of "
            + node
            + " ask for it; delete it if you do not want it any more",
        e);
  }

  private CliException unknown(CliException e) {
    String known =
        e.code().equals("expired")
            ? "its time is over, so it will not be recorded any more; whether it was before, the"
                + " account's transfers tell"
            : howToAskAgain();
    return new CliException(
        e.status(),
        "outcome_unknown",
        e.text()
            + ". It is not known whether transaction "
            + statement.id().toHex()
            + " was recorded: "
            + known,
        e);
  }

  private String howToAskAgain() {
    return "do not pay again, ask again: probity transaction resend "
        + statementFile
        + " (the same bytes are recorded once at most)";
  }

  private ObjectNode json() {
    return JsonNodeFactory.instance.objectNode().put("txId", statement.id().toHex());
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Only clutter: an empty receipt, or a statement that does nothing a second time.
    }
  }
}
