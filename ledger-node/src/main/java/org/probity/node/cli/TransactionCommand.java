package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.program.Transaction;
import org.probity.ledger.client.TransactionDraft;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code transaction}: signed transactions, whatever they do. */
@Command(
    name = "transaction",
    description = "Sends signed transactions again, or by way of a witness.")
final class TransactionCommand {
  private final Terminal terminal;

  TransactionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "resend",
      description = {
        "Sends a transaction again that a transfer or account open has left behind because its",
        "outcome or its receipt did not arrive. The same bytes are recorded once at most: if they",
        "were recorded, the answer is the first one. With --wait settled it returns when the payee's",
        "node has answered, also if that was long ago."
      })
  Integer resend(
      @Mixin Target target,
      @Mixin WaitOptions waiting,
      @Parameters(paramLabel = "FILE", description = "The signed transaction, *.statement.")
          Path file,
      @Option(
              names = "--receipt",
              paramLabel = "FILE",
              description = "Where to keep the receipt; default FILE without .statement.")
          @Nullable Path receipt)
      throws IOException {
    Bytes encoded = read(file);
    Genesis genesis = target.genesis();
    Statement statement;
    String node;
    try {
      statement = Statement.decode(encoded);
      node =
          Transaction.decode(
                  new StatementVerifier(SignatureRule.fastest(), genesis.networkId())
                      .verify(statement, Transaction.TYP)
                      .payload())
              .node();
    } catch (DecodeException e) {
      throw new CliException(
          ExitStatus.ERROR,
          e.code(),
          file + " is no signed transaction of this consortium: " + e.getMessage(),
          e);
    }
    if (target.node().filter(named -> !named.equals(node)).isPresent()) {
      throw CliException.usage("the transaction is for " + node + " alone");
    }
    Path receiptFile = receipt == null ? receiptFile(file) : receipt;
    NodeApi api = target.api(terminal, node);
    Submission.Recorded recorded =
        Delivery.again(target, terminal, api, genesis, node, statement, receiptFile, file).send();
    waiting.await(api, genesis, node, recorded);
    return recorded.status().code();
  }

  @Command(
      name = "hand-over",
      description = {
        "Hands a transaction to another node because its home node does not take it. That node asks",
        "the home node before everybody to log it, or to prove that it may not be executed, and",
        "until then it is suspected. --node or --url name the node it is handed to, a witness of the",
        "home node for example. Says what the home node has answered within a few seconds; a reason",
        "that it has proven is an error with that reason's code."
      })
  void handOver(
      @Mixin Target witness,
      @Parameters(paramLabel = "FILE", description = "The signed transaction, *.statement.")
          Path file)
      throws IOException {
    JsonNode handed = witness.api(terminal).handOver(read(file));
    if (handed.path("state").asText().equals("refused")) {
      throw new CliException(
          ExitStatus.ERROR,
          handed.path("code").asText(),
          handed.path("target").asText()
              + " has shown that the transaction is not executed: "
              + handed.path("message").asText());
    }
    terminal.result(handed);
  }

  private static Path receiptFile(Path file) {
    String name = String.valueOf(file.getFileName());
    return file.resolveSibling(
        name.endsWith(Delivery.STATEMENT_SUFFIX)
            ? name.substring(0, name.length() - Delivery.STATEMENT_SUFFIX.length())
            : name + ".receipt");
  }

  private static Bytes read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Bytes.wrap(in.readNBytes(TransactionDraft.MAX_STATEMENT_BYTES + 1));
    }
  }
}
