package org.probity.ledger.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.ledger.Fixture.A;
import static org.probity.ledger.Fixture.B;
import static org.probity.ledger.Fixture.CZK;
import static org.probity.ledger.Fixture.account;
import static org.probity.ledger.Fixture.amount;
import static org.probity.ledger.Fixture.by;
import static org.probity.ledger.Fixture.minor;
import static org.probity.ledger.Fixture.remit;
import static org.probity.ledger.Fixture.transfer;

import java.math.BigInteger;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.Uint128;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateView;
import org.probity.ledger.Fixture;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage;

/** What the sums say about honest nodes at awkward moments and about nodes that cheat. */
class BooksTest {
  private static Fixture world() {
    return new Fixture()
        .opened(A, "alice", "al")
        .opened(B, "bea")
        .funded(A, "alice", 100)
        .funded(B, "bea", 50);
  }

  private static Sums sums(Fixture world) {
    return world.network.books().sums(CZK.id());
  }

  private static void assertSums(
      Fixture world, long issued, long balances, long inFlight, long loss) {
    Sums sums = sums(world);
    assertEquals(
        List.of(issued, balances, inFlight, loss),
        List.of(
            sums.issuedMinor().longValueExact(),
            sums.balancesMinor().longValueExact(),
            sums.inFlightMinor().longValueExact(),
            sums.lossMinor().longValueExact()),
        sums::toString);
    assertTrue(sums.holds());
  }

  private static void assertKinds(Fixture world, BooksFinding.Kind... kinds) {
    Set<BooksFinding.Kind> found = EnumSet.noneOf(BooksFinding.Kind.class);
    sums(world).findings().forEach(finding -> found.add(finding.kind()));
    Set<BooksFinding.Kind> expected = EnumSet.noneOf(BooksFinding.Kind.class);
    expected.addAll(List.of(kinds));
    assertEquals(expected, found, () -> sums(world).toString());
  }

  @Test
  void followsMoneyThereAndBack() {
    Fixture world = world();
    assertSums(world, 150, 150, 0, 0);
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30), remit("alice", B, "nobody", 5));
    assertSums(world, 150, 115, 35, 0);
    world.network.inject(A, B, world.network.intercept().payload());
    // Credited there, not confirmed here: only the return is still on its way.
    assertSums(world, 150, 145, 5, 0);
    world.network.deliverAll();
    assertSums(world, 150, 150, 0, 0);
    assertTrue(sums(world).clean());
  }

  @Test
  void anOldStateOfTheSenderShowsAsLagging() {
    Fixture world = world();
    StateTree before = world.network.tree(A);
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    world.network.inject(A, B, world.network.intercept().payload());
    world.network.reset(A, before);
    assertSums(world, 150, 180, 0, 30);
    assertKinds(world, BooksFinding.Kind.LAGGING, BooksFinding.Kind.UNBACKED_CREDIT);
    assertFalse(sums(world).consistentCut());
  }

  @Test
  void anOldStateOfTheReceiverShowsAsLagging() {
    Fixture world = world();
    StateTree before = world.network.tree(B);
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30), remit("alice", B, "nobody", 5));
    world.network.deliverAll();
    world.network.reset(B, before);
    // The credits look unsent-for, the return was booked before it was given.
    assertSums(world, 150, 120, 35, 5);
    assertKinds(world, BooksFinding.Kind.LAGGING, BooksFinding.Kind.UNBACKED_RETURN);
  }

  @Test
  void anOverdraftIsALossOfThatAmount() {
    Fixture world = world();
    overwrite(world, A, "alice", account -> withDebitsPosted(account, minor(170)));
    overwrite(world, A, "al", account -> withCreditsPosted(account, minor(170)));
    assertSums(world, 150, 220, 0, 70);
    assertEquals(
        List.of(
            new BooksFinding(
                BooksFinding.Kind.OVERDRAWN,
                A,
                account("alice").toString(),
                BigInteger.valueOf(70))),
        sums(world).findings());
  }

  @Test
  void mintedMoneyUnbalancesTheNode() {
    Fixture world = world();
    overwrite(world, A, "alice", account -> withCreditsPosted(account, minor(107)));
    assertFalse(sums(world).holds());
    assertEquals(
        List.of(new BooksFinding(BooksFinding.Kind.UNBALANCED, A, "", BigInteger.valueOf(7))),
        sums(world).findings());
  }

  @Test
  void aCreditThatWasNeverSentIsALoss() {
    Fixture world = world();
    Bytes forged =
        new SettlementMessage.Credits(
                List.of(
                    new SettlementMessage.CreditGroup(
                        CZK.id(),
                        0,
                        List.of(
                            new SettlementMessage.Credit(
                                account("alice"), account("bea"), amount(9), References.NONE)))))
            .encode();
    world.network.inject(A, B, forged);
    assertSums(world, 150, 159, 0, 9);
    assertKinds(world, BooksFinding.Kind.LAGGING, BooksFinding.Kind.UNBACKED_CREDIT);
  }

  @Test
  void anAnswerThatLiesIsSeenInTheReceiversBooks() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "nobody", 30));
    world.network.inject(A, B, world.network.intercept().payload());
    world.network.intercept();
    world.network.inject(B, A, answer(ResultCode.OK));
    assertSums(world, 150, 120, 30, 0);
    assertKinds(world, BooksFinding.Kind.UNCREDITED);

    Fixture other = world();
    other.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    other.network.inject(A, B, other.network.intercept().payload());
    other.network.intercept();
    other.network.inject(B, A, answer(ResultCode.PAYEE_CLOSED));
    assertSums(other, 150, 180, 0, 30);
    assertKinds(other, BooksFinding.Kind.UNBACKED_RETURN);
    assertTrue(sums(other).consistentCut());
  }

  private static Bytes answer(ResultCode code) {
    return new SettlementMessage.Results(
            List.of(new SettlementMessage.ResultGroup(CZK.id(), 0, List.of(code))))
        .encode();
  }

  @Test
  void aDroppedPendingRecordIsAMismatch() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    Bytes key = world.network.state(A).scan(Bytes.utf8("p"), Bytes.utf8("q"), 1).get(0).key();
    world.network.state(A).remove(key);
    assertKinds(world, BooksFinding.Kind.PENDING_MISMATCH);
    assertSums(world, 150, 120, 30, 0);
  }

  @Test
  void nodesWithoutTheAssetDoNotMatter() {
    Fixture world = world();
    world.accepted(A, by("alice"), transfer("alice", "al", 1));
    assertEquals(Set.of(CZK.id()), world.network.books().all().keySet());
    TreeMap<String, StateView> onlyA = new TreeMap<>();
    onlyA.put(A, world.network.state(A));
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    Sums sums = Books.of(onlyA).sums(CZK.id());
    assertTrue(sums.holds());
    assertEquals(30, sums.inFlightMinor().longValueExact());
  }

  private interface Change {
    Account apply(Account account);
  }

  private static void overwrite(Fixture world, String node, String name, Change change) {
    Bytes key = LedgerReader.accountKey(account(name));
    world.network.state(node).put(key, change.apply(world.at(node, name)).encode());
  }

  private static Account withDebitsPosted(Account account, Uint128 amount) {
    return new Account(
        account.asset(),
        account.owner(),
        account.flags(),
        account.status(),
        account.debitsPending(),
        amount,
        account.creditsPending(),
        account.creditsPosted());
  }

  private static Account withCreditsPosted(Account account, Uint128 amount) {
    return new Account(
        account.asset(),
        account.owner(),
        account.flags(),
        account.status(),
        account.debitsPending(),
        account.debitsPosted(),
        account.creditsPending(),
        amount);
  }

  @Test
  void keysAreWhatThePackageDocSays() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    world.network.inject(B, A, new CborWriter().uint(1).toBytes());
    List<String> tags =
        world.network.state(A).scan(Bytes.EMPTY, null, 100).stream()
            .map(binding -> String.valueOf((char) binding.key().at(0)))
            .toList();
    assertEquals(List.of("a", "a", "i", "n", "o", "p", "s", "s", "x"), tags);
  }
}
