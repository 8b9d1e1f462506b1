package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Entry;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TlogProof;
import org.probity.detector.log.TransactionEntry;
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
        "Verifies a receipt offline: the transaction stands in the node's signed log.",
        "Exit code 0: valid; 10: not."
      })
  Integer verify(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "The receipt, a C2SP tlog-proof.") Path file,
      @Option(
              names = "--policy",
              paramLabel = "FILE",
              description =
                  "Whom to trust, a C2SP tlog-policy; default: the logs of the genesis document.")
          @Nullable Path policyFile,
      @Option(
              names = "--show-witnesses",
              description =
                  "Also show its checkpoint to f + 1 witnesses of the log, who hold it against"
                      + " the history they know.")
          boolean showWitnesses)
      throws IOException {
    Bytes receipt = Bytes.wrap(Files.readAllBytes(file));
    Genesis genesis = target.genesis();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    boolean valid;
    try {
      valid = judge(TlogProof.parse(receipt), genesis, policyFile, json);
      if (valid && showWitnesses) {
        new ReceiptHandOver(target, terminal, genesis).show(json.path("node").asText(), receipt);
      }
    } catch (DecodeException e) {
      json.put("verdict", "INVALID").put("reason", e.code());
      valid = false;
    }
    terminal.result(json);
    return (valid ? ExitStatus.OK : ExitStatus.FAULT).code();
  }

  /** Throws unless this proves the transaction at {@code index} of the node's log. */
  static void requireValid(Bytes receipt, Genesis genesis, String node, long index)
      throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    boolean valid;
    try {
      valid = judge(TlogProof.parse(receipt), genesis, null, json);
    } catch (DecodeException e) {
      json.put("reason", e.code());
      valid = false;
    }
    if (!valid
        || !json.path("node").asText().equals(node)
        || json.path("index").asLong() != index) {
      throw new CliException(
          ExitStatus.FAULT,
          "receipt_invalid",
          "what " + node + " calls a receipt proves nothing " + json.path("reason").asText());
    }
  }

  private static boolean judge(
      TlogProof proof, Genesis genesis, @Nullable Path policyFile, ObjectNode json)
      throws IOException, DecodeException {
    Origin origin = Origin.parse(Checkpoint.parse(proof.checkpoint().text()).origin());
    NodeRecord node =
        genesis
            .node(origin.node())
            .filter(known -> genesis.origin(known).equals(origin))
            .orElseThrow(() -> new DecodeException("unknown_origin", "no node of the consortium"));
    Bytes entry =
        ReceiptExtra.decode(
                proof
                    .extra()
                    .orElseThrow(
                        () -> new DecodeException("entry_missing", "the receipt has no entry")))
            .entry();
    TlogPolicy policy = policyFile == null ? ofLog(genesis, node) : read(policyFile);
    TlogProof.Verdict verdict = proof.verify(SignatureRule.fastest(), policy, Rfc6962.leaf(entry));
    boolean valid =
        verdict instanceof TlogProof.Valid
            && Entry.decode(entry).index() == proof.index()
            && Entry.decode(entry).body() instanceof TransactionEntry;
    json.put("verdict", valid ? "VALID" : "INVALID")
        .put("node", origin.node())
        .put("index", proof.index());
    if (valid) {
      json.put("assurance", isWitnessed(proof, genesis, node) ? "witnessed" : "recorded");
    } else {
      json.put("reason", reason(verdict));
    }
    return valid;
  }

  /** The node's own log; what its witnesses add decides the assurance, not the validity. */
  private static TlogPolicy ofLog(Genesis genesis, NodeRecord node) {
    return TlogPolicy.ofLog(logKey(genesis, node));
  }

  private static NoteVerifierKey logKey(Genesis genesis, NodeRecord node) {
    return NoteVerifierKey.ofLog(genesis.origin(node).format(), node.logKey());
  }

  private static boolean isWitnessed(TlogProof proof, Genesis genesis, NodeRecord node) {
    List<NoteVerifierKey> witnesses =
        Seats.witnessesOf(node.node(), 0, genesis.parameters().witnesses(), genesis.nodes())
            .stream()
            .map(
                seat ->
                    NoteVerifierKey.ofCosigner(genesis.origin(seat).format(), seat.cosignerKey()))
            .toList();
    TlogPolicy policy =
        TlogPolicy.of(
            List.of(logKey(genesis, node)), witnesses, genesis.parameters().cosignatures());
    return policy.evaluate(SignatureRule.fastest(), proof.checkpoint())
        instanceof TlogPolicy.Accepted;
  }

  private static TlogPolicy read(Path file) throws IOException {
    try {
      return TlogPolicy.parse(Bytes.wrap(Files.readAllBytes(file)));
    } catch (DecodeException e) {
      throw CliException.config(e.code(), file + ": " + e.getMessage());
    }
  }

  private static String reason(TlogProof.Verdict verdict) {
    if (verdict instanceof TlogProof.Untrusted untrusted) {
      return untrusted.reason().name().toLowerCase(java.util.Locale.ROOT);
    }
    return verdict instanceof TlogProof.NotIncluded ? "not_included" : "not_a_transaction";
  }
}
