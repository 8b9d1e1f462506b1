package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.FootprintRule;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Polity;
import org.probity.detector.node.Input;
import org.probity.detector.node.Patience;
import org.probity.detector.node.Undelivered;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.wire.ChallengeReply;

/**
 * SPEC protocol.md §6.5, faults.md "SEND logged, never transmitted": running nodes, one of which
 * logs payments and says nothing to their receivers. Its witnesses deliver them.
 */
@Timeout(240)
class UndeliveredTest {
  private static final long PATIENCE_MILLIS = 1_000;
  private static final String SILENT = "a";
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  @TempDir Path directory;

  private static RunningNode witnessOf(TestBanks banks, String ward, String not) {
    return NAMES.stream()
        .filter(name -> !name.equals(not))
        .map(banks::node)
        .filter(node -> node.wards().stream().anyMatch(each -> each.node().equals(ward)))
        .findFirst()
        .orElseThrow();
  }

  private static SystemState replayed(Ward ward) {
    return Machine.system(ward.auditedState().orElseThrow());
  }

  private static boolean hasReceivedAll(TestBanks banks, Ward receiver, SystemState sender) {
    long sent = sender.outgoing(ChannelId.to(banks.network.node(receiver.node()))).next();
    return receiver.auditedState().isPresent()
        && replayed(receiver).received(ChannelId.to(banks.network.node(SILENT))) >= sent;
  }

  private static void awaitAllAcknowledged(TestBanks banks, RunningNode witness, long size)
      throws Exception {
    Progress.await(
        witness,
        SILENT,
        ward ->
            ward.auditedSize() >= size
                && List.of("b", "c", "d").stream()
                    .map(name -> replayed(ward).outgoing(ChannelId.to(banks.network.node(name))))
                    .allMatch(channel -> channel.acked() == channel.next()));
  }

  private static String nameOf(TestBanks banks, RunningNode node) {
    return NAMES.stream().filter(name -> banks.node(name) == node).findFirst().orElseThrow();
  }

  /** Another look at the same log, with a time of the test's own. */
  private static void assertBroughtOnceAfterItsTime(TestBanks banks, String witness, Ward silent)
      throws Exception {
    Genesis genesis = banks.network.genesis();
    LedgerProgram program = new LedgerProgram();
    Undelivered undelivered =
        new Undelivered(genesis, witness, new FootprintRule(program), any -> true, PATIENCE_MILLIS);
    assertEquals(
        List.of(), undelivered.look(ChallengeDesk.sender(silent), 0), "seen for the first time");
    assertEquals(
        List.of(),
        undelivered.look(ChallengeDesk.sender(silent), PATIENCE_MILLIS - 1),
        "it has time still");
    List<Input.MessagesUndelivered> brought =
        undelivered.look(ChallengeDesk.sender(silent), PATIENCE_MILLIS);
    assertFalse(brought.isEmpty(), "no payment leaves " + SILENT);
    for (Input.MessagesUndelivered messages : brought) {
      if (messages.receiver().equals(witness)) {
        continue;
      }
      ValidChallenge challenge =
          ChallengeRule.founding(genesis, program)
              .check(
                  new Challenge(
                          Challenge.Target.of(banks.network.node(messages.receiver())),
                          witness,
                          messages.body())
                      .sign(genesis.networkId(), banks.network.logKey(witness))
                      .encoded())
              .valid()
              .orElseThrow();
      Bytes reply =
          banks
              .node(messages.receiver())
              .facade()
              .challenge(witness, challenge.encoded())
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS)
              .body();
      undelivered.answered(
          new AnswerRule(genesis, program, new Polity(banks.network)::chain)
              .check(challenge, ChallengeReply.decode(reply).answer().orElseThrow())
              .answer()
              .orElseThrow());
      assertTrue(
          undelivered.look(ChallengeDesk.sender(silent), PATIENCE_MILLIS).stream()
              .noneMatch(more -> more.receiver().equals(messages.receiver())),
          "what is acknowledged is brought again to " + messages.receiver());
    }
  }

  @Test
  void paymentsArriveThroughWitnesses() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.patience = new Patience(500, 500, 60_000);
      for (String name : NAMES) {
        banks.start(name);
      }
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 60), NAMES);
      KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
      for (String name : NAMES) {
        List<Operation> operations = new ArrayList<>(plan.openings(name, banks.crowns.id(), owner));
        operations.addAll(plan.issues(name, banks.crowns.id(), 2));
        banks.submit(name, operations);
      }
      // At first it does what it must: later messages are brought with its acknowledgement.
      RunningNode witness = witnessOf(banks, SILENT, SILENT);
      banks.submit(SILENT, plan.payments(SILENT, 0));
      awaitAllAcknowledged(banks, witness, banks.node(SILENT).facade().ownLog().head().size());

      banks.wire.withhold(
          SILENT, InProcessTransport.Message.ENVELOPE, InProcessTransport.Message.CHALLENGE);
      banks.submit(SILENT, plan.payments(SILENT, 1));
      long size = banks.node(SILENT).facade().ownLog().head().size();
      Progress.await(witness, SILENT, ward -> ward.auditedSize() >= size);
      Ward silent =
          witness.wards().stream()
              .filter(each -> each.node().equals(SILENT))
              .findFirst()
              .orElseThrow();
      SystemState sent = replayed(silent);
      assertBroughtOnceAfterItsTime(banks, nameOf(banks, witness), silent);
      boolean isAnythingSent = false;
      for (String name : List.of("b", "c", "d")) {
        isAnythingSent |= sent.outgoing(ChannelId.to(banks.network.node(name))).next() > 0;
        Progress.await(
            witnessOf(banks, name, SILENT), name, ward -> hasReceivedAll(banks, ward, sent));
      }
      assertTrue(isAnythingSent, "no payment leaves " + SILENT);

      // Once it speaks again, it learns that everything has arrived, and logs it.
      banks.wire.relent(SILENT);
      awaitAllAcknowledged(banks, witness, size);
      for (String name : NAMES) {
        assertEquals(List.of(), banks.node(name).facade().evidenceFiles(), name);
      }
    }
  }
}
