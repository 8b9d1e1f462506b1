package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.ProblemException;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.RecordedTransaction;
import org.probity.node.http.SubmissionReply;
import org.probity.node.testing.ForwardingProgram;

/**
 * SPEC protocol.md §4.6, faults.md "Crash and storage": a node that stops signing answers whoever
 * waits, goes on serving reads, and nothing acknowledged is lost.
 */
@Timeout(120)
class StoppedCoreTest {
  private static final String NODE = "a";

  @TempDir Path directory;
  private int accounts;

  private List<Operation> openings(TestBanks banks, int count) {
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      operations.add(
          new Operation.OpenAccount(
              AccountId.named("account/" + accounts++),
              banks.crowns.id(),
              KeyPolicy.single(banks.bankKey.publicKey().toBytes()),
              AccountFlags.NONE));
    }
    return operations;
  }

  private static ProblemException refusal(TestBanks banks, List<Bytes> statements) {
    ExecutionException failed =
        assertThrows(
            ExecutionException.class,
            () ->
                banks
                    .node(NODE)
                    .facade()
                    .submit(statements)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS));
    return assertInstanceOf(ProblemException.class, failed.getCause());
  }

  @Test
  void aLatchAnswersWhoeverWaitsThatTheOutcomeIsUnknown() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, NODE, "b")) {
      banks.start(NODE, Exhausted::new);
      assertTrue(banks.submit(NODE, openings(banks, 1)).get(0).recorded().isPresent());
      TreeHead before = banks.node(NODE).facade().ownLog().head();

      // One submission of two transactions; the core fails in the second one.
      List<Operation> fatal = openings(banks, 60);
      assertEquals("outcome_unknown", refusal(banks, banks.sign(NODE, fatal)).problem().code());

      assertEquals(NodeHealth.Phase.LATCHED, banks.node(NODE).facade().health().phase());
      assertEquals(
          "not_ready", refusal(banks, banks.sign(NODE, openings(banks, 1))).problem().code());
      assertEquals(before, banks.node(NODE).facade().ownLog().head());
      banks.stop(NODE);
      // No commit was tried: the disk is not in doubt, and a restart goes on from its end.
      assertFalse(Files.exists(banks.data(NODE).resolve("latch")), "latched by a bug");
      banks.start(NODE);
      assertEquals(before.size(), banks.node(NODE).facade().ownLog().size());
      assertTrue(banks.submit(NODE, openings(banks, 1)).get(0).recorded().isPresent());
    }
  }

  /** No room: nothing acknowledged is lost, reads go on, and with more room the node goes on. */
  @Test
  void aFullMapRefusesAndLosesNothing() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, NODE, "b")) {
      banks.logMapBytes = 512 << 10;
      banks.start(NODE);
      List<RecordedTransaction> acknowledged = new ArrayList<>();
      ProblemException refusal = null;
      List<Bytes> refused = List.of();
      while (refusal == null) {
        assertTrue(acknowledged.size() < 10_000, "the map never fills");
        List<Bytes> statements = banks.sign(NODE, openings(banks, 50));
        try {
          List<SubmissionReply> replies =
              banks
                  .node(NODE)
                  .facade()
                  .submit(statements)
                  .toCompletionStage()
                  .toCompletableFuture()
                  .get(20, TimeUnit.SECONDS);
          replies.forEach(reply -> acknowledged.add(reply.recorded().orElseThrow()));
        } catch (ExecutionException e) {
          refusal = assertInstanceOf(ProblemException.class, e.getCause());
          refused = statements;
        }
      }
      assertEquals("store_full", refusal.problem().code());
      assertFalse(acknowledged.isEmpty());
      assertEquals("not_ready", refusal(banks, refused).problem().code());

      NodeFacade facade = banks.node(NODE).facade();
      TreeHead shown = facade.ownLog().head();
      acknowledged.forEach(one -> assertEquals(one, facade.transaction(one.index()).orElseThrow()));
      assertTrue(
          facade.health().checks().stream()
              .anyMatch(check -> !check.ok() && check.reason().contains("storage.logMib")),
          facade.health()::toString);
      banks.stop(NODE);
      assertFalse(Files.exists(banks.data(NODE).resolve("latch")), "latched by a full disk");

      // The remedy: the same data with more room. What was refused can be sent again.
      banks.logMapBytes = 64 << 20;
      banks.start(NODE);
      NodeFacade again = banks.node(NODE).facade();
      acknowledged.forEach(one -> assertEquals(one, again.transaction(one.index()).orElseThrow()));
      List<SubmissionReply> replies =
          again.submit(refused).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      assertTrue(replies.stream().allMatch(reply -> reply.recorded().isPresent()));
      PublishedLog log = again.ownLog();
      assertTrue(log.size() > shown.size());
      assertEquals(shown.root(), MerkleProofs.rootAt(log.entries(), shown.size()));
    }
  }

  /** The ledger, until its third transaction. */
  private static final class Exhausted extends ForwardingProgram {
    private int executed;

    Exhausted(Program honest) {
      super(honest);
    }

    @Override
    public Bytes execute(Submission submission, Context context) {
      executed++;
      if (executed == 3) {
        throw new StackOverflowError("planted");
      }
      return super.execute(submission, context);
    }
  }
}
