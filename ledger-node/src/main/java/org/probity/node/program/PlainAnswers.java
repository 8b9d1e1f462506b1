package org.probity.node.program;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.TransactionOutcome;
import org.probity.node.http.LedgerQueries;

/**
 * What a node says about a program that is not the ledger: there are no accounts and no assets, and
 * an outcome is what the program wrote, as hex.
 */
public final class PlainAnswers implements LedgerQueries {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Page NOTHING = new Page(List.of(), Optional.empty());

  @Override
  public Optional<ObjectNode> account(String accountId) {
    return Optional.empty();
  }

  @Override
  public Page accounts(Optional<String> cursor, int limit) {
    return NOTHING;
  }

  @Override
  public Optional<Page> transfers(String accountId, Optional<String> cursor, int limit) {
    return Optional.empty();
  }

  @Override
  public Page assets(Optional<String> cursor, int limit) {
    return NOTHING;
  }

  @Override
  public JsonNode outcome(Bytes outcome) {
    try {
      TransactionOutcome decoded = TransactionOutcome.decode(outcome);
      String code = decoded.status().label();
      return decoded.status() == TransactionOutcome.Status.EXECUTED
          ? JSON.objectNode()
              .put("status", "executed")
              .put("code", code)
              .put("detail", decoded.detail().toHex())
          : JSON.objectNode().put("status", "refused").put("code", code);
    } catch (DecodeException e) {
      throw new IllegalStateException("own outcome is damaged: " + e.getMessage(), e);
    }
  }

  @Override
  public JsonNode returns(Bytes payload) {
    return JSON.arrayNode();
  }

  @Override
  public JsonNode settlements(Bytes payload) {
    return JSON.arrayNode();
  }
}
