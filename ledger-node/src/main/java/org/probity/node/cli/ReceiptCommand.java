package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.TlogPolicy;
import org.probity.ledger.client.Assurance;
import org.probity.ledger.client.ReceiptVerifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code receipt}: what a client holds in its hand. */
@Command(name = "receipt", description = "Verifies receipts.")
final class ReceiptCommand {
  private final Terminal terminal;

  ReceiptCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "verify",
      description = {
        "Verifies a receipt offline: the transaction stands in the node's signed log. The assurance",
        "says who else stands behind it: recorded, witnessed or audited. Exit code 0: valid; 10: not."
      })
  Integer verify(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "The receipt, a C2SP tlog-proof.") Path file,
      @Option(
              names = "--policy",
              paramLabel = "FILE",
              description =
                  "Whom to trust, a C2SP tlog-policy; default: the logs and witnesses of the genesis"
                      + " document.")
          @Nullable Path policyFile,
      @Option(
              names = "--decisions",
              paramLabel = "FILE",
              description =
                  "What governance decisions --output json has printed: then what witnesses signed"
                      + " counts by the seats of every epoch up to there; default: by those of the"
                      + " genesis document.")
          @Nullable Path decisionsFile,
      @Option(
              names = "--show-witnesses",
              description =
                  "Also show its checkpoint to f + 1 witnesses of the log, who hold it against"
                      + " the history they know.")
          boolean showWitnesses)
      throws IOException {
    Bytes receipt = Bytes.wrap(Files.readAllBytes(file));
    Genesis genesis = target.genesis();
    KnownDecisions decisions =
        decisionsFile == null
            ? KnownDecisions.none(genesis)
            : KnownDecisions.read(genesis, decisionsFile);
    ReceiptVerifier verifier = new ReceiptVerifier(decisions.chain());
    ReceiptVerifier.Verdict verdict =
        policyFile == null ? verifier.verify(receipt) : verifier.verify(receipt, read(policyFile));
    terminal.result(json(verdict));
    if (!(verdict instanceof ReceiptVerifier.Valid)) {
      return ExitStatus.FAULT.code();
    }
    if (showWitnesses) {
      show(target, decisions, receipt);
    }
    return ExitStatus.OK.code();
  }

  private void show(Target target, KnownDecisions decisions, Bytes receipt) {
    try {
      new ReceiptHandOver(target, terminal, decisions).show(receipt);
    } catch (DecodeException e) {
      throw new IllegalStateException("the receipt was found valid", e);
    }
  }

  /** The contract's {@code {"verdict","node","index","assurance"}}, or the reason why not. */
  private static ObjectNode json(ReceiptVerifier.Verdict verdict) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (verdict instanceof ReceiptVerifier.Valid valid) {
      return json.put("verdict", "VALID")
          .put("node", valid.node().node())
          .put("index", valid.index())
          .put("assurance", word(valid.assurance()));
    }
    ReceiptVerifier.Invalid invalid = (ReceiptVerifier.Invalid) verdict;
    json.put("verdict", "INVALID");
    invalid.node().ifPresent(node -> json.put("node", node.node()).put("index", invalid.index()));
    return json.put("reason", invalid.code());
  }

  static String word(Assurance assurance) {
    return assurance.name().toLowerCase(Locale.ROOT);
  }

  /**
   * What it is worth; throws unless it proves the transaction at {@code index} of the node's log.
   */
  static ReceiptVerifier.Valid requireValid(
      ReceiptVerifier verifier, Bytes receipt, String node, long index) {
    ReceiptVerifier.Verdict verdict = verifier.verify(receipt);
    if (verdict instanceof ReceiptVerifier.Valid valid
        && valid.node().node().equals(node)
        && valid.index() == index) {
      return valid;
    }
    String reason = verdict instanceof ReceiptVerifier.Invalid invalid ? invalid.code() : "";
    throw new CliException(
        ExitStatus.FAULT,
        "receipt_invalid",
        "what " + node + " calls a receipt proves nothing " + reason);
  }

  private static TlogPolicy read(Path file) throws IOException {
    try {
      return TlogPolicy.parse(Bytes.wrap(Files.readAllBytes(file)));
    } catch (DecodeException e) {
      throw CliException.config(e.code(), file + ": " + e.getMessage());
    }
  }
}
