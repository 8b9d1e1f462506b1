package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.Verification;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.Entry;
import org.probity.detector.log.FloorEntry;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.TestNetwork;

/**
 * protocol.md §1, completeness: whatever the audit finds, the verifier accepts a proof of. A second
 * lie next to the first one must not protect it, or its node is never audited again.
 */
class SeveralLiesTest {
  private static final Court COURT = new Court();
  private static final StatementVerifier STATEMENTS =
      new StatementVerifier(SignatureRule.fastest(), COURT.network().genesis().networkId());

  @Test
  void aStateThatOverstatesItsBytesPastTheLimit() {
    ByzantineLog log = COURT.log("alpha", 1);
    log.transaction(COURT.put("alpha", "a=1")).transaction(COURT.put("alpha", "b=2"));
    state(log, log.lastStateIndex(), 20_000);
    assertProven("state_wrong_bytes", log.size() - 1, log);
  }

  @Test
  void aStateThatUnderstatesALargeCrowdedBatch() {
    ByzantineLog log = COURT.log("alpha", 1);
    log.transaction(refused(20_000)).transaction(refused(20_000));
    crowd(log, 38);
    state(log, log.lastStateIndex(), 30_000);
    assertProven("batch_too_large", log.size() - 1, log);
  }

  @Test
  void aStateThatHidesTwoLargeInputsBelowTheLimit() {
    ByzantineLog log = COURT.log("alpha", 1);
    log.transaction(refused(20_000)).transaction(refused(20_000));
    state(log, log.lastStateIndex(), 16_000);
    assertProven("state_wrong_bytes", log.size() - 1, log);
  }

  @Test
  void aCrowdedBatchWhoseStateNamesWhatNobodyMayLog() {
    ByzantineLog log = COURT.log("alpha", 1);
    crowd(log, 40);
    long at = log.size();
    log.body(new FloorEntry(Bytes.utf8("none")));
    state(log, at, log.batchBytes());
    assertProven("type_unsupported", at, log);
  }

  @Test
  void aCrowdedBatchWhoseStateNamesWhatNobodyMayLogFurtherBack() {
    ByzantineLog log = COURT.log("alpha", 1);
    crowd(log, 40);
    long at = log.size();
    log.body(new FloorEntry(Bytes.utf8("none")));
    log.transaction(COURT.put("alpha", "last=v"));
    state(log, at, log.entry(log.size() - 1).size());
    assertProven("type_unsupported", at, log);
  }

  @Test
  void aMisplacedTickAfterAForgedTransactionInACrowdedBatch() {
    ByzantineLog log = COURT.log("alpha", 1);
    crowd(log, 40);
    long at = log.size();
    log.body(new TransactionEntry(Bytes.utf8("forged"), Bytes.EMPTY));
    log.body(new TickEntry(Long.MAX_VALUE / 2)).endState();
    assertProven("transaction_invalid", at, log);
  }

  @Test
  void aCheckpointOnAForgedTransactionInACrowdedBatch() {
    ByzantineLog log = COURT.log("alpha", 1);
    crowd(log, 40);
    log.body(new TransactionEntry(Bytes.utf8("forged"), Bytes.EMPTY));
    assertProven("transaction_invalid", log.size() - 1, log);
    // The replica need not know what a valid transaction is.
    Replica replica =
        new Replica(
            log.machine().origin(),
            COURT.network().node("alpha").logKey(),
            SignatureRule.fastest(),
            Frontier.read(log, log.size()));
    Bytes candidate =
        replica.judge(log.checkpoint(), log.checkpoint(), log).candidate().orElseThrow();
    Verification.Proven proven =
        assertInstanceOf(Verification.Proven.class, COURT.verifier().verify(candidate));
    assertEquals("checkpoint_not_on_state", proven.evidence().code());
  }

  @Test
  void aRepeatedSendAndATickBackBeyondTheEntriesLookedAt() {
    ByzantineLog log = COURT.log("alpha", 1);
    log.transaction(COURT.put("alpha", "beta/x=1"));
    long send = log.size() - 1;
    log.endState();
    // In this batch execution shows the same, without the entry it repeats.
    log.transaction(COURT.put("alpha", "y=1"));
    log.raw(Entry.of(log.size(), log.lastLeaf(), body(log, send)).bytes());
    Finding finding = audited(log).finding().orElseThrow();
    assertTrue(finding.witness().isPresent());
    assertProven("sequence_used_twice", log.size() - 1, log);
    Evidence executed = onlyExecuted(finding, log);
    assertEquals("send_unexpected", executed.code());

    ByzantineLog late = COURT.log("alpha", 1);
    late.body(new TickEntry(TestNetwork.FOUNDED_MILLIS));
    assertProven("tick_backwards", late.size() - 1, late);
    Evidence clock = onlyExecuted(audited(late).finding().orElseThrow(), late);
    assertEquals("tick_backwards", clock.code());
  }

  private static Evidence onlyExecuted(Finding finding, ByzantineLog log) {
    Bytes file =
        COURT
            .builder()
            .invalidTransition(
                log.checkpoint(),
                finding.batchStart(),
                finding.index(),
                log,
                finding.witness().orElseThrow());
    Verification verification = COURT.verifier().verify(file);
    return assertInstanceOf(Verification.Proven.class, verification, verification.toString())
        .evidence();
  }

  private static SendEntry body(ByzantineLog log, long index) {
    try {
      return (SendEntry) Entry.decode(log.entry(index)).body();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** What is appended at random, around the limits of a batch. */
  private enum Move {
    HONEST,
    CROWD,
    LARGE,
    SENDING,
    FORGED,
    UNSUPPORTED,
    TICK,
    SEND,
    GARBAGE,
    WRONG_INDEX,
    WRONG_CHAIN,
    WRONG_OUTCOME,
    STATE,
    STATE_WRONG_ROOT,
    STATE_WRONG_PREVIOUS,
    STATE_WRONG_BYTES,
    STATE_AT_THE_LIMIT
  }

  private final Map<Move, Integer> made = new EnumMap<>(Move.class);
  private final TreeSet<String> codes = new TreeSet<>();

  @Test
  void aFindingIsProvenWhateverElseIsWrong() {
    Seeded.run(
        600,
        random -> {
          ByzantineLog log = COURT.log("alpha", random.nextInt(3));
          boolean isFull = fill(random, log);
          int moves = isFull ? 1 + random.nextInt(3) : 2 + random.nextInt(6);
          for (int i = 0; i < moves; i++) {
            Move move = Move.values()[random.nextInt(Move.values().length)];
            made.merge(move, 1, Integer::sum);
            make(random, log, move);
          }
          if (random.nextInt(4) > 0) {
            log.endState();
          }
          Optional<Finding> finding = audited(log).finding();
          for (long size = log.size(); finding.isPresent() && size > 0; size--) {
            Proof proof = finding.get().prove(log.checkpoint(size), log, COURT.verifier());
            if (size <= finding.get().index()) {
              assertEquals(new Proof.NotCovered(), proof);
              break;
            }
            String what = finding.get().index() + " " + finding.get().violation() + " " + proof;
            Evidence evidence = assertInstanceOf(Proof.Proven.class, proof, what).proof();
            assertEquals(Optional.of("alpha"), evidence.node());
            assertTrue(evidence.faultId().position() >= finding.get().index(), what);
            codes.add(evidence.code());
          }
        });
    if (System.getProperty("probity.seed", "").isEmpty()) {
      assertEquals(Move.values().length, made.size());
      assertTrue(codes.size() >= 14, codes.toString());
    }
  }

  /**
   * Begins a batch about as full as it may be, or so small that its STATE can only lie: the next
   * entry is likely to be wrong in two ways, or what is wrong further on to hide what is wrong
   * here.
   */
  private static boolean fill(SplittableRandom random, ByzantineLog log) {
    BatchLimits limits = BatchLimits.DEFAULT;
    switch (random.nextInt(5)) {
      case 0 -> crowd(log, limits.maxEntries() - 3 + random.nextInt(8));
      case 1 -> {
        log.transaction(refused(limits.maxBytes() / 2 - 500 + random.nextInt(600)));
        log.transaction(refused(limits.maxBytes() / 2 - 500 + random.nextInt(600)));
      }
      case 2 -> {
        log.transaction(refused(limits.maxBytes() + random.nextInt(4_000)));
        log.transaction(refused(limits.maxBytes() + random.nextInt(4_000)));
      }
      case 3 -> crowd(log, 2);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void make(SplittableRandom random, ByzantineLog log, Move move) {
    BatchLimits limits = BatchLimits.DEFAULT;
    switch (move) {
      case HONEST -> log.transaction(COURT.put("alpha", "k" + random.nextInt(9) + "=v"));
      case CROWD -> crowd(log, limits.maxEntries() - 3 + random.nextInt(6));
      case LARGE -> log.transaction(refused(limits.maxBytes() - 800 + random.nextInt(800)));
      case SENDING -> log.transaction(COURT.put("alpha", "beta/k=" + random.nextInt(9)));
      case FORGED -> log.body(new TransactionEntry(Bytes.utf8("forged"), Bytes.EMPTY));
      case UNSUPPORTED -> log.body(new FloorEntry(Bytes.utf8("none")));
      case TICK -> log.body(new TickEntry(TestNetwork.FOUNDED_MILLIS - 1 + random.nextInt(4)));
      case SEND -> log.body(new SendEntry("beta", 0, random.nextInt(3), Bytes.utf8("gold")));
      case GARBAGE -> log.raw(Bytes.wrap(Seeded.bytes(random, 1 + random.nextInt(60))));
      case WRONG_INDEX ->
          log.raw(Entry.of(random.nextInt(99), log.lastLeaf(), new TickEntry(1)).bytes());
      case WRONG_CHAIN ->
          log.raw(
              Entry.of(log.size(), Hash.sha256(), new SendEntry("beta", 0, 7, Bytes.EMPTY))
                  .bytes());
      case WRONG_OUTCOME ->
          log.body(
              new TransactionEntry(COURT.put("alpha", "k=v").encoded(), Bytes.utf8("made up")));
      case STATE -> log.endState();
      case STATE_WRONG_ROOT -> log.endState(Hash.sha256(Seeded.bytes(random, 8)));
      case STATE_WRONG_PREVIOUS -> state(log, random.nextLong(log.size() + 2), log.batchBytes());
      case STATE_WRONG_BYTES ->
          state(log, log.lastStateIndex(), random.nextLong(2 * log.batchBytes() + 2));
      case STATE_AT_THE_LIMIT ->
          state(log, log.lastStateIndex(), limits.maxBytes() - 200 + random.nextInt(400));
    }
  }

  private static void crowd(ByzantineLog log, int transactions) {
    for (int i = 0; i < transactions; i++) {
      log.transaction(COURT.put("alpha", "k" + i + "=v"));
    }
  }

  /** A transaction of so many bytes that a correct node may log: nobody may submit it. */
  private static Statement refused(int bytes) {
    return COURT.refused("alpha", Bytes.utf8("x".repeat(bytes)));
  }

  private static void state(ByzantineLog log, long previous, long bytes) {
    log.body(new StateEntry(log.state().root(), previous, bytes)).endBatch();
  }

  private static void assertProven(String code, long position, ByzantineLog log) {
    Finding finding = audited(log).finding().orElseThrow();
    Proof proof = finding.prove(log.checkpoint(), log, COURT.verifier());
    Evidence evidence = assertInstanceOf(Proof.Proven.class, proof, proof.toString()).proof();
    assertEquals(code, evidence.code());
    assertEquals(position, evidence.faultId().position());
  }

  private static ConformanceAudit audited(ByzantineLog log) {
    ConformanceAudit audit = new ConformanceAudit(log.machine());
    while (audit.finding().isEmpty() && audit.nextIndex() < log.size()) {
      audit.feed(Replay.prepare(log.entry(audit.nextIndex()), "alpha", STATEMENTS));
    }
    return audit;
  }
}
