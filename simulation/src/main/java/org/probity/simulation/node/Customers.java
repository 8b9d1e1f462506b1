package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * The customers of all nodes: they open accounts, get money from the issuer and pay one another,
 * most of them across nodes. Whoever gets no answer sends the very same bytes again, and after some
 * time hands them to a witness of the node. Every receipt is shown to f + 1 witnesses, as the
 * client library does.
 */
public final class Customers {
  static final int ACCOUNTS = 8;

  /** In the other asset. */
  private static final int OTHER_ACCOUNTS = 2;

  /** Of the payments, those in the other asset. */
  private static final double OTHER_SHARE = 0.12;

  /** Of the payments, those to an account that may be in another asset than the payer's. */
  private static final double CARELESS_SHARE = 0.03;

  /** Issued to every account that is opened with money in it. */
  public static final long OPENING_MINOR = 1_000_000;

  private static final String EXPIRED = TransactionOutcome.Status.EXPIRED.label();

  /** Between two tries. */
  public static final long RETRY_MILLIS = 2_000;

  /** Every so many tries a transaction is handed to a witness. */
  private static final int PATIENT_TRIES = 3;

  /** So often a receipt is offered to each witness: as long as one may have to be replaced. */
  private static final int SHOWINGS = 50;

  /** How customers are called on the network. */
  public static final String NAME = "customer";

  private static final long VALID_MILLIS = 20L * 3_600_000;

  private final World world;
  private final Chance chance;
  private final Signer key;
  private final List<String> nodes = new ArrayList<>();
  private final Map<Long, Sent> sent = new LinkedHashMap<>();
  private final List<Sent> around = new ArrayList<>();
  private final Set<Bytes> receipts = new HashSet<>();
  private Seating seating;
  private int seatedBy;
  private final Misers misers;
  private final Intruders intruders;
  private final Clerks clerks;
  private long nextId;
  private boolean isPaying;

  /** A transaction, and what became of it. */
  public static final class Sent {
    private final String home;
    private final Bytes statement;
    private long index = -1;
    private Bytes outcome = Bytes.EMPTY;
    private Bytes receipt = Bytes.EMPTY;
    private int tries;
    private boolean isExpired;
    private final long sentMillis;
    private long tookMillis = -1;

    private Sent(String home, Bytes statement, long sentMillis) {
      this.home = home;
      this.statement = statement;
      this.sentMillis = sentMillis;
    }

    /** When it was sent for the first time. */
    public long sentMillis() {
      return sentMillis;
    }

    /** Until its home node acknowledged it, the last time it did; negative if it has not. */
    public long tookMillis() {
      return tookMillis;
    }

    public String home() {
      return home;
    }

    public Bytes statement() {
      return statement;
    }

    /** Where its home node says it is. */
    public long index() {
      return index;
    }

    /** The checkpoint under which it says so; empty until then. */
    public Bytes receipt() {
      return receipt;
    }

    /** Whether its home node's ledger time has passed it by: nothing will come of it. */
    public boolean isExpired() {
      return isExpired;
    }

    public boolean isAcknowledged() {
      return index >= 0;
    }

    /** What came of it, as its home node says; empty as long as that says nothing. */
    Bytes outcome() {
      return outcome;
    }
  }

  public Customers(World world) {
    this.world = world;
    this.chance = world.chance("customers");
    this.key = world.founding().key("customers");
    this.seating = Seating.founding(world.founding().genesis());
    world.hosts().forEach(host -> nodes.add(host.name()));
    this.misers = new Misers(world, this, nodes);
    this.intruders = new Intruders(world, this, nodes);
    this.clerks = new Clerks(world, this, nodes);
  }

  /** Those who know what they have. */
  public Misers misers() {
    return misers;
  }

  /** Those who ask for what they may not. */
  public Intruders intruders() {
    return intruders;
  }

  /** Whose the accounts are. */
  Signer key() {
    return key;
  }

  public List<Sent> sent() {
    return List.copyOf(sent.values());
  }

  static AccountId account(String node, int number) {
    return AccountId.named(node + "/" + number);
  }

  /** One in the other asset. */
  static AccountId otherAccount(String node, int number) {
    return AccountId.named(node + "/other/" + number);
  }

  /** Opens every account with money in it. */
  public void open() {
    for (String node : nodes) {
      List<Operation> operations = new ArrayList<>();
      for (int i = 0; i < ACCOUNTS; i++) {
        operations.addAll(opening(account(node, i), key, OPENING_MINOR));
      }
      for (int i = 0; i < OTHER_ACCOUNTS; i++) {
        operations.addAll(
            opening(world.founding().otherAsset(), otherAccount(node, i), key, OPENING_MINOR));
      }
      operations.addAll(misers.opening(node));
      operations.addAll(intruders.opening(node));
      submit(node, world.founding().issuer(), operations);
    }
  }

  /** Opens an account, with money in it if that is more than nothing. */
  List<Operation> opening(AccountId account, Signer owner, long amountMinor) {
    return opening(world.founding().asset(), account, owner, amountMinor);
  }

  /** The same in any asset. */
  List<Operation> opening(
      AssetDefinition definition, AccountId account, Signer owner, long amountMinor) {
    AssetId asset = definition.id();
    Operation open =
        new Operation.OpenAccount(
            account,
            asset,
            KeyPolicy.single(owner.publicKey()),
            AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS);
    return amountMinor == 0
        ? List.of(open)
        : List.of(
            open, new Operation.Issue(asset, account, Amount.of(amountMinor), References.NONE));
  }

  /** What correct nodes have issued in the end, of each asset that all know. */
  public Map<AssetId, Long> issuedMinor() {
    Map<AssetId, Long> issued = new TreeMap<>();
    issued.put(world.founding().asset().id(), (ACCOUNTS + Misers.FUNDED_ACCOUNTS) * OPENING_MINOR);
    issued.put(world.founding().otherAsset().id(), OTHER_ACCOUNTS * OPENING_MINOR);
    return issued;
  }

  /** Pays from now on, so many times a second over all nodes, until told otherwise. */
  public void pay(double perSecond) {
    isPaying = true;
    next(perSecond);
  }

  /** From now on some try what they may not, and what just goes. */
  public void probe() {
    misers.begin();
    intruders.begin();
    clerks.begin();
  }

  public void rest() {
    isPaying = false;
  }

  boolean isPaying() {
    return isPaying;
  }

  private void next(double perSecond) {
    double mean = 1_000_000 / perSecond;
    long pause = (long) (-Math.log(1 - chance.share()) * mean);
    world
        .timeline()
        .after(
            pause,
            NAME,
            () -> {
              if (isPaying) {
                payment(chance.oneOf(nodes));
                next(perSecond);
              }
            });
  }

  /** One payment out of a node; some are more than there is. */
  public void payment(String node) {
    boolean isOther = chance.happens(OTHER_SHARE);
    AccountId payer = some(node, isOther);
    long amount =
        chance.happens(0.05) ? chance.between(1, 3 * OPENING_MINOR) : chance.between(1, 9_999);
    String other = chance.oneOf(nodes);
    AccountId payee = some(other, isOther != chance.happens(CARELESS_SHARE));
    submit(
        node,
        key,
        List.of(
            other.equals(node)
                ? new Operation.Transfer(payer, payee, Amount.of(amount), References.NONE)
                : new Operation.Remit(payer, other, payee, Amount.of(amount), References.NONE)));
  }

  private AccountId some(String node, boolean isOther) {
    return isOther
        ? otherAccount(node, chance.below(OTHER_ACCOUNTS))
        : account(node, chance.below(ACCOUNTS));
  }

  /** A payment of more than its payer can have. */
  public void overdraw(String node, String payeeNode) {
    submit(
        node,
        key,
        List.of(
            new Operation.Remit(
                account(node, 0),
                payeeNode,
                account(payeeNode, 0),
                Amount.of(900 * OPENING_MINOR),
                References.NONE)));
  }

  /**
   * A payment that its payer can make.
   *
   * @return as it was signed
   */
  public Bytes remit(String node, String payeeNode) {
    return submit(node, key, List.of(remittance(node, payeeNode, 100)));
  }

  /** New work when all is well: from every node to so many others. */
  public void payAround(int others) {
    for (int from = 0; from < nodes.size(); from++) {
      for (int ahead = 1; ahead <= Math.min(others, nodes.size() - 1); ahead++) {
        String payee = nodes.get((from + ahead) % nodes.size());
        around.add(tracked(nodes.get(from), key, List.of(remittance(nodes.get(from), payee, 1))));
      }
    }
  }

  /** What was sent when all was well. */
  public List<Sent> around() {
    return List.copyOf(around);
  }

  /** The same, signed and handed over to whoever asks. */
  public Bytes remittance(String node, String payeeNode) {
    return signed(node, key, List.of(remittance(node, payeeNode, 100)), nextId++);
  }

  private static Operation remittance(String node, String payeeNode, long amount) {
    return new Operation.Remit(
        account(node, 1), payeeNode, account(payeeNode, 1), Amount.of(amount), References.NONE);
  }

  /** Submits what was signed before, until it is recorded. */
  public void send(String node, Bytes statement) {
    Sent one = new Sent(node, statement, world.timeline().nowMillis());
    sent.put(nextId++, one);
    send(one);
  }

  /** Whether somebody has got a receipt under this checkpoint. */
  public boolean holds(Bytes checkpoint) {
    return receipts.contains(checkpoint);
  }

  /** Two different transactions under one id, both of them submitted at once. */
  public List<Bytes> contradict(String node, String payeeNode) {
    long id = nextId++;
    List<Bytes> both =
        List.of(
            signed(node, key, List.of(remittance(node, payeeNode, 100)), id),
            signed(node, key, List.of(remittance(node, payeeNode, 200)), id));
    both.forEach(one -> world.network().ask(NAME, node, new Request.Submit(one), reply -> {}));
    return both;
  }

  /** A customer issues money to itself. */
  public void mint(String node) {
    submit(
        node,
        key,
        List.of(
            new Operation.Issue(
                world.founding().asset().id(),
                account(node, 2),
                Amount.of(777 * OPENING_MINOR),
                References.NONE)));
  }

  /** A payment signed by somebody whose account it is not; nobody submits it. */
  public Bytes strangersPayment(String node) {
    Signer stranger = world.founding().key("stranger");
    return new TransactionDraft(
            world.founding().genesis().networkId(), node, Submitter.key(stranger.publicKey()))
        .add(
            new Operation.Transfer(
                account(node, 0), account(node, 1), Amount.of(1), References.NONE))
        .sign(Transaction.clientId(deadlineMillis(), nextId++), List.of(stranger))
        .encoded();
  }

  private Bytes submit(String home, Signer signer, List<Operation> operations) {
    return tracked(home, signer, operations).statement();
  }

  /** Submits until it is recorded. */
  Sent tracked(String home, Signer signer, List<Operation> operations) {
    long id = nextId++;
    Sent one = new Sent(home, signed(home, signer, operations, id), world.timeline().nowMillis());
    sent.put(id, one);
    send(one);
    return one;
  }

  private Bytes signed(String home, Signer signer, List<Operation> operations, long id) {
    return signed(home, Submitter.key(signer.publicKey()), signer, operations, id);
  }

  /** Under an id of its own; whoever signs need not be whom it is in the name of. */
  Bytes signed(String home, Submitter submitter, Signer signer, List<Operation> operations) {
    return signed(home, submitter, signer, operations, nextId++);
  }

  private Bytes signed(
      String home, Submitter submitter, Signer signer, List<Operation> operations, long id) {
    return new TransactionDraft(world.founding().genesis().networkId(), home, submitter)
        .addAll(operations)
        .sign(Transaction.clientId(deadlineMillis(), id), List.of(signer))
        .encoded();
  }

  /** In ledger time, of what is signed now. */
  public long deadlineMillis() {
    return Founding.FOUNDED_MILLIS + world.timeline().nowMillis() + VALID_MILLIS;
  }

  private void send(Sent one) {
    if (++one.tries % PATIENT_TRIES == 0) {
      List<String> witnesses = witnessesOf(one.home());
      if (!witnesses.isEmpty()) {
        String witness = witnesses.get(one.tries / PATIENT_TRIES % witnesses.size());
        world.network().ask(NAME, witness, new Request.HandOver(one.statement()), reply -> {});
      }
    }
    world
        .network()
        .ask(
            NAME,
            one.home(),
            new Request.Submit(one.statement()),
            reply -> {
              if (reply.isPresent() && reply.get() instanceof Reply.Recorded recorded) {
                one.index = recorded.index();
                one.tookMillis = world.timeline().nowMillis() - one.sentMillis;
                one.outcome = recorded.outcome();
                one.receipt = recorded.checkpoint();
                show(one.home(), recorded.checkpoint());
              } else if (reply.isPresent()
                  && reply.get() instanceof Reply.Refused refused
                  && EXPIRED.equals(refused.code())) {
                one.isExpired = true;
              } else {
                world.timeline().afterMillis(RETRY_MILLIS, "customer again", () -> send(one));
              }
            });
  }

  /** Of a node, as what is decided seats them: whoever asks any node is told. */
  public List<String> witnessesOf(String home) {
    DecisionChain decisions = world.memberDesk().decisions();
    if (decisions.decisions().size() != seatedBy) {
      seatedBy = decisions.decisions().size();
      seating = Seating.of(decisions.state());
    }
    return seating.witnessesOf(home).stream().map(NodeRecord::node).toList();
  }

  /**
   * Shows a receipt to one witness, until it answers.
   *
   * @param seen when that has looked at it
   */
  public void showTo(String witness, Bytes checkpoint, Runnable seen) {
    show(() -> List.of(witness), 0, new HashSet<>(), checkpoint, SHOWINGS, seen);
  }

  /** Shows a receipt's checkpoint to f + 1 witnesses of its log. */
  private void show(String home, Bytes checkpoint) {
    if (receipts.add(checkpoint)) {
      List<String> witnesses = witnessesOf(home);
      int needed = Math.min(witnesses.size(), world.founding().genesis().parameters().faults() + 1);
      Set<String> seenBy = new HashSet<>();
      for (int i = 0; i < needed; i++) {
        show(() -> witnessesOf(home), i, seenBy, checkpoint, SHOWINGS * witnesses.size(), () -> {});
      }
    }
  }

  /** If this one does not answer, or has seen it, it is another's turn, as often as that may be. */
  private void show(
      Supplier<List<String>> seats,
      int at,
      Set<String> seenBy,
      Bytes checkpoint,
      int triesLeft,
      Runnable seen) {
    List<String> witnesses = seats.get();
    if (witnesses.isEmpty()) {
      return;
    }
    String witness = witnesses.get(at % witnesses.size());
    world
        .network()
        .ask(
            NAME,
            witness,
            new Request.Shown(checkpoint),
            reply -> {
              boolean isOneMore = reply.isPresent() && isSeen(reply.get()) && seenBy.add(witness);
              if (isOneMore) {
                seen.run();
              } else if (triesLeft > 0) {
                world
                    .timeline()
                    .afterMillis(
                        RETRY_MILLIS,
                        "receipt again",
                        () -> show(seats, at + 1, seenBy, checkpoint, triesLeft - 1, seen));
              }
            });
  }

  /** A witness that has not got that far forgets it in a crash, so it is shown again. */
  private static boolean isSeen(Reply said) {
    return said instanceof Reply.Ok;
  }

  /** Home nodes whose acknowledgement of something is still awaited. */
  public long open(String home) {
    return sent.values().stream()
        .filter(one -> one.home().equals(home) && !one.isAcknowledged())
        .count();
  }
}
