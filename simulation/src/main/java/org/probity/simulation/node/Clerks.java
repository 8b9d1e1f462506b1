package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.crypto.Signer;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.simulation.world.Chance;

/**
 * What is done at a counter beside paying, now and then and on every node: money is given back to
 * its issuer, several things are asked for at once, an account is frozen and unfrozen, one is
 * closed and paid to all the same, and an asset is introduced that some nodes know and others do
 * not. All of it may be asked for.
 */
final class Clerks {
  private static final long PAUSE_MILLIS = 1_500;
  private static final long MOST_MINOR = 99;
  private static final long NEW_MINOR = 5_000;

  private final World world;
  private final Customers customers;
  private final List<String> nodes;
  private final Chance chance;
  private final Set<String> frozen = new TreeSet<>();
  private final Set<String> introduced = new TreeSet<>();
  private long opened;

  Clerks(World world, Customers customers, List<String> nodes) {
    this.world = world;
    this.customers = customers;
    this.nodes = nodes;
    this.chance = world.chance("clerks");
  }

  void begin() {
    world
        .timeline()
        .afterMillis(
            PAUSE_MILLIS,
            "clerk",
            () -> {
              if (customers.isPaying()) {
                serve(chance.oneOf(nodes));
                begin();
              }
            });
  }

  private void serve(String node) {
    String other = chance.oneOf(nodes.stream().filter(one -> !one.equals(node)).toList());
    switch (chance.below(5)) {
      case 0 -> byOwner(node, List.of(new Operation.Redeem(any(node), amount(), References.NONE)));
      case 1 -> byOwner(node, severalAtOnce(node, other));
      case 2 -> byOperator(node, List.of(freezeOrUnfreeze(node)));
      case 3 -> closeAndPay(node, other);
      default -> byOperator(node, introduce(node, other));
    }
  }

  private AccountId any(String node) {
    return Customers.account(node, chance.below(Customers.ACCOUNTS));
  }

  private Amount amount() {
    return Amount.of(chance.between(1, MOST_MINOR));
  }

  /** They stand or fall together: a transfer to the account that it comes from cannot be done. */
  private List<Operation> severalAtOnce(String node, String other) {
    return List.of(
        new Operation.Transfer(any(node), any(node), amount(), References.NONE),
        new Operation.Remit(any(node), other, any(other), amount(), References.NONE),
        new Operation.Remit(any(node), other, any(other), amount(), References.NONE),
        new Operation.Transfer(any(node), any(node), amount(), References.NONE));
  }

  private Operation freezeOrUnfreeze(String node) {
    AccountId account = Customers.otherAccount(node, 0);
    boolean isToFreeze = frozen.add(node);
    if (!isToFreeze) {
      frozen.remove(node);
    }
    return isToFreeze
        ? new Operation.FreezeAccount(account)
        : new Operation.UnfreezeAccount(account);
  }

  private void closeAndPay(String node, String other) {
    AccountId till = AccountId.named(node + "/till/" + opened++);
    List<Operation> operations =
        new ArrayList<>(customers.opening(world.founding().asset(), till, customers.key(), 0));
    operations.add(new Operation.CloseAccount(till));
    byOperator(node, operations);
    byOwner(other, List.of(new Operation.Remit(any(other), node, till, amount(), References.NONE)));
  }

  /** What it sends to others in it comes back, if they do not know it. */
  private List<Operation> introduce(String node, String other) {
    Signer operator = world.founding().issuer();
    AssetDefinition asset =
        new AssetDefinition("GOLD", 6, KeyPolicy.single(operator.publicKey()), 0);
    AccountId safe = AccountId.named(node + "/safe");
    List<Operation> operations = new ArrayList<>();
    if (introduced.add(node)) {
      operations.add(new Operation.DefineAsset(asset));
      operations.add(
          new Operation.OpenAccount(
              safe,
              asset.id(),
              KeyPolicy.single(operator.publicKey()),
              AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
    }
    operations.add(new Operation.Issue(asset.id(), safe, Amount.of(NEW_MINOR), References.NONE));
    operations.add(
        new Operation.Remit(
            safe, other, AccountId.named(other + "/safe"), amount(), References.NONE));
    return operations;
  }

  private void byOwner(String node, List<Operation> operations) {
    customers.tracked(node, customers.key(), operations);
  }

  private void byOperator(String node, List<Operation> operations) {
    customers.tracked(node, world.founding().issuer(), operations);
  }
}
