package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.api.SubmissionResult;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.PemFiles;
import org.probity.node.ledger.OperationJson;

/** Signed operations, and what became of them. */
final class Submission {
  private static final long VALID_MILLIS = 10 * 60 * 1000L;

  /** What the ledger calls a transaction that stands. */
  static final String OK = "ok";

  private Submission() {}

  /** Reads a private key in PKCS#8 PEM. */
  static Signer signer(Path keyFile) {
    try {
      return Signer.checked(
          Signer.of(PemFiles.readSecret(keyFile).ed25519()), SignatureRule.fastest());
    } catch (IdentityException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * What became of an operation.
   *
   * @param receiptFile holds the receipt
   */
  record Recorded(Statement statement, SubmissionResult result, Path receiptFile) {
    long index() {
      return result.index().orElseThrow();
    }

    /** The contract's {@code {"txId","index","outcome","receiptFile"}}. */
    ObjectNode json() {
      ObjectNode json =
          JsonNodeFactory.instance
              .objectNode()
              .put("txId", statement.id().toHex())
              .put("index", index());
      json.set("outcome", result.outcome().orElseThrow());
      return json.put("receiptFile", receiptFile.toString());
    }

    /** The exit code. */
    ExitStatus status() {
      return switch (result.code()) {
        case OK -> ExitStatus.OK;
        case "unauthorised" -> ExitStatus.UNAUTHORISED;
        default -> ExitStatus.ERROR;
      };
    }
  }

  /** One operation as a transaction for {@code node}, with an id of its own. */
  static Statement sign(Genesis genesis, String node, Operation operation, List<Signer> signers) {
    return new TransactionDraft(
            genesis.networkId(), node, Submitter.key(signers.get(0).publicKey()))
        .add(operation)
        .sign(ClientIds.random().next(System.currentTimeMillis() + VALID_MILLIS), signers);
  }

  /** What sending it would do: {@code {"dryRun","node","operation","signers"}}. */
  static ObjectNode plan(String node, Operation operation, List<Signer> signers) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("dryRun", true).put("node", node);
    json.set("operation", OperationJson.of(operation));
    ArrayNode keys = json.putArray("signers");
    signers.forEach(signer -> keys.add(signer.publicKey().toBytes().toHex()));
    return json;
  }
}
