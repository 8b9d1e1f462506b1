package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** Protocol §8.1, INVALID_ENTRY: faults that show on one, two or three entries alone. */
class EntryRulesTest {
  private static final TransactionEntry INPUT =
      new TransactionEntry(Bytes.utf8("statement"), Bytes.EMPTY);
  private static final Hash PREV = TestLog.hash("previous");

  private final TestLog self = TestLog.of("self");
  private final TestLog peer = TestLog.of("peer");

  private static SendEntry send(String to, long sequence) {
    return new SendEntry(to, 1, sequence, Bytes.utf8("hello"));
  }

  private Optional<EntryFault> alone(EntryBody body) {
    return EntryRules.alone(self.origin(), 7, Entry.of(7, PREV, body));
  }

  @Test
  void anHonestLogShowsNoFaultInAnyOneOrTwoEntries() {
    TestLog log = TestLog.of("self");
    for (int batch = 0; batch < 6; batch++) {
      log.add(new TickEntry(batch));
      log.add(INPUT);
      log.add(send("peer", 2L * batch));
      log.add(send("other", batch));
      log.add(INPUT);
      log.add(send("peer", 2L * batch + 1));
      log.addState("state " + batch);
    }
    for (Entry later : log.entries()) {
      assertEquals(Optional.empty(), EntryRules.alone(log.origin(), later.index(), later.bytes()));
      for (Entry earlier : log.entries()) {
        assertEquals(Optional.empty(), EntryRules.pair(earlier, later));
        for (Entry third : log.entries()) {
          assertEquals(
              Optional.empty(),
              EntryRules.crowdedBatch(BatchLimits.DEFAULT, earlier, later, third));
        }
      }
    }
  }

  @Test
  void bytesThatAreNoEntry() {
    assertEquals(
        Optional.of(EntryFault.ENCODING),
        EntryRules.alone(self.origin(), 7, Bytes.utf8("no entry")));
    assertEquals(
        Optional.of(EntryFault.WRONG_INDEX),
        EntryRules.alone(self.origin(), 7, self.entry(0).bytes()));
  }

  @Test
  void positionAndGenesis() {
    Entry genesis = self.entry(0);
    assertEquals(Optional.of(EntryFault.WRONG_INDEX), EntryRules.alone(self.origin(), 1, genesis));
    assertEquals(
        Optional.of(EntryFault.GENESIS_MISPLACED),
        EntryRules.alone(self.origin(), 1, Entry.of(1, PREV, genesis.body())));
    assertEquals(
        Optional.of(EntryFault.GENESIS_MISSING),
        EntryRules.alone(self.origin(), 0, Entry.of(0, TestLog.NETWORK, INPUT)));
    assertEquals(
        Optional.of(EntryFault.WRONG_NETWORK),
        EntryRules.alone(self.origin(), 0, Entry.of(0, PREV, genesis.body())));
    assertEquals(
        Optional.of(EntryFault.GENESIS_WRONG_NODE), EntryRules.alone(peer.origin(), 0, genesis));
    assertEquals(
        Optional.of(EntryFault.GENESIS_WRONG_NODE),
        EntryRules.alone(new Origin(TestLog.NETWORK, "self", 2), 0, genesis));
  }

  @Test
  void aStateThatIsImpossibleByItself() {
    assertEquals(Optional.of(EntryFault.STATE_WRONG_PREVIOUS), alone(new StateEntry(PREV, 7, 0)));
    assertEquals(
        Optional.of(EntryFault.STATE_WRONG_PREVIOUS),
        alone(new StateEntry(PREV, Long.MAX_VALUE, 0)));
    assertEquals(Optional.of(EntryFault.STATE_WRONG_BYTES), alone(new StateEntry(PREV, 6, 1)));
    assertEquals(Optional.empty(), alone(new StateEntry(PREV, 6, 0)));
    // Two entries in between.
    assertEquals(Optional.of(EntryFault.STATE_WRONG_BYTES), alone(new StateEntry(PREV, 4, 77)));
    assertEquals(Optional.empty(), alone(new StateEntry(PREV, 4, 78)));
    assertEquals(Optional.empty(), alone(new StateEntry(PREV, 4, 2 * 65_535)));
    assertEquals(
        Optional.of(EntryFault.STATE_WRONG_BYTES), alone(new StateEntry(PREV, 4, 2 * 65_535 + 1)));
    assertEquals(
        Optional.of(EntryFault.STATE_WRONG_BYTES), alone(new StateEntry(PREV, 4, Long.MAX_VALUE)));
  }

  @Test
  void neighbours() {
    Entry genesis = self.entry(0);
    Entry input = self.add(INPUT);
    assertEquals(
        Optional.of(EntryFault.WRONG_PREV), EntryRules.pair(genesis, Entry.of(1, PREV, INPUT)));
    assertEquals(
        Optional.of(EntryFault.TICK_MISPLACED),
        EntryRules.pair(input, Entry.of(2, input.leafHash(), new TickEntry(0))));
    assertEquals(
        Optional.of(EntryFault.OUTPUT_WITHOUT_INPUT),
        EntryRules.pair(genesis, Entry.of(1, genesis.leafHash(), send("peer", 0))));
    assertEquals(
        Optional.empty(), EntryRules.pair(input, Entry.of(2, input.leafHash(), send("peer", 0))));
    assertEquals(Optional.empty(), EntryRules.pair(input, input));
    assertEquals(Optional.empty(), EntryRules.pair(input, genesis));
  }

  @Test
  void clocksAndSequences() {
    Entry tick = Entry.of(4, PREV, new TickEntry(100));
    assertEquals(
        Optional.of(EntryFault.TICK_BACKWARDS),
        EntryRules.pair(tick, Entry.of(9, PREV, new TickEntry(99))));
    assertEquals(Optional.empty(), EntryRules.pair(tick, Entry.of(9, PREV, new TickEntry(100))));
    Entry sent = Entry.of(4, PREV, send("peer", 5));
    assertEquals(
        Optional.of(EntryFault.SEQUENCE_USED_TWICE),
        EntryRules.pair(sent, Entry.of(9, PREV, send("peer", 5))));
    assertEquals(
        Optional.of(EntryFault.SEQUENCE_BACKWARDS),
        EntryRules.pair(sent, Entry.of(9, PREV, send("peer", 4))));
    assertEquals(Optional.empty(), EntryRules.pair(sent, Entry.of(9, PREV, send("peer", 6))));
    assertEquals(Optional.empty(), EntryRules.pair(sent, Entry.of(9, PREV, send("other", 5))));
    assertEquals(
        Optional.of(EntryFault.SEQUENCE_USED_TWICE),
        EntryRules.pair(sent, Entry.of(9, PREV, new SendEntry("peer", 2, 5, Bytes.utf8("hello")))),
        "a channel goes on when its other end begins another incarnation");
  }

  @Test
  void aStateAndWhatStandsWhereItPoints() {
    Entry input = Entry.of(4, PREV, INPUT);
    Entry state = Entry.of(4, PREV, new StateEntry(PREV, 2, 100));
    assertEquals(
        Optional.of(EntryFault.STATE_WRONG_PREVIOUS),
        EntryRules.pair(input, Entry.of(9, PREV, new StateEntry(PREV, 4, 1_000))));
    assertEquals(
        Optional.of(EntryFault.STATE_WRONG_PREVIOUS),
        EntryRules.pair(state, Entry.of(9, PREV, new StateEntry(PREV, 3, 1_000))));
    assertEquals(
        Optional.empty(),
        EntryRules.pair(state, Entry.of(9, PREV, new StateEntry(PREV, 4, 1_000))));
    assertEquals(
        Optional.empty(),
        EntryRules.pair(state, Entry.of(9, PREV, new StateEntry(PREV, 5, 1_000))));
  }

  @Test
  void aCrowdedBatch() {
    BatchLimits limits = new BatchLimits(5, 1_000);
    Entry first = Entry.of(4, PREV, INPUT);
    Entry second = Entry.of(6, PREV, INPUT);
    Entry output = Entry.of(6, PREV, send("peer", 0));
    Entry tooMany = Entry.of(9, PREV, new StateEntry(PREV, 3, 500));
    Entry atLimit = Entry.of(8, PREV, new StateEntry(PREV, 3, 500));
    Entry tooHeavy = Entry.of(8, PREV, new StateEntry(PREV, 3, 1_000));
    Entry absurd = Entry.of(8, PREV, new StateEntry(PREV, 3, Long.MAX_VALUE));
    Optional<EntryFault> fault = Optional.of(EntryFault.BATCH_TOO_LARGE);
    assertEquals(fault, EntryRules.crowdedBatch(limits, first, second, tooMany));
    assertEquals(fault, EntryRules.crowdedBatch(limits, first, second, tooHeavy));
    assertEquals(fault, EntryRules.crowdedBatch(limits, first, second, absurd));
    assertEquals(Optional.empty(), EntryRules.crowdedBatch(limits, first, second, atLimit));
    assertEquals(Optional.empty(), EntryRules.crowdedBatch(limits, first, output, tooMany));
    assertEquals(Optional.empty(), EntryRules.crowdedBatch(limits, first, first, tooMany));
    assertEquals(Optional.empty(), EntryRules.crowdedBatch(limits, second, first, tooMany));
    assertEquals(
        Optional.empty(),
        EntryRules.crowdedBatch(limits, Entry.of(3, PREV, INPUT), second, tooMany));
    assertEquals(Optional.empty(), EntryRules.crowdedBatch(limits, first, second, second));
  }

  @Test
  void aCheckpointThatEndsInsideABatch() {
    assertEquals(Optional.empty(), EntryRules.lastOfCheckpoint(self.entry(0)));
    assertEquals(Optional.empty(), EntryRules.lastOfCheckpoint(self.addState("one")));
    assertEquals(
        Optional.of(EntryFault.CHECKPOINT_NOT_ON_STATE),
        EntryRules.lastOfCheckpoint(self.add(INPUT)));
  }

  /** The peer's log with three SENDs to us, one to another, and a STATE; then the RECEIVE. */
  private ReceiveEntry honestReceive() {
    peer.add(INPUT);
    peer.add(send("self", 3));
    peer.add(send("other", 0));
    peer.add(send("self", 4));
    peer.add(INPUT);
    peer.add(send("self", 5));
    peer.addState("sent");
    return receive(List.of(2L, 4L, 6L));
  }

  private ReceiveEntry receive(List<Long> indices) {
    return new ReceiveEntry(
        peer.checkpoint().bytes(),
        indices.stream().map(i -> peer.entry(i).bytes()).toList(),
        Multiproof.build(peer.tree(), peer.tree().size(), indices));
  }

  @Test
  void receive() {
    ReceiveEntry good = honestReceive();
    assertEquals(Optional.empty(), alone(good));
    assertEquals(
        Optional.of(EntryFault.EMBEDDED_CHECKPOINT),
        alone(new ReceiveEntry(Bytes.utf8("no note"), good.sends(), good.multiproof())));
    assertEquals(
        Optional.empty(),
        EntryRules.alone(peer.origin(), 7, Entry.of(7, PREV, good)),
        "under its own checkpoint it is the return of what it sent");
    assertEquals(
        Optional.of(EntryFault.EMBEDDED_ORIGIN),
        EntryRules.alone(new Origin(PREV, "self", 1), 7, Entry.of(7, PREV, good)));
    assertEquals(
        Optional.of(EntryFault.RECEIVE_NOT_SENDS),
        alone(new ReceiveEntry(good.checkpoint(), List.of(), good.multiproof())));
    assertEquals(Optional.of(EntryFault.RECEIVE_NOT_SENDS), alone(receive(List.of(1L))));
    assertEquals(Optional.of(EntryFault.RECEIVE_WRONG_ADDRESSEE), alone(receive(List.of(2L, 3L))));
    assertEquals(
        Optional.of(EntryFault.RECEIVE_WRONG_ADDRESSEE),
        EntryRules.alone(new Origin(TestLog.NETWORK, "self", 0), 7, Entry.of(7, PREV, good)),
        "what is sent to a later incarnation is not for this one");
    assertEquals(
        Optional.empty(),
        EntryRules.alone(new Origin(TestLog.NETWORK, "self", 2), 7, Entry.of(7, PREV, good)),
        "what was sent to an earlier one is");
    assertEquals(Optional.of(EntryFault.RECEIVE_OUT_OF_SEQUENCE), alone(receive(List.of(2L, 6L))));
    List<Bytes> swapped = new ArrayList<>(good.sends());
    swapped.set(0, good.sends().get(1));
    swapped.set(1, good.sends().get(0));
    assertEquals(
        Optional.of(EntryFault.RECEIVE_OUT_OF_SEQUENCE),
        alone(new ReceiveEntry(good.checkpoint(), swapped, good.multiproof())));
    Mutations.everyOtherShape(
        good.multiproof(),
        proof ->
            assertEquals(
                Optional.of(EntryFault.RECEIVE_PROOF),
                alone(new ReceiveEntry(good.checkpoint(), good.sends(), proof))));
    assertEquals(Optional.empty(), alone(receive(List.of(4L))));
  }

  @Test
  void ack() {
    honestReceive();
    long last = peer.tree().size() - 1;
    AckEntry good =
        new AckEntry(
            peer.checkpoint().bytes(),
            peer.entry(last).bytes(),
            MerkleProofs.inclusion(peer.tree(), last, last + 1),
            Bytes.utf8("state proof"));
    assertEquals(Optional.empty(), alone(good));
    assertEquals(
        Optional.of(EntryFault.EMBEDDED_CHECKPOINT),
        alone(new AckEntry(Bytes.EMPTY, good.stateEntry(), good.inclusion(), good.stateProof())));
    assertEquals(
        Optional.of(EntryFault.EMBEDDED_ORIGIN),
        EntryRules.alone(peer.origin(), 7, Entry.of(7, PREV, good)));
    assertEquals(
        Optional.of(EntryFault.ACK_NOT_STATE),
        alone(
            new AckEntry(
                good.checkpoint(),
                peer.entry(last - 1).bytes(),
                good.inclusion(),
                good.stateProof())));
    // An older STATE with a correct proof is not the one at the end of the checkpoint.
    Entry olderState = peer.entry(last);
    peer.addState("later");
    assertEquals(
        Optional.of(EntryFault.ACK_NOT_STATE),
        alone(
            new AckEntry(
                peer.checkpoint().bytes(),
                olderState.bytes(),
                MerkleProofs.inclusion(peer.tree(), last, last + 2),
                good.stateProof())));
    Mutations.everyOtherShape(
        good.inclusion(),
        proof ->
            assertEquals(
                Optional.of(EntryFault.ACK_PROOF),
                alone(
                    new AckEntry(good.checkpoint(), good.stateEntry(), proof, good.stateProof()))));
  }
}
