package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;

/** protocol.md §4.4: transaction ids are in the state until they expire, and no longer. */
class TransactionIdsTest {
  private static final long START = TestNetwork.FOUNDED_MILLIS;
  private static final Bytes SUBMITTER = Bytes.utf8("c");

  private final ObjectStore program = new ObjectStore();
  private final TestNetwork network =
      TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "alpha", "beta", "gamma");
  private final Machine machine = new Machine(network.genesis(), network.node("alpha"), program);
  private final WorkingState state = new WorkingState(machine.initialState());
  private final VerifiedStatement signed = sign();

  private VerifiedStatement sign() {
    Statement statement =
        Statement.sign(
            network.genesis().networkId(),
            Transaction.TYP,
            Bytes.EMPTY,
            TestNetwork.signer("client"));
    try {
      return new StatementVerifier(SignatureRule.fastest(), network.genesis().networkId())
          .verify(statement.encoded(), Transaction.TYP);
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private Status submit(Bytes clientId, Bytes submitter) {
    Transaction transaction =
        new Transaction("alpha", clientId, submitter, Bytes.utf8("key=value"));
    return machine.transaction(state, signed, transaction, 1).status();
  }

  private Status submit(long notAfter, long chosen) {
    return submit(Transaction.clientId(notAfter, chosen), SUBMITTER);
  }

  private static int remembered(StateTree tree) {
    int count = 0;
    Bytes prefix = Machine.systemKey(Bytes.utf8("x"));
    Iterator<KeyValue> from = tree.iterator(prefix);
    while (from.hasNext() && from.next().key().slice(0, 2).equals(prefix)) {
      count++;
    }
    return count;
  }

  /** The state holds the ids that may still come, whatever came how fast, and not one more. */
  @Test
  void atAnyRateJustTheIdsThatMayStillComeAreRemembered() {
    Seeded.run(
        6,
        random -> {
          TransactionIdsTest node = new TransactionIdsTest();
          SortedMap<Long, List<Long>> live = new TreeMap<>();
          long now = START;
          long chosen = 0;
          for (int round = 0; round < 12; round++) {
            // Up to 3,000 between two TICKs 50 ms apart: 60,000 a second.
            int burst = random.nextInt(4) == 0 ? random.nextInt(3_000) : random.nextInt(50);
            for (int i = 0; i < burst; i++) {
              long deadline = now + random.nextInt(200);
              assertEquals(Status.EXECUTED, node.submit(deadline, chosen));
              live.computeIfAbsent(deadline, at -> new ArrayList<>()).add(chosen++);
            }
            now += random.nextInt(8) == 0 ? 0 : 50;
            assertTrue(node.machine.tick(node.state, now).isEmpty());
            assertNoneReturns(node, live.headMap(now), random);
            live.headMap(now).clear();
            int expected = live.values().stream().mapToInt(List::size).sum();
            assertEquals(expected, remembered(node.state.tree()));
            for (var one : live.entrySet()) {
              assertEquals(
                  Status.ALREADY_RECORDED, node.submit(one.getKey(), one.getValue().get(0)));
            }
          }
        });
  }

  /** None of the expired executes again. */
  private static void assertNoneReturns(
      TransactionIdsTest node, SortedMap<Long, List<Long>> expired, SplittableRandom random) {
    expired.forEach(
        (deadline, ids) ->
            assertEquals(
                Status.EXPIRED, node.submit(deadline, ids.get(random.nextInt(ids.size())))));
  }

  @Test
  void anIdLivesThroughTheMillisecondOfItsDeadline() {
    assertEquals(Status.EXECUTED, submit(START + 10, 1));
    machine.tick(state, START + 10);
    assertEquals(Status.ALREADY_RECORDED, submit(START + 10, 1));
    assertEquals(1, remembered(state.tree()));
    machine.tick(state, START + 11);
    assertEquals(Status.EXPIRED, submit(START + 10, 1));
    assertEquals(0, remembered(state.tree()));
  }

  @Test
  void idsOfDifferentSubmittersAreDifferent() {
    Bytes id = Transaction.clientId(START + 10, 1);
    assertEquals(Status.EXECUTED, submit(id, Bytes.utf8("a")));
    assertEquals(Status.EXECUTED, submit(id, Bytes.utf8("b")));
    assertEquals(Status.ALREADY_RECORDED, submit(id, Bytes.utf8("a")));
  }

  /** What a TICK looks at does not grow with what it forgets. */
  @Test
  void theProofOfATickIsSmallWhateverItForgets() {
    for (int i = 0; i < 20_000; i++) {
      submit(START + 1 + i % 977, i);
    }
    for (long millis : new long[] {START, START + 1, START + 500, START + 2_000}) {
      AccessLog log = new AccessLog(state.tree());
      machine.tick(log.state(), millis);
      int bytes = log.witness().encoded().size();
      assertTrue(bytes < 3 << 10, () -> bytes + " bytes");
    }
  }

  /** Ids are chosen by clients: none can be chosen to make a path long. */
  @Test
  void idsThatDifferInEveryBitOfTheirChoiceMakeNoLongPath() {
    for (int bit = 0; bit < 64; bit++) {
      submit(START + 1_000, 1L << bit);
    }
    AccessLog log = new AccessLog(state.tree());
    Machine.system(log.state()).transaction(Transaction.clientId(START + 1_000, 0), SUBMITTER);
    int bytes = log.witness().encoded().size();
    assertTrue(bytes < 1_000, () -> bytes + " bytes");
  }
}
