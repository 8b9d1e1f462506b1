package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * The customers of all nodes: they open accounts, get money from the issuer and pay one another,
 * most of them across nodes. Whoever gets no answer sends the very same bytes again.
 */
public final class Customers {
  static final int ACCOUNTS = 8;
  private static final long OPENING_MINOR = 1_000_000;
  private static final String EXPIRED = TransactionOutcome.Status.EXPIRED.label();
  private static final long RETRY_MILLIS = 2_000;
  private static final long VALID_MILLIS = 20L * 3_600_000;

  private final World world;
  private final Chance chance;
  private final Signer key;
  private final List<String> nodes = new ArrayList<>();
  private final Map<Long, Sent> sent = new LinkedHashMap<>();
  private long nextId;
  private boolean isPaying;

  /** A transaction, and what became of it. */
  public static final class Sent {
    private final String home;
    private final Bytes statement;
    private long index = -1;
    private boolean isExpired;

    private Sent(String home, Bytes statement) {
      this.home = home;
      this.statement = statement;
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

    /** Whether its home node's ledger time has passed it by: nothing will come of it. */
    public boolean isExpired() {
      return isExpired;
    }

    public boolean isAcknowledged() {
      return index >= 0;
    }
  }

  public Customers(World world) {
    this.world = world;
    this.chance = world.chance("customers");
    this.key = world.founding().key("customers");
    world.hosts().forEach(host -> nodes.add(host.name()));
  }

  public List<Sent> sent() {
    return List.copyOf(sent.values());
  }

  static AccountId account(String node, int number) {
    return AccountId.named(node + "/" + number);
  }

  /** Opens every account with money in it. */
  public void open() {
    for (String node : nodes) {
      List<Operation> operations = new ArrayList<>();
      for (int i = 0; i < ACCOUNTS; i++) {
        operations.add(
            new Operation.OpenAccount(
                account(node, i),
                world.founding().asset().id(),
                KeyPolicy.single(key.publicKey()),
                AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
        operations.add(
            new Operation.Issue(
                world.founding().asset().id(),
                account(node, i),
                Amount.of(OPENING_MINOR),
                References.NONE));
      }
      submit(node, world.founding().issuer(), operations);
    }
  }

  /** Pays from now on, so many times a second over all nodes, until told otherwise. */
  public void pay(double perSecond) {
    isPaying = true;
    next(perSecond);
  }

  public void rest() {
    isPaying = false;
  }

  private void next(double perSecond) {
    double mean = 1_000_000 / perSecond;
    long pause = (long) (-Math.log(1 - chance.share()) * mean);
    world
        .timeline()
        .after(
            pause,
            "customer",
            () -> {
              if (isPaying) {
                payment(chance.oneOf(nodes));
                next(perSecond);
              }
            });
  }

  /** One payment out of a node; some are more than there is. */
  public void payment(String node) {
    AccountId payer = account(node, chance.below(ACCOUNTS));
    long amount =
        chance.happens(0.05) ? chance.between(1, 3 * OPENING_MINOR) : chance.between(1, 9_999);
    String other = chance.oneOf(nodes);
    AccountId payee = account(other, chance.below(ACCOUNTS));
    submit(
        node,
        key,
        List.of(
            other.equals(node)
                ? new Operation.Transfer(payer, payee, Amount.of(amount), References.NONE)
                : new Operation.Remit(payer, other, payee, Amount.of(amount), References.NONE)));
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

  /** A payment that its payer can make. */
  public void remit(String node, String payeeNode) {
    submit(
        node,
        key,
        List.of(
            new Operation.Remit(
                account(node, 1),
                payeeNode,
                account(payeeNode, 1),
                Amount.of(100),
                References.NONE)));
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
        .sign(
            Transaction.clientId(
                Founding.FOUNDED_MILLIS + world.timeline().nowMillis() + VALID_MILLIS, nextId++),
            List.of(stranger))
        .encoded();
  }

  private void submit(String home, Signer signer, List<Operation> operations) {
    long id = nextId++;
    Bytes clientId =
        Transaction.clientId(
            Founding.FOUNDED_MILLIS + world.timeline().nowMillis() + VALID_MILLIS, id);
    Bytes statement =
        new TransactionDraft(
                world.founding().genesis().networkId(), home, Submitter.key(signer.publicKey()))
            .addAll(operations)
            .sign(clientId, List.of(signer))
            .encoded();
    Sent one = new Sent(home, statement);
    sent.put(id, one);
    send(one);
  }

  private void send(Sent one) {
    world
        .network()
        .ask(
            "customer",
            one.home(),
            new Request.Submit(one.statement()),
            reply -> {
              if (reply.isPresent() && reply.get() instanceof Reply.Recorded recorded) {
                one.index = recorded.index();
              } else if (reply.isPresent()
                  && reply.get() instanceof Reply.Refused refused
                  && EXPIRED.equals(refused.code())) {
                one.isExpired = true;
              } else {
                world.timeline().afterMillis(RETRY_MILLIS, "customer again", () -> send(one));
              }
            });
  }

  /** Home nodes whose acknowledgement of something is still awaited. */
  public long open(String home) {
    return sent.values().stream()
        .filter(one -> one.home().equals(home) && !one.isAcknowledged())
        .count();
  }
}
