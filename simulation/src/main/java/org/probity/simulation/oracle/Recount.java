package org.probity.simulation.oracle;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.ledger.transaction.SettlementMessage.Credit;
import org.probity.ledger.transaction.SettlementMessage.CreditGroup;
import org.probity.ledger.transaction.SettlementMessage.ResultGroup;
import org.probity.ledger.transaction.TransactionBody;
import org.probity.simulation.node.StoredEntries;

/**
 * The books of one node, kept once more from the entries of its log by rules that are written down
 * here and nowhere else: what customers asked for, what is said to have become of it, and what came
 * from other nodes and went there. Nobody's signature is looked at, which is for other oracles.
 *
 * <p>Cost: each entry is read once.
 */
final class Recount {
  /** What an account has to spend, of which asset, and whether it takes part. */
  private static final class Account {
    private final AssetId asset;
    private BigInteger available = BigInteger.ZERO;
    private boolean isFrozen;
    private boolean isClosed;
    private int underWay;

    Account(AssetId asset) {
      this.asset = asset;
    }

    private void add(BigInteger amount) {
      available = available.add(amount);
    }

    private boolean close() {
      isClosed = true;
      return true;
    }

    private boolean freeze(boolean isToBe) {
      isFrozen = isToBe;
      return true;
    }

    private boolean isOpen() {
      return !isFrozen && !isClosed;
    }
  }

  /** Credits in one asset for one other node, or from it. */
  record Channel(AssetId asset, String peer) {}

  /** What has passed through a channel, in minor units. */
  static final class Passed {
    private BigInteger sent = BigInteger.ZERO;
    private BigInteger settled = BigInteger.ZERO;
    private BigInteger returned = BigInteger.ZERO;
    private BigInteger received = BigInteger.ZERO;
    private BigInteger refused = BigInteger.ZERO;
    private long nextOutgoing;
    private long nextIncoming;

    /** Sent there and not given back, less what came from there. */
    BigInteger net() {
      return sent.subtract(returned).subtract(received);
    }

    /** Sent there. */
    BigInteger sent() {
      return sent;
    }

    /** Credited there, as that says. */
    BigInteger settled() {
      return settled;
    }

    /** Given back from there. */
    BigInteger returned() {
      return returned;
    }

    /** Credited here. */
    BigInteger received() {
      return received;
    }

    /** Given back to there. */
    BigInteger refused() {
      return refused;
    }

    /** Sent there and not answered yet. */
    BigInteger pending() {
      return sent.subtract(settled).subtract(returned);
    }
  }

  private record Group(Channel channel, long first) {}

  private final String node;
  private final Map<AccountId, Account> accounts = new HashMap<>();
  private final Set<AssetId> assets = new HashSet<>();
  private final Map<AssetId, BigInteger> issued = new HashMap<>();
  private final Map<AssetId, BigInteger> redeemed = new HashMap<>();
  private final Map<Channel, Passed> channels = new LinkedHashMap<>();
  private final Map<Group, List<Credit>> underWay = new HashMap<>();

  /** What payers have been debited of and what has not left yet. */
  private final Map<Channel, BigInteger> owed = new LinkedHashMap<>();

  /** Answers to what has come in that have not left yet: of each credit whether it was taken. */
  private final Map<String, Deque<List<Boolean>>> answers = new TreeMap<>();

  private final Set<String> stopped = new TreeSet<>();
  private final Set<Bytes> attempts;
  private final Map<String, Long> takenByRevoked = new TreeMap<>();
  private final List<String> findings = new ArrayList<>();

  private Recount(String node, Set<AssetId> founding, Set<Bytes> attempts) {
    this.node = node;
    this.attempts = attempts;
    assets.addAll(founding);
  }

  /**
   * Counts a correct node's log.
   *
   * @param size entries, up to the end of a batch
   * @param founding assets that every node knows from the beginning
   * @param attempts what was asked for by those who may not; to all others a node must not say so
   */
  static Recount of(
      String node, StoredEntries log, long size, Set<AssetId> founding, Set<Bytes> attempts) {
    Recount count = new Recount(node, founding, attempts);
    try {
      for (long index = 0; index < size; index++) {
        // What its disk has damaged by now it had written all the same.
        count.entry(index, log.originalDecoded(index).body());
      }
    } catch (DecodeException e) {
      throw new IllegalStateException("a correct node has logged what cannot be read", e);
    }
    count.isAllGone(size);
    return count;
  }

  /** What the log itself has wrong, in words. */
  List<String> findings() {
    return List.copyOf(findings);
  }

  /** Of every account what there is to spend. */
  Map<AccountId, BigInteger> available() {
    Map<AccountId, BigInteger> available = new HashMap<>();
    accounts.forEach((id, account) -> available.put(id, account.available));
    return available;
  }

  /** The sum over the accounts in an asset. */
  BigInteger available(AssetId asset) {
    return accounts.values().stream()
        .filter(account -> account.asset.equals(asset))
        .map(account -> account.available)
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  BigInteger issued(AssetId asset) {
    return issued.getOrDefault(asset, BigInteger.ZERO);
  }

  BigInteger redeemed(AssetId asset) {
    return redeemed.getOrDefault(asset, BigInteger.ZERO);
  }

  /** Every asset that it knows. */
  Set<AssetId> assets() {
    return new TreeSet<>(assets);
  }

  /** Of one asset, between this node and another. */
  Passed passed(AssetId asset, String peer) {
    return channels.computeIfAbsent(new Channel(asset, peer), none -> new Passed());
  }

  /** The other nodes that it has sent credits in an asset to, or got from. */
  Set<String> peers(AssetId asset) {
    Set<String> peers = new TreeSet<>();
    channels.keySet().stream()
        .filter(channel -> channel.asset().equals(asset))
        .forEach(channel -> peers.add(channel.peer()));
    return peers;
  }

  private void entry(long index, EntryBody body) throws DecodeException {
    if (body instanceof SendEntry send) {
      sends(index, send);
      return;
    }
    isAllGone(index);
    if (body instanceof TransactionEntry logged) {
      transaction(index, logged);
    } else if (body instanceof ReceiveEntry receive) {
      receives(receive);
    } else if (body instanceof DecisionEntry decided) {
      decided(Decision.decode(decided.content()).action());
    }
  }

  /** What an input leads to leaves before the next one. */
  private void isAllGone(long index) {
    if (owed.isEmpty() && answers.isEmpty()) {
      return;
    }
    if (owed.values().stream().anyMatch(amount -> amount.signum() != 0)) {
      findings.add("before entry " + index + " not all has left that was paid to others: " + owed);
    }
    if (answers.values().stream().anyMatch(due -> !due.isEmpty())) {
      findings.add("before entry " + index + " not all that came is answered: " + answers.keySet());
    }
    owed.clear();
    answers.clear();
  }

  // What customers ask for.

  private void transaction(long index, TransactionEntry logged) throws DecodeException {
    TransactionOutcome outcome = TransactionOutcome.decode(logged.outcome());
    if (outcome.status() != TransactionOutcome.Status.EXECUTED) {
      return;
    }
    Outcome said = Outcome.decode(outcome.detail());
    List<Operation> operations = operations(logged.statement());
    Draft draft = new Draft();
    boolean isPossible = operations.stream().allMatch(operation -> operation.accept(draft));
    boolean isKeptOut =
        said.code() == ResultCode.UNAUTHORISED && attempts.contains(logged.statement());
    if (said.accepted() != isPossible && !isKeptOut) {
      findings.add(
          "entry "
              + index
              + (said.accepted()
                  ? " does what cannot be done"
                  : " refuses, as " + said.code() + ", what can be done"));
    }
    if (said.accepted()) {
      draft.apply();
    }
  }

  /** What is asked for, whoever signed it: several signatures are under the same payload. */
  private static List<Operation> operations(Bytes statement) throws DecodeException {
    return TransactionBody.decode(asked(statement).body()).operations();
  }

  private static Transaction asked(Bytes statement) throws DecodeException {
    CborReader signatures = new CborReader(statement);
    signatures.arrayHeaderUpTo(Statement.MAX_SIGNATURES);
    return Transaction.decode(CoseSign1.decode(signatures.bytes()).unverifiedPayload());
  }

  /** Until when a customer wants this done, in ledger time. */
  static long deadlineMillis(Bytes statement) {
    try {
      return asked(statement).notAfterMillis();
    } catch (DecodeException e) {
      throw new IllegalStateException("a customer has signed what cannot be read", e);
    }
  }

  /** A transaction, tried: it is done as a whole or not at all. */
  private final class Draft implements Operation.Handler<Boolean> {
    private final Map<AccountId, Account> touched = new LinkedHashMap<>();
    private final List<Runnable> rest = new ArrayList<>();
    private final Set<AssetId> defined = new HashSet<>();

    private Optional<Account> account(AccountId id) {
      Account known = accounts.get(id);
      if (known == null) {
        return Optional.ofNullable(touched.get(id));
      }
      return Optional.of(touched.computeIfAbsent(id, none -> copy(known)));
    }

    private Account copy(Account account) {
      Account copy = new Account(account.asset);
      copy.available = account.available;
      copy.isFrozen = account.isFrozen;
      copy.isClosed = account.isClosed;
      copy.underWay = account.underWay;
      return copy;
    }

    private void apply() {
      accounts.putAll(touched);
      assets.addAll(defined);
      rest.forEach(Runnable::run);
    }

    private boolean isKnown(AssetId asset) {
      return assets.contains(asset) || defined.contains(asset);
    }

    private boolean pays(AccountId payer, BigInteger amount) {
      Optional<Account> account =
          account(payer)
              .filter(Account::isOpen)
              .filter(it -> amount.signum() > 0 && it.available.compareTo(amount) >= 0);
      account.ifPresent(it -> it.add(amount.negate()));
      return account.isPresent();
    }

    private boolean gets(AccountId payee, AssetId asset, BigInteger amount) {
      Optional<Account> account =
          account(payee).filter(Account::isOpen).filter(it -> it.asset.equals(asset));
      account.ifPresent(it -> it.add(amount));
      return account.isPresent() && amount.signum() > 0;
    }

    @Override
    public Boolean defineAsset(Operation.DefineAsset operation) {
      return !isKnown(operation.asset().id()) && defined.add(operation.asset().id());
    }

    @Override
    public Boolean openAccount(Operation.OpenAccount operation) {
      boolean isNew = account(operation.account()).isEmpty() && isKnown(operation.asset());
      if (isNew) {
        touched.put(operation.account(), new Account(operation.asset()));
      }
      return isNew;
    }

    @Override
    public Boolean closeAccount(Operation.CloseAccount operation) {
      return account(operation.account())
          .filter(Account::isOpen)
          .filter(account -> account.underWay == 0 && account.available.signum() == 0)
          .map(Account::close)
          .orElse(false);
    }

    @Override
    public Boolean freezeAccount(Operation.FreezeAccount operation) {
      return account(operation.account())
          .filter(Account::isOpen)
          .map(account -> account.freeze(true))
          .orElse(false);
    }

    @Override
    public Boolean unfreezeAccount(Operation.UnfreezeAccount operation) {
      return account(operation.account())
          .filter(account -> account.isFrozen && !account.isClosed)
          .map(account -> account.freeze(false))
          .orElse(false);
    }

    @Override
    public Boolean issue(Operation.Issue operation) {
      BigInteger amount = operation.amountMinor().toUint128().toBigInteger();
      rest.add(() -> issued.merge(operation.asset(), amount, BigInteger::add));
      return isKnown(operation.asset()) && gets(operation.payee(), operation.asset(), amount);
    }

    @Override
    public Boolean redeem(Operation.Redeem operation) {
      BigInteger amount = operation.amountMinor().toUint128().toBigInteger();
      account(operation.payer())
          .ifPresent(payer -> rest.add(() -> redeemed.merge(payer.asset, amount, BigInteger::add)));
      return pays(operation.payer(), amount);
    }

    @Override
    public Boolean transfer(Operation.Transfer operation) {
      BigInteger amount = operation.amountMinor().toUint128().toBigInteger();
      Optional<Account> payer = account(operation.payer());
      return payer.isPresent()
          && !operation.payer().equals(operation.payee())
          && pays(operation.payer(), amount)
          && gets(operation.payee(), payer.get().asset, amount);
    }

    @Override
    public Boolean remit(Operation.Remit operation) {
      BigInteger amount = operation.amountMinor().toUint128().toBigInteger();
      boolean isPeer = !operation.node().equals(node) && !stopped.contains(operation.node());
      boolean isPaid = isPeer && pays(operation.payer(), amount);
      if (isPaid) {
        Account payer = account(operation.payer()).orElseThrow();
        payer.underWay++;
        Passed passed = passed(payer.asset, operation.node());
        rest.add(
            () -> {
              passed.sent = passed.sent.add(amount);
              owed.merge(new Channel(payer.asset, operation.node()), amount, BigInteger::add);
            });
      }
      return isPaid;
    }
  }

  // What goes to other nodes, and comes from there.

  private void sends(long index, SendEntry send) throws DecodeException {
    SettlementMessage message = SettlementMessage.decode(send.payload());
    if (message instanceof SettlementMessage.Credits credits) {
      credits.groups().forEach(group -> pays(index, send.toNode(), group));
    } else if (message instanceof SettlementMessage.Results results) {
      List<Boolean> said = new ArrayList<>();
      results
          .groups()
          .forEach(group -> group.codes().forEach(code -> said.add(code == ResultCode.OK)));
      List<Boolean> due = answers.getOrDefault(send.toNode(), new ArrayDeque<>()).poll();
      if (!said.equals(due)) {
        findings.add(
            "entry " + index + " says of credits that they were taken " + said + ", not " + due);
      }
    }
  }

  private void pays(long index, String to, CreditGroup group) {
    Channel channel = new Channel(group.asset(), to);
    Passed passed = passed(group.asset(), to);
    if (group.first() != passed.nextOutgoing) {
      findings.add(
          "entry "
              + index
              + " sends credit "
              + group.first()
              + " instead of "
              + passed.nextOutgoing);
    }
    passed.nextOutgoing = group.first() + group.credits().size();
    for (Credit credit : group.credits()) {
      owed.merge(channel, minor(credit).negate(), BigInteger::add);
    }
    underWay.put(new Group(channel, group.first()), group.credits());
  }

  private static BigInteger minor(Credit credit) {
    return credit.amountMinor().toUint128().toBigInteger();
  }

  private void receives(ReceiveEntry receive) throws DecodeException {
    String sender = SignedCheckpoint.parse(receive.checkpoint()).origin().node();
    for (Bytes encoded : receive.sends()) {
      SendEntry send = (SendEntry) Entry.decode(encoded).body();
      if (sender.equals(node)) {
        comesBack(send);
      } else if (!stopped.contains(sender)) {
        hears(sender, send.payload());
      }
    }
  }

  /** A message that makes no sense in any part of it does nothing. */
  private void hears(String sender, Bytes payload) {
    SettlementMessage message;
    try {
      message = SettlementMessage.decode(payload);
    } catch (DecodeException e) {
      return;
    }
    if (message instanceof SettlementMessage.Credits credits) {
      if (isSense(sender, credits)) {
        List<Boolean> taken = new ArrayList<>();
        credits.groups().forEach(group -> takes(sender, group, taken));
        answers.computeIfAbsent(sender, none -> new ArrayDeque<>()).add(taken);
      }
    } else if (message instanceof SettlementMessage.Results results && isSense(sender, results)) {
      results.groups().forEach(group -> concludes(sender, group));
    }
  }

  /** Numbers go on where they ended, but for the first that is ever taken. */
  private boolean isSense(String sender, SettlementMessage.Credits credits) {
    Map<Channel, Long> next = new HashMap<>();
    for (CreditGroup group : credits.groups()) {
      Channel channel = new Channel(group.asset(), sender);
      long expected = next.getOrDefault(channel, passed(group.asset(), sender).nextIncoming);
      boolean isKnown = assets.contains(group.asset());
      if (group.credits().stream().anyMatch(credit -> minor(credit).signum() == 0)
          || (isKnown && expected != 0 && expected != group.first())) {
        return false;
      }
      next.put(channel, group.first() + group.credits().size());
    }
    return true;
  }

  private void takes(String sender, CreditGroup group, List<Boolean> taken) {
    Passed passed = passed(group.asset(), sender);
    boolean isKnown = assets.contains(group.asset());
    for (Credit credit : group.credits()) {
      BigInteger amount = minor(credit);
      Account payee = accounts.get(credit.payee());
      boolean isTaken = false;
      if (isKnown && payee != null && payee.isOpen() && payee.asset.equals(group.asset())) {
        isTaken = true;
        payee.add(amount);
        passed.received = passed.received.add(amount);
      } else {
        passed.refused = passed.refused.add(amount);
      }
      taken.add(isTaken);
    }
    if (isKnown) {
      passed.nextIncoming = group.first() + group.credits().size();
    }
  }

  private boolean isSense(String sender, SettlementMessage.Results results) {
    Set<Group> all = new HashSet<>();
    for (ResultGroup group : results.groups()) {
      Group credits = new Group(new Channel(group.asset(), sender), group.first());
      long unknown =
          group.codes().stream().filter(code -> code == ResultCode.ASSET_NOT_FOUND).count();
      if (!all.add(credits)
          || underWay.getOrDefault(credits, List.of()).size() != group.codes().size()
          || (unknown > 0 && unknown < group.codes().size())) {
        return false;
      }
    }
    return true;
  }

  private void concludes(String sender, ResultGroup group) {
    Passed passed = passed(group.asset(), sender);
    List<Credit> credits =
        underWay.remove(new Group(new Channel(group.asset(), sender), group.first()));
    for (int i = 0; i < credits.size(); i++) {
      if (group.codes().get(i) == ResultCode.OK) {
        payer(group.asset(), credits.get(i)).underWay--;
        passed.settled = passed.settled.add(minor(credits.get(i)));
      } else {
        givesBack(group.asset(), passed, credits.get(i));
      }
    }
  }

  /** Whoever has paid has an account; one that the log has not opened is empty. */
  private Account payer(AssetId asset, Credit credit) {
    return accounts.computeIfAbsent(credit.payer(), none -> new Account(asset));
  }

  private void givesBack(AssetId asset, Passed passed, Credit credit) {
    Account payer = payer(asset, credit);
    payer.underWay--;
    payer.add(minor(credit));
    passed.returned = passed.returned.add(minor(credit));
  }

  // What the members decide.

  private void decided(Action action) {
    if (action instanceof Action.SuspendNode suspended) {
      stopped.add(suspended.node());
    } else if (action instanceof Action.ReadmitNode readmitted) {
      stopped.remove(readmitted.node());
    } else if (action instanceof Action.RevokeNode revoked) {
      stopped.add(revoked.node());
      takenByRevoked.put(
          revoked.node(),
          revoked.taken().stream()
              .filter(taken -> taken.peer().node().equals(node))
              .mapToLong(Action.Taken::received)
              .sum());
    }
  }

  /** Nodes that are stopped in the end, as far as this log says. */
  Set<String> stopped() {
    return new TreeSet<>(stopped);
  }

  /** SPEC protocol.md §13.4: what a revoked node has not taken in never arrives. */
  private void comesBack(SendEntry send) throws DecodeException {
    boolean isTaken = send.sequence() < takenByRevoked.getOrDefault(send.toNode(), 0L);
    if (!isTaken
        && SettlementMessage.decode(send.payload()) instanceof SettlementMessage.Credits sent) {
      for (CreditGroup group : sent.groups()) {
        List<Credit> credits =
            underWay.remove(new Group(new Channel(group.asset(), send.toNode()), group.first()));
        if (credits != null) {
          credits.forEach(
              credit -> givesBack(group.asset(), passed(group.asset(), send.toNode()), credit));
        }
      }
    }
  }
}
