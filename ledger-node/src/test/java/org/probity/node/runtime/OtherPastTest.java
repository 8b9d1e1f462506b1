package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.node.http.PeerReply;

/** Who holds another past is shown this one: all of it, until it has it, one at a time. */
class OtherPastTest {
  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(1, 2),
          new LedgerProgram().id(),
          new LedgerParameters(List.of(), new TreeMap<>()).encode(),
          "a",
          "b",
          "c");
  private final ByzantineLog log =
      new ByzantineLog(
              network, new Machine(network.genesis(), network.node("a"), new LedgerProgram()))
          .genesis();
  private final List<SignedCheckpoint> halves = new ArrayList<>();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Sent> sent = new ArrayList<>();

  private record Sent(String to, Bytes checkpoint, Promise<PeerReply> reply) {}

  private final OtherPast past = new OtherPast(() -> halves, this::send, tasks::add);

  private Future<PeerReply> send(String to, Bytes checkpoint) {
    Sent one = new Sent(to, checkpoint, Promise.promise());
    sent.add(one);
    return one.reply().future();
  }

  private SignedCheckpoint next() {
    log.tick(TestNetwork.FOUNDED_MILLIS + log.size()).endState();
    return log.checkpoint();
  }

  private void answer(int index, PeerReply reply) {
    sent.get(index).reply().complete(reply);
    settle();
  }

  private void settle() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Test
  void isShownBothHalvesOneAfterTheOtherAndWhatItHasNotTakenOnceMore() {
    SignedCheckpoint newest = next();
    SignedCheckpoint promised = next();
    halves.add(newest);
    halves.add(promised);
    past.isHeldBy("b");
    past.isHeldBy("b");
    assertEquals(1, sent.size(), "one at a time");
    assertEquals(newest.bytes(), sent.get(0).checkpoint());
    answer(0, PeerReply.ok(Bytes.utf8("CONFLICT")));
    assertEquals(promised.bytes(), sent.get(1).checkpoint());
    answer(1, PeerReply.refused("checkpoint_ahead"));
    assertEquals(2, sent.size());

    past.isHeldBy("b");
    assertEquals(promised.bytes(), sent.get(2).checkpoint());
    answer(2, PeerReply.ok(Bytes.utf8("CONFLICT")));
    past.isHeldBy("b");
    assertEquals(3, sent.size(), "it has both");

    halves.set(0, next());
    past.isHeldBy("b");
    assertEquals(halves.get(0).bytes(), sent.get(3).checkpoint());
  }

  @Test
  void whoCannotBeReachedIsShownItWithItsNextAuditAndHoldsUpNobody() {
    halves.add(next());
    past.isHeldBy("b");
    past.isHeldBy("c");
    assertEquals(List.of("b", "c"), sent.stream().map(Sent::to).toList());
    sent.get(0).reply().fail("no route");
    settle();
    past.isHeldBy("b");
    assertEquals(List.of("b", "c", "b"), sent.stream().map(Sent::to).toList());
  }

  @Test
  void nothingIsShownWhereNothingIsCovered() {
    past.isHeldBy("b");
    assertEquals(List.of(), sent);
    halves.add(next());
    past.isHeldBy("b");
    assertEquals(1, sent.size());
  }
}
