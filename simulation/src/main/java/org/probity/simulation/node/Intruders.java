package org.probity.simulation.node;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Request;

/**
 * Customers who ask nodes for what they may not: money out of another's account, money that only
 * the issuer makes, what only an operator does, all of it in their own name or in another's, under
 * their own signature or under what looks like another's. No correct node does any of it.
 */
public final class Intruders {
  private static final long PAUSE_MILLIS = 2_000;
  private static final long LOOT_MINOR = 500;

  private final World world;
  private final Customers customers;
  private final List<String> nodes;
  private final Chance chance;
  private final Signer thief;
  private final Set<Bytes> attempts = new LinkedHashSet<>();
  private long opened;

  Intruders(World world, Customers customers, List<String> nodes) {
    this.world = world;
    this.customers = customers;
    this.nodes = nodes;
    this.chance = world.chance("intruders");
    this.thief = world.founding().key("thief");
  }

  /** A thief has an account of its own, so that it is no stranger where it asks. */
  List<Operation> opening(String node) {
    return customers.opening(den(node), thief, 0);
  }

  private static AccountId den(String node) {
    return AccountId.named(node + "/den");
  }

  /** What no correct node executes, as it was signed. */
  public Set<Bytes> attempts() {
    return new LinkedHashSet<>(attempts);
  }

  void begin() {
    world
        .timeline()
        .afterMillis(
            PAUSE_MILLIS,
            "intruder",
            () -> {
              if (customers.isPaying()) {
                attempt(chance.oneOf(nodes));
                begin();
              }
            });
  }

  private void attempt(String node) {
    Bytes statement = statement(node);
    attempts.add(statement);
    world.network().ask(Customers.NAME, node, new Request.Submit(statement), reply -> {});
    if (chance.happens(0.25)) {
      String other = chance.oneOf(nodes);
      world.network().ask(Customers.NAME, other, new Request.HandOver(statement), reply -> {});
    }
  }

  private Bytes statement(String node) {
    AccountId own = Customers.account(node, 0);
    AccountId others = Customers.account(node, chance.below(Customers.ACCOUNTS));
    Operation theft =
        new Operation.Transfer(others, den(node), Amount.of(LOOT_MINOR), References.NONE);
    // What its signer may do, so that the signer has a part in the transaction.
    Operation honest =
        new Operation.Transfer(own, Customers.account(node, 1), Amount.of(1), References.NONE);
    Signer owner = customers.key();
    return switch (chance.below(11)) {
      case 0 -> byThief(node, List.of(theft));
      case 1 -> byThief(node, List.of(remittance(node, others), theft));
      case 2 -> byThief(node, List.of(redemption(others), theft));
      case 3 -> byThief(node, List.of(issue(den(node))));
      case 4 -> byOwner(node, List.of(issue(own)));
      case 5 -> byOwner(node, List.of(openAccount(node), honest));
      case 6 -> byOwner(node, List.of(new Operation.FreezeAccount(den(node)), honest));
      case 7 -> byOwner(node, List.of(new Operation.DefineAsset(coinage()), honest));
      case 8 -> customers.signed(node, Submitter.key(owner.publicKey()), thief, List.of(theft));
      case 9 -> customers.signed(node, Submitter.account(others), thief, List.of(theft));
      default -> unsigned(byOwner(node, List.of(theft)));
    };
  }

  private Bytes byThief(String node, List<Operation> operations) {
    return customers.signed(node, Submitter.key(thief.publicKey()), thief, operations);
  }

  private Bytes byOwner(String node, List<Operation> operations) {
    Signer owner = customers.key();
    return customers.signed(node, Submitter.key(owner.publicKey()), owner, operations);
  }

  /** The signature, which is the last of it, is not the owner's. */
  private static Bytes unsigned(Bytes statement) {
    byte[] bytes = statement.toArray();
    bytes[bytes.length - 1] ^= 1;
    return Bytes.wrap(bytes);
  }

  private Operation issue(AccountId payee) {
    return new Operation.Issue(
        world.founding().asset().id(), payee, Amount.of(LOOT_MINOR), References.NONE);
  }

  private static Operation redemption(AccountId payer) {
    return new Operation.Redeem(payer, Amount.of(LOOT_MINOR), References.NONE);
  }

  private Operation remittance(String node, AccountId payer) {
    String other = chance.oneOf(nodes.stream().filter(one -> !one.equals(node)).toList());
    return new Operation.Remit(payer, other, den(other), Amount.of(LOOT_MINOR), References.NONE);
  }

  private Operation openAccount(String node) {
    return customers.opening(AccountId.named(node + "/den/" + opened++), thief, 0).get(0);
  }

  private AssetDefinition coinage() {
    return new AssetDefinition("LOOT", 2, KeyPolicy.single(thief.publicKey()), 0);
  }
}
