package org.probity.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.Uint128;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.program.Settlement;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.References;

/**
 * Three banks with an operator each, two assets from the start, and short names for everything. The
 * owner of account "alice" is the key "alice"; other policies are given.
 */
public final class Fixture {
  public static final String A = "bank-a";
  public static final String B = "bank-b";
  public static final String C = "bank-c";

  private static final Uint128 ZERO = Uint128.ZERO;

  public static final int NO_OVERDRAFT = AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS;
  public static final int NO_CREDIT = AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS;

  public static final AssetDefinition CZK = new AssetDefinition("CZK", 2, policy(1, "issuer"), 0);
  public static final AssetDefinition EUR =
      new AssetDefinition(
          "EUR", 2, policy(2, "issuer", "issuer-2"), AssetDefinition.FREEZABLE_BY_ISSUER);

  public final MemoryNetwork network =
      new MemoryNetwork(parameters(List.of(A, B, C)), List.of(A, B, C));

  public static LedgerParameters parameters(List<String> nodes) {
    SortedMap<String, KeyPolicy> operators = new TreeMap<>();
    for (String node : nodes) {
      operators.put(node, policy(1, operator(node)));
    }
    return new LedgerParameters(List.of(CZK, EUR), operators);
  }

  public static String operator(String node) {
    return "operator of " + node;
  }

  public static KeyPolicy policy(int threshold, String... names) {
    List<Bytes> keys = new ArrayList<>();
    for (String name : names) {
      keys.add(MemoryNetwork.key(name).toBytes());
    }
    return KeyPolicy.of(threshold, keys);
  }

  public static AccountId account(String name) {
    return AccountId.named(name);
  }

  /** A sum, as balances are. */
  public static Uint128 minor(long amount) {
    return Uint128.of(amount);
  }

  /** What one operation moves. */
  public static Amount amount(long minor) {
    return Amount.of(minor);
  }

  public static List<String> by(String... signers) {
    return Arrays.asList(signers);
  }

  public static Operation open(String name) {
    return open(name, CZK.id(), NO_OVERDRAFT);
  }

  public static Operation open(String name, AssetId asset, int flags) {
    return new Operation.OpenAccount(account(name), asset, policy(1, name), flags);
  }

  public static Operation issue(String payee, long amount) {
    return issue(payee, amount(amount));
  }

  public static Operation issue(String payee, Amount amount) {
    return new Operation.Issue(CZK.id(), account(payee), amount, References.NONE);
  }

  public static Operation redeem(String payer, long amount) {
    return new Operation.Redeem(account(payer), amount(amount), References.NONE);
  }

  public static Operation transfer(String payer, String payee, long amount) {
    return transfer(payer, payee, amount(amount));
  }

  public static Operation transfer(String payer, String payee, Amount amount) {
    return new Operation.Transfer(account(payer), account(payee), amount, References.NONE);
  }

  public static Operation remit(String payer, String node, String payee, long amount) {
    return remit(payer, node, payee, amount(amount));
  }

  public static Operation remit(String payer, String node, String payee, Amount amount) {
    return new Operation.Remit(account(payer), node, account(payee), amount, References.NONE);
  }

  /** Opens CZK accounts without overdraft. */
  public Fixture opened(String node, String... names) {
    for (String name : names) {
      accepted(node, by(operator(node)), open(name));
    }
    return this;
  }

  /** Issues CZK. */
  public Fixture funded(String node, String payee, long amount) {
    accepted(node, by("issuer"), issue(payee, amount));
    return this;
  }

  /**
   * Makes an account without limits one that has moved as much as 128 bits can say, in and out: no
   * operations lead there in any log's life.
   */
  public void filled(String node, String name) {
    Account was = at(node, name);
    Account full =
        new Account(
            was.asset(),
            was.owner(),
            was.flags(),
            was.status(),
            Uint128.ZERO,
            Uint128.MAX,
            Uint128.ZERO,
            Uint128.MAX);
    network.state(node).put(LedgerReader.accountKey(account(name)), full.encode());
  }

  /** The same for the channel of CZK from one node to another: all was returned. */
  public void filledChannel(String from, String to) {
    fill(from, to, new Settlement(ZERO, ZERO, Uint128.MAX, 1, 1, ZERO, ZERO, 0));
    fill(to, from, new Settlement(ZERO, ZERO, ZERO, 0, 0, ZERO, Uint128.MAX, 1));
  }

  private void fill(String node, String peer, Settlement settlement) {
    network.state(node).put(LedgerReader.settlementKey(CZK.id(), peer), settlement.encode());
  }

  public Outcome.Accepted accepted(String node, List<String> signers, Operation... operations) {
    Outcome outcome = network.submit(node, signers, operations);
    assertEquals(Outcome.Accepted.class, outcome.getClass(), outcome::toString);
    return (Outcome.Accepted) outcome;
  }

  public Account at(String node, String name) {
    return network.reader(node).account(account(name)).orElseThrow();
  }

  /** Asserts what an account can spend and what is on its way out. */
  public void assertBalance(String node, String name, long available, long pending) {
    Account account = at(node, name);
    assertEquals(minor(pending), account.debitsPending(), name + " pending");
    assertEquals(
        minor(available),
        account
            .creditsPosted()
            .subtractExact(account.debitsPosted())
            .subtractExact(account.debitsPending()),
        name + " available");
  }
}
