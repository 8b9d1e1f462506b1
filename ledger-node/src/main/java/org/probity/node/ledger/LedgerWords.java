package org.probity.node.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.ChallengeEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.FloorEntry;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.Transaction;
import org.probity.ledger.client.TransactionResult;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.ledger.transaction.TransactionBody;

/**
 * Log entries in words, for people. Entries may come from a culprit: whatever they hold, there is a
 * text, and none is longer than {@value #MAX_LINES} lines.
 */
public final class LedgerWords implements EntryBody.Handler<List<String>> {
  static final int MAX_LINES = 40;

  private final List<AssetDefinition> assets;

  /**
   * @param assets of the genesis document; amounts in others are shown in minor units
   */
  public LedgerWords(List<AssetDefinition> assets) {
    this.assets = List.copyOf(assets);
  }

  /** What an entry says: a headline, then one line for each operation or message in it. */
  public List<String> entry(EntryBody body) {
    List<String> lines = body.handle(this);
    if (lines.size() <= MAX_LINES) {
      return lines;
    }
    List<String> cut = new ArrayList<>(lines.subList(0, MAX_LINES - 1));
    cut.add("and " + (lines.size() - cut.size()) + " more");
    return cut;
  }

  /** The operations of a statement as it stands in the log; signatures are not checked. */
  public static List<Operation> operations(Bytes statement) throws DecodeException {
    CborReader signatures = new CborReader(statement);
    signatures.arrayHeader();
    Bytes payload = CoseSign1.decode(signatures.bytes()).unverifiedPayload();
    return TransactionBody.decode(Transaction.decode(payload).body()).operations();
  }

  /** For example {@code failed at operation 1 of 3, insufficient_funds: the payer ...}. */
  public String outcome(Bytes encoded, int operations) {
    try {
      TransactionResult result = TransactionResult.decode(encoded);
      if (result.accepted()) {
        return "executed" + remitted(result.remitted());
      }
      String where = "refused";
      OptionalInt failed = result.operation();
      if (failed.isPresent()) {
        where = "failed at operation " + (failed.getAsInt() + 1) + " of " + operations;
      }
      return where + ", " + result.code() + ": " + result.message();
    } catch (DecodeException e) {
      return encoded.size() + " bytes that are no outcome (" + e.code() + ")";
    }
  }

  private String remitted(List<Outcome.Remitted> groups) {
    return groups.stream()
        .map(
            group ->
                "; sends "
                    + count(group.operations().size(), "credit")
                    + " in "
                    + code(group.asset())
                    + " to "
                    + group.node())
        .collect(Collectors.joining());
  }

  private String code(AssetId id) {
    return assets.stream()
        .filter(asset -> asset.id().equals(id))
        .findFirst()
        .map(AssetDefinition::code)
        .orElse("asset " + id);
  }

  private String amount(AssetId id, Amount minor) {
    return assets.stream()
        .filter(asset -> asset.id().equals(id))
        .findFirst()
        .map(asset -> asset.format(minor) + " " + asset.code())
        .orElse(minor + " minor units of asset " + id);
  }

  /** Where an operation names no asset, it is the account's; with one asset there is no choice. */
  private String amount(Amount minor) {
    return assets.size() == 1 ? amount(assets.get(0).id(), minor) : minor + " minor units";
  }

  private String payment(Amount minor, AccountId payer, AccountId payee) {
    return "pay " + amount(minor) + " from account " + payer + " to account " + payee;
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  private static String reference(References references) {
    return references.endToEndId().isEmpty() ? "" : ", reference " + references.endToEndId();
  }

  /** One operation, for example {@code pay 12.50 CZK from account .. to account .. at bank-b}. */
  public String operation(Operation operation) {
    return operation.accept(new Operations());
  }

  private final class Operations implements Operation.Handler<String> {
    @Override
    public String defineAsset(Operation.DefineAsset operation) {
      return "define asset " + operation.asset().code() + ", id " + operation.asset().id();
    }

    @Override
    public String openAccount(Operation.OpenAccount operation) {
      return "open account " + operation.account() + " in " + code(operation.asset());
    }

    @Override
    public String closeAccount(Operation.CloseAccount operation) {
      return "close account " + operation.account();
    }

    @Override
    public String freezeAccount(Operation.FreezeAccount operation) {
      return "freeze account " + operation.account();
    }

    @Override
    public String unfreezeAccount(Operation.UnfreezeAccount operation) {
      return "unfreeze account " + operation.account();
    }

    @Override
    public String issue(Operation.Issue operation) {
      return "issue "
          + amount(operation.asset(), operation.amountMinor())
          + " to account "
          + operation.payee()
          + reference(operation.references());
    }

    @Override
    public String redeem(Operation.Redeem operation) {
      return "redeem "
          + amount(operation.amountMinor())
          + " from account "
          + operation.payer()
          + reference(operation.references());
    }

    @Override
    public String transfer(Operation.Transfer operation) {
      return payment(operation.amountMinor(), operation.payer(), operation.payee())
          + reference(operation.references());
    }

    @Override
    public String remit(Operation.Remit operation) {
      return payment(operation.amountMinor(), operation.payer(), operation.payee())
          + " at "
          + operation.node()
          + reference(operation.references());
    }
  }

  @Override
  public List<String> genesis(GenesisEntry body) {
    return List.of("the log of " + body.node() + " begins, incarnation " + body.incarnation());
  }

  @Override
  public List<String> transaction(TransactionEntry body) {
    List<String> lines = new ArrayList<>();
    try {
      List<Operation> operations = operations(body.statement());
      lines.add(
          "a transaction of "
              + count(operations.size(), "operation")
              + ", logged as "
              + outcome(body.outcome(), operations.size()));
      operations.forEach(operation -> lines.add(operation(operation)));
    } catch (DecodeException e) {
      lines.add("a transaction that is none (" + e.code() + ")");
    }
    return lines;
  }

  @Override
  public List<String> send(SendEntry body) {
    List<String> lines = new ArrayList<>();
    lines.add("message " + body.sequence() + " to " + body.toNode());
    lines.addAll(message(body.payload()));
    return lines;
  }

  @Override
  public List<String> receive(ReceiveEntry body) {
    List<String> lines = new ArrayList<>();
    lines.add(count(body.sends().size(), "message") + " received under " + head(body.checkpoint()));
    for (Bytes send : body.sends()) {
      try {
        if (Entry.decode(send).body() instanceof SendEntry message) {
          lines.addAll(message(message.payload()));
        }
      } catch (DecodeException e) {
        lines.add("a message that is none (" + e.code() + ")");
      }
    }
    return lines;
  }

  private List<String> message(Bytes payload) {
    try {
      SettlementMessage message = SettlementMessage.decode(payload);
      return message instanceof SettlementMessage.Credits credits
          ? credits(credits)
          : results((SettlementMessage.Results) message);
    } catch (DecodeException e) {
      return List.of("content that is no settlement (" + e.code() + ")");
    }
  }

  private List<String> credits(SettlementMessage.Credits message) {
    List<String> lines = new ArrayList<>();
    for (SettlementMessage.CreditGroup group : message.groups()) {
      for (SettlementMessage.Credit credit : group.credits()) {
        lines.add(
            "credit "
                + amount(group.asset(), credit.amountMinor())
                + " to account "
                + credit.payee()
                + " from account "
                + credit.payer()
                + reference(credit.references()));
      }
    }
    return lines;
  }

  private List<String> results(SettlementMessage.Results message) {
    List<String> lines = new ArrayList<>();
    for (SettlementMessage.ResultGroup group : message.groups()) {
      String codes =
          group.codes().stream()
              .map(code -> code.label())
              .distinct()
              .collect(Collectors.joining(" "));
      lines.add(
          "answer to "
              + count(group.codes().size(), "credit")
              + " in "
              + code(group.asset())
              + " from number "
              + group.first()
              + ": "
              + codes);
    }
    return lines;
  }

  @Override
  public List<String> ack(AckEntry body) {
    return List.of("acknowledgement under " + head(body.checkpoint()));
  }

  @Override
  public List<String> tick(TickEntry body) {
    return List.of("ledger time " + Instant.ofEpochMilli(body.millis()));
  }

  @Override
  public List<String> challenge(ChallengeEntry body) {
    return List.of("a challenge of " + body.content().size() + " bytes");
  }

  @Override
  public List<String> decision(DecisionEntry body) {
    return List.of("a decision of " + body.content().size() + " bytes");
  }

  @Override
  public List<String> floor(FloorEntry body) {
    return List.of("a floor of " + body.content().size() + " bytes");
  }

  @Override
  public List<String> state(StateEntry body) {
    return List.of("state root " + body.stateRoot());
  }

  private static String head(Bytes checkpoint) {
    try {
      SignedCheckpoint parsed = SignedCheckpoint.parse(checkpoint);
      return "a checkpoint of " + parsed.origin().node() + " over " + parsed.size() + " entries";
    } catch (DecodeException e) {
      return "a checkpoint that is none (" + e.code() + ")";
    }
  }
}
