package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;

/** Protocol §4.3: {@code GENESIS (TICK? (input output*)* STATE)*} and its limits. */
class BatchGrammarTest {
  private static final TransactionEntry INPUT =
      new TransactionEntry(Bytes.utf8("statement"), Bytes.utf8("outcome"));

  private static SendEntry send(long sequence) {
    return new SendEntry("peer", 1, sequence, Bytes.utf8("hello"));
  }

  private static TransactionEntry inputOf(int bytes) {
    return new TransactionEntry(Bytes.wrap(new byte[bytes]), Bytes.EMPTY);
  }

  /** The first fault of a whole log, and how far it was good. */
  private static Optional<GrammarVerdict.Broken> read(TestLog log, BatchLimits limits) {
    BatchGrammar grammar = BatchGrammar.afterGenesis(log.entry(0), limits);
    for (Entry entry : log.entries().subList(1, log.entries().size())) {
      GrammarVerdict verdict = grammar.accept(entry);
      if (!(verdict instanceof GrammarVerdict.Fits fits)) {
        return verdict.broken();
      }
      grammar = fits.next();
    }
    return Optional.empty();
  }

  private static void assertFault(EntryFault fault, long index, TestLog log) {
    assertEquals(
        Optional.of(new GrammarVerdict.Broken(index, fault)), read(log, BatchLimits.DEFAULT));
  }

  @Test
  void acceptsEveryFormOfBatch() {
    TestLog log = TestLog.of("a");
    log.addState("empty batch");
    log.add(new TickEntry(10));
    log.addState("a tick only");
    log.add(INPUT);
    log.addState("an input only");
    log.add(new TickEntry(10));
    log.add(INPUT);
    log.add(send(0));
    log.add(send(1));
    log.add(new DecisionEntry(Bytes.utf8("decision")));
    log.add(new ChallengeEntry(Bytes.utf8("challenge")));
    log.add(send(2));
    log.add(new FloorEntry(Bytes.utf8("floor")));
    log.addState("everything");
    assertEquals(Optional.empty(), read(log, BatchLimits.DEFAULT));
  }

  @Test
  void saysWhereItStands() {
    TestLog log = TestLog.of("a");
    BatchGrammar genesis = BatchGrammar.afterGenesis(log.entry(0), BatchLimits.DEFAULT);
    assertTrue(genesis.isBatchComplete());
    assertEquals(1, genesis.nextIndex());
    assertEquals(0, genesis.previousStateIndex());
    assertEquals(OptionalLong.empty(), genesis.lastTickMillis());
    Entry tick = log.add(new TickEntry(10));
    BatchGrammar ticked = ((GrammarVerdict.Fits) genesis.accept(tick)).next();
    assertFalse(ticked.isBatchComplete());
    assertEquals(OptionalLong.of(10), ticked.lastTickMillis());
    assertEquals(tick.bytes().size(), ticked.batchBytes());
    assertEquals(tick.leafHash(), ticked.expectedPrev());
    BatchGrammar done = ((GrammarVerdict.Fits) ticked.accept(log.addState("s"))).next();
    assertTrue(done.isBatchComplete());
    assertEquals(2, done.previousStateIndex());
    assertEquals(OptionalLong.of(10), done.lastTickMillis());
  }

  @Test
  void resumesAfterAnyState() {
    TestLog log = TestLog.of("a");
    log.add(new TickEntry(50));
    Entry state = log.addState("one");
    Entry back = log.add(new TickEntry(49));
    BatchGrammar knowing = BatchGrammar.after(state, OptionalLong.of(50), BatchLimits.DEFAULT);
    assertEquals(
        Optional.of(new GrammarVerdict.Broken(3, EntryFault.TICK_BACKWARDS)),
        knowing.accept(back).broken());
    BatchGrammar blind = BatchGrammar.after(state, OptionalLong.empty(), BatchLimits.DEFAULT);
    assertEquals(Optional.empty(), blind.accept(back).broken());
    assertThrows(
        IllegalArgumentException.class,
        () -> BatchGrammar.after(back, OptionalLong.empty(), BatchLimits.DEFAULT));
  }

  @Test
  void refusesATickThatStartsNoBatch() {
    TestLog afterInput = TestLog.of("a");
    afterInput.add(INPUT);
    afterInput.add(new TickEntry(1));
    assertFault(EntryFault.TICK_MISPLACED, 2, afterInput);
    TestLog afterTick = TestLog.of("a");
    afterTick.add(new TickEntry(1));
    afterTick.add(new TickEntry(1));
    assertFault(EntryFault.TICK_MISPLACED, 2, afterTick);
  }

  @Test
  void refusesATickThatGoesBack() {
    TestLog log = TestLog.of("a");
    log.add(new TickEntry(10));
    log.addState("one");
    log.add(new TickEntry(9));
    assertFault(EntryFault.TICK_BACKWARDS, 3, log);
  }

  @Test
  void refusesAnOutputWithoutInput() {
    TestLog atStart = TestLog.of("a");
    atStart.add(send(0));
    assertFault(EntryFault.OUTPUT_WITHOUT_INPUT, 1, atStart);
    TestLog afterTick = TestLog.of("a");
    afterTick.add(new TickEntry(1));
    afterTick.add(send(0));
    assertFault(EntryFault.OUTPUT_WITHOUT_INPUT, 2, afterTick);
    TestLog afterState = TestLog.of("a");
    afterState.add(INPUT);
    afterState.addState("one");
    afterState.add(send(0));
    assertFault(EntryFault.OUTPUT_WITHOUT_INPUT, 3, afterState);
  }

  @Test
  void refusesAGenesisInsideABatch() {
    TestLog log = TestLog.of("a");
    log.add(INPUT);
    log.add(log.entry(0).body());
    assertFault(EntryFault.GENESIS_MISPLACED, 2, log);
  }

  @Test
  void refusesABrokenChain() {
    TestLog log = TestLog.of("a");
    log.addRaw(Entry.of(1, TestLog.hash("elsewhere"), INPUT));
    assertFault(EntryFault.WRONG_PREV, 1, log);
  }

  @Test
  void refusesAWrongIndex() {
    TestLog log = TestLog.of("a");
    log.addRaw(Entry.of(2, log.entry(0).leafHash(), INPUT));
    assertFault(EntryFault.WRONG_INDEX, 1, log);
  }

  @Test
  void refusesAStateThatLiesAboutItsBatch() {
    for (long previous : new long[] {1, 2, 3, 4}) {
      TestLog log = TestLog.of("a");
      log.add(INPUT);
      log.addState("one");
      Entry input = log.add(INPUT);
      log.add(new StateEntry(TestLog.hash("two"), previous, input.bytes().size()));
      assertEquals(previous == 2, read(log, BatchLimits.DEFAULT).isEmpty());
      if (previous != 2) {
        assertFault(EntryFault.STATE_WRONG_PREVIOUS, 4, log);
      }
    }
    for (int difference : new int[] {-1, 1}) {
      TestLog log = TestLog.of("a");
      Entry input = log.add(INPUT);
      log.add(new StateEntry(TestLog.hash("two"), 0, input.bytes().size() + difference));
      assertFault(EntryFault.STATE_WRONG_BYTES, 2, log);
    }
  }

  @Test
  void takesExactlyKEntriesAndRefusesOneMore() {
    BatchLimits limits = new BatchLimits(5, 1 << 20);
    TestLog full = TestLog.of("a");
    full.add(new TickEntry(1));
    full.add(INPUT);
    full.add(INPUT);
    full.add(send(0));
    full.addState("five entries");
    assertEquals(Optional.empty(), read(full, limits));
    TestLog over = TestLog.of("a");
    over.add(new TickEntry(1));
    over.add(INPUT);
    over.add(INPUT);
    over.add(send(0));
    over.add(send(1));
    over.addState("six entries");
    assertEquals(
        Optional.of(new GrammarVerdict.Broken(6, EntryFault.BATCH_TOO_LARGE)), read(over, limits));
  }

  @Test
  void takesExactlyMBytesAndRefusesOneMore() {
    for (int extra : new int[] {0, 1}) {
      TestLog log = TestLog.of("a");
      log.add(INPUT);
      log.add(inputOf(1_000 + extra));
      log.addState("two inputs");
      int bytes =
          log.entries().stream().skip(1).mapToInt(entry -> entry.bytes().size()).sum() - extra;
      Optional<GrammarVerdict.Broken> verdict = read(log, new BatchLimits(32, bytes));
      assertEquals(
          extra == 0
              ? Optional.empty()
              : Optional.of(new GrammarVerdict.Broken(3, EntryFault.BATCH_TOO_LARGE)),
          verdict);
    }
  }

  @Test
  void takesOneInputOfAnySize() {
    TestLog log = TestLog.of("a");
    log.add(new TickEntry(1));
    log.add(inputOf(TransactionEntry.MAX_STATEMENT_BYTES));
    for (int i = 0; i < 100; i++) {
      log.add(send(i));
    }
    log.addState("one large input");
    assertEquals(Optional.empty(), read(log, BatchLimits.DEFAULT));
    TestLog withSecond = TestLog.of("a");
    withSecond.add(inputOf(TransactionEntry.MAX_STATEMENT_BYTES));
    withSecond.add(INPUT);
    assertFault(EntryFault.BATCH_TOO_LARGE, 2, withSecond);
  }

  @Test
  void refusesLimitsThatFitNoBatch() {
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(2, 1_000));
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(3, 255));
  }

  @Test
  void everyRandomLogThatFitsIsAcceptedAndEveryChangedByteIsFound() {
    Seeded.run(
        200,
        random -> {
          TestLog log = TestLog.of("a");
          long millis = 0;
          for (int batch = 0; batch < 5; batch++) {
            if (random.nextBoolean()) {
              millis += random.nextInt(3);
              log.add(new TickEntry(millis));
            }
            for (int input = random.nextInt(4); input > 0; input--) {
              log.add(inputOf(random.nextInt(100)));
              for (int output = random.nextInt(3); output > 0; output--) {
                log.add(send(log.entries().size()));
              }
            }
            log.addState("state " + batch);
          }
          assertEquals(Optional.empty(), read(log, BatchLimits.DEFAULT));
          // Replace one entry by another with the same predecessor: its successor's chain breaks.
          int at = 1 + random.nextInt(log.entries().size() - 2);
          TestLog changed = TestLog.empty("a");
          for (Entry entry : log.entries()) {
            changed.addRaw(
                entry.index() == at
                    ? Entry.of(at, entry.prev(), new DecisionEntry(Bytes.utf8("changed")))
                    : entry);
          }
          GrammarVerdict.Broken broken = read(changed, BatchLimits.DEFAULT).orElseThrow();
          assertTrue(broken.index() <= at + 1);
        });
  }

  @Test
  void codesAreStable() {
    assertEquals("tick_backwards", EntryFault.TICK_BACKWARDS.code());
    List<String> codes = Arrays.stream(EntryFault.values()).map(EntryFault::code).toList();
    assertEquals(
        "encoding wrong_index wrong_prev wrong_network genesis_missing genesis_misplaced"
            + " genesis_wrong_node genesis_wrong_state genesis_wrong_close tick_misplaced tick_backwards output_without_input"
            + " sequence_used_twice sequence_backwards state_wrong_previous state_wrong_bytes"
            + " batch_too_large checkpoint_not_on_state embedded_checkpoint embedded_origin"
            + " receive_not_sends receive_wrong_addressee receive_out_of_sequence receive_proof"
            + " ack_not_state ack_proof",
        String.join(" ", codes));
  }
}
