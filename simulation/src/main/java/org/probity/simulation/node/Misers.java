package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.References;
import org.probity.simulation.world.Chance;

/**
 * Customers who know to the minor unit what they have. On every node one pays exactly that, and one
 * minor unit more, from one account of its own to the other and back; another one pays to accounts
 * that do not exist, or not in this asset, from which everything comes back.
 *
 * <p>Nobody else touches their accounts, and they wait for what became of one payment before the
 * next: so it is known of each whether it must be executed.
 */
public final class Misers {
  /** Opened with money in them, on each node. */
  static final int FUNDED_ACCOUNTS = 2;

  private static final long PAUSE_MILLIS = 3_000;
  private static final long ALL_MINOR = Customers.OPENING_MINOR;
  private static final long MOST_RETURNED_MINOR = 9_999;

  private final World world;
  private final Customers customers;
  private final List<String> nodes;
  private final Chance chance;
  private final List<Payment> payments = new ArrayList<>();
  private final Map<List<String>, Long> gifts = new HashMap<>();
  private final Map<String, Integer> steps = new TreeMap<>();

  /**
   * A payment whose fate is known.
   *
   * @param isCovered whether there is as much as is paid
   */
  public record Payment(Customers.Sent sent, boolean isCovered) {}

  Misers(World world, Customers customers, List<String> nodes) {
    this.world = world;
    this.customers = customers;
    this.nodes = nodes;
    this.chance = world.chance("misers");
  }

  List<Operation> opening(String node) {
    List<Operation> operations = new ArrayList<>();
    operations.addAll(customers.opening(purse(node, 0), customers.key(), ALL_MINOR));
    operations.addAll(customers.opening(purse(node, 1), customers.key(), 0));
    operations.addAll(customers.opening(wellWisher(node), customers.key(), ALL_MINOR));
    return operations;
  }

  private static AccountId purse(String node, int number) {
    return AccountId.named(node + "/purse/" + number);
  }

  /** Pays to nobody, and has in the end what it had. */
  public static AccountId wellWisher(String node) {
    return AccountId.named(node + "/well-wisher");
  }

  /** Payments whose fate is known. */
  public List<Payment> payments() {
    return List.copyOf(payments);
  }

  /** What was sent from one node to accounts of another that cannot take it, if it was sent. */
  public long giftsMinor(String from, String to) {
    return gifts.getOrDefault(List.of(from, to), 0L);
  }

  void begin() {
    for (String node : nodes) {
      later(node, chance.between(0, PAUSE_MILLIS));
    }
  }

  private void later(String node, long millis) {
    world
        .timeline()
        .afterMillis(
            millis,
            "miser",
            () -> {
              if (customers.isPaying()) {
                step(node);
                later(node, PAUSE_MILLIS);
              }
            });
  }

  private void step(String node) {
    String other = chance.oneOf(nodes.stream().filter(one -> !one.equals(node)).toList());
    long wishedMinor = chance.between(1, MOST_RETURNED_MINOR);
    AccountId wished = chance.happens(0.5) ? nobody(other) : Customers.otherAccount(other, 1);
    customers.tracked(
        node, customers.key(), List.of(remittance(wellWisher(node), other, wished, wishedMinor)));
    gifts.merge(List.of(node, other), wishedMinor, Long::sum);
    if (isWaiting(node)) {
      return;
    }
    int step = steps.merge(node, 1, Integer::sum) - 1;
    // All is in the first purse, and after an even number of times to and fro again.
    AccountId full = purse(node, step / 3 % 2);
    AccountId empty = purse(node, 1 - step / 3 % 2);
    List<Operation> operations =
        switch (step % 3) {
          case 0 -> List.of(transfer(full, empty, ALL_MINOR + 1));
          case 1 ->
              List.of(remittance(full, other, nobody(other), ALL_MINOR), transfer(full, empty, 1));
          default -> List.of(transfer(full, empty, ALL_MINOR));
        };
    payments.add(new Payment(customers.tracked(node, customers.key(), operations), step % 3 == 2));
  }

  /** Until it is known what became of the payment before; for ever, if nothing came of it. */
  private boolean isWaiting(String node) {
    return payments.stream()
        .filter(payment -> payment.sent().home().equals(node))
        .reduce((earlier, last) -> last)
        .filter(last -> accepted(last.sent().outcome()) != last.isCovered())
        .isPresent();
  }

  private static Operation transfer(AccountId payer, AccountId payee, long amountMinor) {
    return new Operation.Transfer(payer, payee, Amount.of(amountMinor), References.NONE);
  }

  private static AccountId nobody(String node) {
    return AccountId.named(node + "/nobody");
  }

  private static Operation remittance(
      AccountId payer, String node, AccountId payee, long amountMinor) {
    return new Operation.Remit(payer, node, payee, Amount.of(amountMinor), References.NONE);
  }

  /** Whether a logged outcome is what the ledger says, and not why that was not asked. */
  public static boolean wasExecuted(Bytes outcome) {
    return executed(outcome).isPresent();
  }

  /** Whether a logged outcome says that all was done. */
  public static boolean accepted(Bytes outcome) {
    return executed(outcome).filter(Outcome::accepted).isPresent();
  }

  private static Optional<Outcome> executed(Bytes outcome) {
    try {
      TransactionOutcome logged = TransactionOutcome.decode(outcome);
      return logged.status() == TransactionOutcome.Status.EXECUTED
          ? Optional.of(Outcome.decode(logged.detail()))
          : Optional.empty();
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
