package org.probity.ledger.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.ledger.Fixture.account;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.BlastRadius;
import org.probity.detector.evidence.BlastRadius.At;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.ledger.Fixture;
import org.probity.ledger.transaction.AccountId;

/** What a fault has reached is found by the values it made, on all nodes. */
class BlastRadiusTest {
  private static final String A = StolenMoney.A;
  private static final String B = StolenMoney.B;
  private static final String C = StolenMoney.C;

  private final StolenMoney banks = new StolenMoney();

  private static Map<AccountId, AffectedAccount> accounts(BlastRadius radius) {
    return AffectedAccount.of(radius).stream()
        .collect(Collectors.toMap(AffectedAccount::account, Function.identity()));
  }

  @Test
  void followsTheMoneyAndNothingElse() {
    BlastRadius radius = banks.radius(banks.logs(A, B, C));

    Map<AccountId, AffectedAccount> accounts = accounts(radius);
    assertEquals(
        new TreeSet<>(List.of(account("alice"), account("bob"), account("carol"), account("eve"))),
        new TreeSet<>(accounts.keySet()),
        "eve: the culprit's answer to her payment cannot be relied on");
    assertAmounts(accounts.get(account("alice")), A, 500, 300, 1_000 - 7 + 500 - 300);
    assertAmounts(accounts.get(account("bob")), B, 300, 200, 1_100);
    assertAmounts(accounts.get(account("carol")), B, 200, 0, 1_200);
    assertEquals(new TreeSet<>(List.of(A, B)), radius.nodes());
    assertEquals(Map.of(), radius.diverging());
    assertEquals(new TreeSet<At>(), radius.unseen());
  }

  private static void assertAmounts(
      AffectedAccount account, String node, long credited, long debited, long available) {
    assertEquals(node, account.node());
    assertEquals(Fixture.CZK.id(), account.asset());
    assertEquals(BigInteger.valueOf(credited), account.creditedMinor());
    assertEquals(BigInteger.valueOf(debited), account.debitedMinor());
    assertEquals(BigInteger.valueOf(available), account.availableMinor());
  }

  /** The copy at hand has the other history: it ends where the one that others saw goes on. */
  @Test
  void aForkReachesWhatWasTakenInFromTheOtherHistory() {
    LogReader whole = banks.log(C);
    SortedMap<String, LogReader> logs = banks.logs(A, B);
    logs.put(C, new Beginning(whole, banks.fault()));

    BlastRadius.Source source = BlastRadius.Source.ofFork(C, whole.size(), logs);

    assertTrue(source.position() <= banks.fault(), source.toString());
    assertEquals(EntryType.STATE, Entry.typeOf(whole.entry(source.position() - 1)).orElseThrow());
    assertEquals(
        new TreeSet<>(List.of(account("alice"), account("bob"), account("carol"), account("eve"))),
        new TreeSet<>(accounts(banks.radius(logs, source.position())).keySet()));
    logs.put(C, whole);
    assertTrue(
        BlastRadius.Source.ofFork(C, whole.size(), logs).position() > banks.fault(),
        "nobody took in what is not in the copy at hand");
    logs.remove(C);
    assertEquals(6, BlastRadius.Source.ofFork(C, 7, logs).position());
  }

  /** The first entries of a log. */
  private record Beginning(LogReader log, long size) implements LogReader {
    @Override
    public Bytes entry(long index) {
      return log.entry(index);
    }

    @Override
    public Hash node(int level, long index) {
      return log.node(level, index);
    }
  }

  @Test
  void everyEffectHasACauseAndEveryChainBeginsWithTheCulprit() throws Exception {
    BlastRadius radius = banks.radius(banks.logs(A, B, C));
    Map<At, BlastRadius.Effect> effects =
        radius.effects().stream()
            .collect(Collectors.toMap(BlastRadius.Effect::at, Function.identity()));
    BlastRadius.Effect first = radius.effects().get(0);
    assertEquals(EntryType.RECEIVE, first.type());
    assertEquals(C, first.causes().first().node());
    for (BlastRadius.Effect effect : radius.effects()) {
      assertFalse(effect.causes().isEmpty());
      for (At cause : effect.causes()) {
        boolean isSource = cause.node().equals(C) && cause.index() >= banks.fault();
        boolean isSend =
            Entry.decode(banks.log(cause.node()).entry(cause.index())).type() == EntryType.SEND;
        assertTrue(isSource || isSend || effects.containsKey(cause), effect + " by " + cause);
      }
    }
  }

  @Test
  void aFaultAfterEverythingReachesNothing() {
    BlastRadius radius = banks.radius(banks.logs(A, B, C), banks.log(C).size());
    assertEquals(List.of(), radius.effects());
    assertEquals(List.of(), radius.changes());
  }

  @Test
  void theCulpritsOwnLogIsNotNeeded() {
    BlastRadius without = banks.radius(banks.logs(A, B));
    assertEquals(banks.radius(banks.logs(A, B, C)).effects(), without.effects());
    assertFalse(without.unseen().isEmpty(), "what it sent before the fault may have a cause, too");
  }

  @Test
  void saysWhatIsMissing() {
    BlastRadius radius = banks.radius(banks.logs(B, C));
    assertEquals(List.of(), radius.effects());
    assertEquals(A, radius.unseen().first().node());
  }

  @Test
  void anotherLogThatBreaksTheRulesCountsFromThereOn() {
    LogReader honest = banks.log(A);
    long broken = firstReceive(honest);
    SortedMap<String, LogReader> logs = banks.logs(B, C);
    logs.put(A, new Shifted(honest, broken, Bytes.utf8("nonsense")));
    BlastRadius radius = banks.radius(logs);
    assertEquals(Map.of(A, broken), radius.diverging());
    assertTrue(accounts(radius).containsKey(account("bob")));
    assertFalse(accounts(radius).containsKey(account("alice")), "her log says nothing any more");
  }

  @Test
  void copiesThatWaitForEachOtherAreNotComplete() throws Exception {
    SortedMap<String, LogReader> logs = banks.logs(C);
    logs.put(A, new Shifted(banks.log(A), 5, takingIn(B, banks.log(B).size() - 1)));
    logs.put(B, new Shifted(banks.log(B), 5, takingIn(A, banks.log(A).size() - 1)));
    BlastRadius radius = banks.radius(logs);
    assertTrue(radius.unseen().containsAll(List.of(new At(A, 5), new At(B, 5))), "not complete");
  }

  /** A RECEIVE of a SEND at some index of a log. */
  private Bytes takingIn(String node, long index) throws Exception {
    Entry state = Entry.decode(banks.log(node).entry(index));
    Bytes send =
        Entry.of(index, state.leafHash(), new SendEntry("bank", 0, 0, Bytes.EMPTY)).bytes();
    return Entry.of(
            5,
            state.leafHash(),
            new ReceiveEntry(banks.checkpoint(node).bytes(), List.of(send), List.of()))
        .bytes();
  }

  private static long firstReceive(LogReader log) {
    try {
      long index = 0;
      while (!(Entry.decode(log.entry(index)).body() instanceof ReceiveEntry)) {
        index++;
      }
      return index;
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** A log with something else at one place. */
  private record Shifted(LogReader log, long broken, Bytes other) implements LogReader {
    @Override
    public long size() {
      return log.size();
    }

    @Override
    public Bytes entry(long index) {
      return index == broken ? other : log.entry(index);
    }

    @Override
    public Hash node(int level, long index) {
      return log.node(level, index);
    }
  }
}
