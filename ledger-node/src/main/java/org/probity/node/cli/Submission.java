package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.Operation;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.PemFiles;

/** Signs one operation, submits it and keeps the receipt. */
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
   * Returns the contract's {@code {"txId","index","outcome","receiptFile"}}.
   *
   * @param receiptFile where to keep the receipt; null for a name of its own
   */
  static ObjectNode submit(
      NodeApi api,
      Genesis genesis,
      String node,
      Operation operation,
      List<Signer> signers,
      @Nullable Path receiptFile)
      throws IOException {
    Statement statement =
        new TransactionDraft(genesis.networkId(), node, Submitter.key(signers.get(0).publicKey()))
            .add(operation)
            .sign(ClientIds.random().next(System.currentTimeMillis() + VALID_MILLIS), signers);
    JsonNode reply = api.submit(statement.encoded());
    long index = reply.path("index").asLong();
    Path file =
        receiptFile == null ? Path.of("receipt-" + node + "-" + index + ".txt") : receiptFile;
    Files.write(file, api.get("/v1/transactions/" + index + "/receipt"));
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("txId", statement.id().toHex())
            .put("index", index);
    json.set("outcome", reply.path("outcome"));
    return json.put("receiptFile", file.toString());
  }

  /** {@link #OK}, or the stable code of why nothing of the transaction stands. */
  public static String code(JsonNode reply) {
    JsonNode refused = reply.path("refused");
    if (refused.isObject()) {
      return refused.path("code").asText();
    }
    JsonNode outcome = reply.path("outcome");
    return outcome.path("code").asText(outcome.path("status").asText("unknown"));
  }

  /** The exit code for a recorded transaction. */
  static ExitStatus status(JsonNode reply) {
    return switch (code(reply)) {
      case OK -> ExitStatus.OK;
      case "unauthorised" -> ExitStatus.UNAUTHORISED;
      default -> ExitStatus.ERROR;
    };
  }
}
