package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.program.Transaction;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.client.WitnessHandOver;
import org.probity.ledger.client.WitnessLink;
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
        "Hands a transaction to f + 1 witnesses of its home node, one of whom is correct, because that",
        "does not take it; or to one node, if --node or --url names it. They ask the home node before",
        "everybody to log it, or to prove that it may not be executed, and until then it is suspected.",
        "Says what the home node has answered within a few seconds; a reason that it has proven is an",
        "error with that reason's code."
      })
  void handOver(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "The signed transaction, *.statement.")
          Path file)
      throws IOException {
    Bytes transaction = read(file);
    if (target.node().isPresent() || target.url().isPresent()) {
      JsonNode handed = target.api(terminal).handOver(transaction);
      if (handed.path("state").asText().equals("refused")) {
        throw refused(
            handed.path("target").asText(),
            handed.path("code").asText(),
            handed.path("message").asText());
      }
      terminal.result(handed);
      return;
    }
    try {
      tell(
          new WitnessHandOver(target.genesis(), target.link(terminal))
              .handOver(Statement.decode(transaction)));
    } catch (DecodeException e) {
      throw new CliException(
          ExitStatus.ERROR,
          e.code(),
          file + " is no signed transaction of this consortium: " + e.getMessage(),
          e);
    }
  }

  private void tell(WitnessHandOver.Handing handing) {
    List<WitnessLink.Asked> asked =
        handing.answers().stream().flatMap(answer -> answer.asked().stream()).toList();
    if (asked.isEmpty()) {
      WitnessHandOver.Handed last = handing.answers().get(handing.answers().size() - 1);
      throw new CliException(
          ExitStatus.ERROR,
          last.code(),
          "no witness of " + handing.node() + " asks for it: " + troubles(handing));
    }
    // The home node's log has it or has not: whoever says that it has is easily checked.
    WitnessLink.Asked told =
        asked.stream()
            .filter(one -> one.state() == WitnessLink.Asked.State.RECORDED)
            .findFirst()
            .orElse(asked.get(0));
    if (asked.stream().allMatch(one -> one.state() == WitnessLink.Asked.State.REFUSED)) {
      throw refused(handing.node(), told.code(), told.message());
    }
    if (!handing.isEnough()) {
      terminal.say(
          handing.asking()
              + " of the "
              + handing.needed()
              + " witnesses that must ask to be sure do ("
              + troubles(handing)
              + ")");
    }
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("challenge", told.challenge())
            .put("target", handing.node())
            .put("state", told.state().name().toLowerCase(Locale.ROOT));
    told.index().ifPresent(index -> json.put("index", index));
    ArrayNode witnesses = json.putArray("witnesses");
    handing.answers().stream()
        .filter(answer -> answer.asked().isPresent())
        .forEach(answer -> witnesses.add(answer.witness()));
    terminal.result(json);
  }

  private static String troubles(WitnessHandOver.Handing handing) {
    return String.join(
        "; ",
        handing.answers().stream()
            .filter(answer -> answer.asked().isEmpty())
            .map(answer -> answer.witness() + ": " + answer.trouble())
            .toList());
  }

  private static CliException refused(String home, String code, String reason) {
    return new CliException(
        ExitStatus.ERROR,
        code,
        home + " has shown that the transaction is not executed: " + reason);
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
