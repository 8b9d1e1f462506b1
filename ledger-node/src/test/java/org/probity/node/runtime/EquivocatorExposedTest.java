package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.SendEntry;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.api.Polling;

/**
 * A node shows one history to its witnesses and another to one other node, which keeps it to
 * itself. The only trace is inside that node's log, in an entry that its own witnesses replicate
 * (protocol.md §6.2): running nodes with real stores, the culprit played by the test.
 */
@Timeout(120)
class EquivocatorExposedTest {
  private static final String CULPRIT = "a";

  @TempDir Path directory;

  private TestBanks banks;
  private ByzantineLog shown;
  private ByzantineLog hidden;
  private String accomplice;

  @Test
  void throughTheReceiveOfTheOneItWasShownTo() throws Exception {
    try (TestBanks opened = open()) {
      hidden.body(new SendEntry(accomplice, 0, 0, Bytes.utf8("psst"))).endState();
      Envelope envelope =
          new Envelope(
              hidden.envelope(hidden.sends().get(0)),
              0,
              opened.network.genesis().networkId(),
              0,
              List.of(),
              0);

      PeerReply reply =
          opened
              .node(accomplice)
              .facade()
              .envelope(CULPRIT, envelope.encode())
              .toCompletionStage()
              .toCompletableFuture()
              .get();

      assertEquals(PeerReply.OK, reply.status(), () -> "refused: " + reply.body());
      assertExposed();
    }
  }

  @Test
  void throughTheAckThatTheOneItWasShownToHasLogged() throws Exception {
    try (TestBanks opened = open()) {
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40), List.of("a", "b", "c", "d"));
      KeyPolicy owner = KeyPolicy.single(opened.bankKey.publicKey().toBytes());
      List<Operation> operations =
          new ArrayList<>(plan.openings(accomplice, opened.crowns.id(), owner));
      operations.addAll(plan.issues(accomplice, opened.crowns.id(), 1));
      opened.submit(accomplice, operations);
      opened.submit(accomplice, plan.payments(accomplice, 0));
      assertExposed();
    }
  }

  private TestBanks open() throws Exception {
    banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d");
    List<NodeRecord> nodes = banks.network.genesis().nodes();
    List<String> witnesses =
        Seats.witnessesOf(CULPRIT, 0, 2, nodes).stream().map(NodeRecord::node).toList();
    accomplice =
        nodes.stream()
            .map(NodeRecord::node)
            .filter(node -> !node.equals(CULPRIT) && !witnesses.contains(node))
            .findFirst()
            .orElseThrow();
    Machine machine =
        new Machine(banks.network.genesis(), banks.network.node(CULPRIT), new LedgerProgram());
    shown = new ByzantineLog(banks.network, machine).genesis();
    hidden = new ByzantineLog(banks.network, machine).genesis();
    hidden.tick(TestNetwork.FOUNDED_MILLIS + 7).endState();
    for (int i = 1; i < 200; i++) {
      shown.tick(TestNetwork.FOUNDED_MILLIS + i).endState();
    }
    banks.wire.play(
        CULPRIT, PublishedLog.of(shown.checkpoint(), shown), (from, body) -> answer(from, body));
    banks.wire.mute(accomplice);
    for (String name : List.of("b", "c", "d")) {
      banks.start(name);
    }
    return banks;
  }

  /** Acknowledges what the accomplice sends, in the history that only it is shown. */
  private synchronized PeerReply answer(String from, Bytes body) {
    if (!from.equals(accomplice) || hidden.size() > 3) {
      return PeerReply.refused("not_now");
    }
    try {
      hidden.receive(Envelope.decode(body).receive()).endState();
      Machine peer =
          new Machine(banks.network.genesis(), banks.network.node(from), new LedgerProgram());
      return PeerReply.ok(new Ack(hidden.ackFor(peer), 0, List.of()).encode());
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private void assertExposed() throws InterruptedException {
    for (String name : List.of("b", "c", "d")) {
      assertTrue(
          Polling.LOCAL.await(
              Duration.ofMinutes(1), () -> !banks.node(name).facade().evidenceFiles().isEmpty()),
          () -> "the fork is not found at " + name);
      assertEquals("FORK", banks.node(name).facade().evidenceFiles().get(0).kind());
      assertEquals(CULPRIT, banks.node(name).facade().evidenceFiles().get(0).node());
    }
  }
}
