package org.probity.node.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.StateView;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.node.http.LedgerQueries;
import org.probity.node.http.Problems;

/** Answers over one state of the ledger. Amounts are decimal strings in minor units. */
public final class LedgerJson implements LedgerQueries {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final LedgerReader reader;
  private final TransferHistory history;

  /**
   * @param state the application's part of the state; read only
   */
  public LedgerJson(StateView state, TransferHistory history) {
    this.reader = new LedgerReader(state);
    this.history = history;
  }

  @Override
  public Optional<ObjectNode> account(String accountId) {
    AccountId id = parse("accountId", accountId);
    return reader.account(id).map(account -> account(id, account));
  }

  @Override
  public Page accounts(Optional<String> cursor, int limit) {
    @Nullable AccountId after = cursor.map(text -> parse("cursor", text)).orElse(null);
    List<LedgerReader.NamedAccount> found = reader.accounts(after, limit);
    List<ObjectNode> items =
        found.stream().map(named -> account(named.id(), named.account())).toList();
    return new Page(
        items,
        found.size() < limit
            ? Optional.empty()
            : Optional.of(found.get(found.size() - 1).id().toString()));
  }

  @Override
  public Optional<Page> transfers(String accountId, Optional<String> cursor, int limit) {
    AccountId id = parse("accountId", accountId);
    if (reader.account(id).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(history.page(id, cursor, limit));
  }

  @Override
  public Page assets(Optional<String> cursor, int limit) {
    List<ObjectNode> items = new ArrayList<>();
    String after = cursor.orElse("");
    List<AssetDefinition> assets =
        reader.assets().stream()
            .filter(asset -> asset.id().toString().compareTo(after) > 0)
            .toList();
    for (AssetDefinition asset : assets.subList(0, Math.min(limit, assets.size()))) {
      items.add(asset(asset));
    }
    return new Page(
        items,
        assets.size() <= limit
            ? Optional.empty()
            : Optional.of(assets.get(limit - 1).id().toString()));
  }

  @Override
  public JsonNode outcome(Bytes outcome) {
    ObjectNode json = JSON.objectNode();
    try {
      TransactionOutcome decoded = TransactionOutcome.decode(outcome);
      if (decoded.status() != TransactionOutcome.Status.EXECUTED) {
        return json.put("status", "refused").put("code", decoded.status().label());
      }
      return executed(json, Outcome.decode(decoded.detail()));
    } catch (DecodeException e) {
      throw new IllegalStateException("own outcome is damaged: " + e.getMessage(), e);
    }
  }

  @Override
  public JsonNode settlements(Bytes payload) {
    ArrayNode groups = JSON.arrayNode();
    try {
      if (SettlementMessage.decode(payload) instanceof SettlementMessage.Results results) {
        for (SettlementMessage.ResultGroup group : results.groups()) {
          ArrayNode codes =
              groups
                  .addObject()
                  .put("asset", group.asset().toString())
                  .put("first", group.first())
                  .putArray("codes");
          group.codes().forEach(code -> codes.add(code.label()));
        }
      }
    } catch (DecodeException e) {
      // A correct node may have received nonsense from another one; it settles nothing.
      return JSON.arrayNode();
    }
    return groups;
  }

  @Override
  public JsonNode returns(Bytes payload) {
    ArrayNode groups = JSON.arrayNode();
    try {
      if (SettlementMessage.decode(payload) instanceof SettlementMessage.Credits credits) {
        for (SettlementMessage.CreditGroup group : credits.groups()) {
          ArrayNode codes =
              groups
                  .addObject()
                  .put("asset", group.asset().toString())
                  .put("first", group.first())
                  .putArray("codes");
          group.credits().forEach(credit -> codes.add("node_revoked"));
        }
      }
    } catch (DecodeException e) {
      throw new IllegalStateException("an own message is damaged: " + e.getMessage(), e);
    }
    return groups;
  }

  private static ObjectNode executed(ObjectNode json, Outcome outcome) {
    json.put("code", outcome.code().label());
    if (outcome instanceof Outcome.Failed failed) {
      return json.put("status", "failed").put("operation", failed.operation());
    }
    if (outcome instanceof Outcome.Refused) {
      return json.put("status", "refused");
    }
    ArrayNode remitted = json.put("status", "executed").putArray("remitted");
    for (Outcome.Remitted group : ((Outcome.Accepted) outcome).remitted()) {
      ObjectNode item =
          remitted
              .addObject()
              .put("node", group.node())
              .put("asset", group.asset().toString())
              .put("first", group.first());
      ArrayNode operations = item.putArray("operations");
      group.operations().forEach(operations::add);
    }
    return json;
  }

  private static ObjectNode account(AccountId id, Account account) {
    ObjectNode json =
        JSON.objectNode()
            .put("id", id.toString())
            .put("asset", account.asset().toString())
            .put("status", account.status().name().toLowerCase(Locale.ROOT))
            .put("flags", account.flags())
            .put("debitsPendingMinor", account.debitsPending().toString())
            .put("debitsPostedMinor", account.debitsPosted().toString())
            .put("creditsPendingMinor", account.creditsPending().toString())
            .put("creditsPostedMinor", account.creditsPosted().toString())
            .put(
                "balanceMinor",
                account
                    .creditsPosted()
                    .toBigInteger()
                    .subtract(account.debitsPosted().toBigInteger())
                    .toString());
    json.set("owner", policy(account.owner()));
    return json;
  }

  private static ObjectNode asset(AssetDefinition asset) {
    ObjectNode json =
        JSON.objectNode()
            .put("id", asset.id().toString())
            .put("code", asset.code())
            .put("scale", asset.scale())
            .put("flags", asset.flags());
    json.set("issuer", policy(asset.issuer()));
    return json;
  }

  private static ObjectNode policy(KeyPolicy policy) {
    ObjectNode json = JSON.objectNode().put("threshold", policy.threshold());
    ArrayNode keys = json.putArray("keys");
    policy.keys().forEach(key -> keys.add(key.toHex()));
    return json;
  }

  private static AccountId parse(String field, String text) {
    try {
      return AccountId.fromHex(text);
    } catch (IllegalArgumentException e) {
      throw Problems.badField("bad_account_id", field, "an account id is 32 lower-case hex digits");
    }
  }
}
