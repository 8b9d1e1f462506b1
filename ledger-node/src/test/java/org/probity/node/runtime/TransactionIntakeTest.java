package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.Node;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.node.http.ProblemException;
import org.probity.node.http.Problems;
import org.probity.node.store.CommitThread;

/** Whoever submits is answered, and what is under way is counted, whatever goes wrong. */
@Timeout(30)
class TransactionIntakeTest {
  private static final Bytes PARAMETERS = new LedgerParameters(List.of(), new TreeMap<>()).encode();

  private final LedgerProgram program = new LedgerProgram();
  private final TestNetwork network =
      TestNetwork.of(Parameters.of(0, 1), program.id(), PARAMETERS, "a", "b");
  private final Hash networkId = network.genesis().networkId();
  private final Tickets tickets = new Tickets();
  private final CommitThread commits = CommitThread.start("commit", 1);
  private final ExecutorService loop = Executors.newSingleThreadExecutor();

  @AfterEach
  void close() {
    commits.close();
    loop.shutdownNow();
  }

  /** An intake into a core whose disk fails. */
  private TransactionIntake intake(Executor workers) {
    return intake(workers, answer -> answer);
  }

  private TransactionIntake intake(Executor workers, TransactionIntake.Waiting clients) {
    Machine machine = new Machine(network.genesis(), network.node("a"), program);
    MemoryLog log = new MemoryLog();
    CoreLoop core =
        new CoreLoop(
            loop,
            new FailingStore(),
            commits,
            effect -> {},
            Releases.recorded(),
            now -> {},
            now -> {},
            (cause, commitFailed) -> tickets.close(Problems.outcomeUnknown()));
    core.begin(
        new Node(
            machine,
            CheckpointSigner.guarding(network.logKey("a"), machine.origin(), log.mark()),
            LogPosition.start(machine),
            Optional.empty(),
            log,
            new Views(),
            (node, evidence) -> {}));
    StatementVerifier verifier = new StatementVerifier(SignatureRule.fastest(), networkId);
    return new TransactionIntake(
        new Submissions("a", verifier, workers), core, tickets, 100, clients);
  }

  private static final class FailingStore extends CommitStore {
    @Override
    protected void persist(Optional<Growth> growth, Map<Origin, Bytes> views) throws IOException {
      throw new IOException("fdatasync: Input/output error");
    }
  }

  private List<Bytes> transactions(int count) {
    return IntStream.range(0, count).mapToObj(this::transaction).toList();
  }

  private Bytes transaction(int number) {
    Transaction transaction =
        new Transaction(
            "a",
            Transaction.clientId(TestNetwork.FOUNDED_MILLIS + 1_000, number),
            Bytes.utf8("c"),
            Bytes.utf8("no operations"));
    return Statement.sign(
            networkId, Transaction.TYP, transaction.encode(), TestNetwork.signer("client"))
        .encoded();
  }

  private static Throwable failure(Future<?> future) {
    return assertThrows(
            ExecutionException.class,
            () -> future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS))
        .getCause();
  }

  @Test
  void whenACommitFailsEverythingUnderWayIsAnsweredAtOnce() {
    TransactionIntake intake = intake(Runnable::run);
    Future<?> first = intake.submit(transactions(20));
    Future<?> second = intake.submit(transactions(3));

    for (Future<?> submission : List.of(first, second, intake.submit(transactions(1)))) {
      ProblemException problem = assertInstanceOf(ProblemException.class, failure(submission));
      assertEquals("outcome_unknown", problem.problem().code());
      assertEquals(503, problem.problem().status());
      assertTrue(problem.problem().detail().contains("send the same transaction again"));
    }
    assertEquals(0, intake.pending());
    assertEquals(0, tickets.waiting());
  }

  /** A check that throws is our bug; it must not eat the room for other submissions. */
  @Test
  void aCheckThatThrowsFailsItsSubmissionAndFreesItsPlace() {
    TransactionIntake intake = intake(loop);
    List<Bytes> broken =
        new AbstractList<>() {
          @Override
          public Bytes get(int index) {
            throw new IllegalStateException("planted");
          }

          @Override
          public int size() {
            return 30;
          }
        };
    assertTrue(String.valueOf(failure(intake.submit(broken)).getMessage()).contains("planted"));
    assertEquals(0, intake.pending());
  }

  /** Who was told to come again has its statements under way: the bound is on what is kept. */
  @Test
  void whatAClientDoesNotWaitForAnyMoreIsStillUnderWay() {
    Deque<Runnable> later = new ArrayDeque<>();
    TransactionIntake intake =
        intake(
            later::add, answer -> Future.failedFuture(Problems.notWitnessed("not yet: somebody")));
    Future<?> submission = intake.submit(transactions(9));
    ProblemException problem = assertInstanceOf(ProblemException.class, failure(submission));
    assertEquals("not_witnessed_yet", problem.problem().code());
    assertEquals(9, intake.pending());

    later.forEach(Runnable::run);
    tickets.close(Problems.outcomeUnknown());
    assertEquals(0, intake.pending());
  }

  @Test
  void workersThatTakeNothingMoreFailTheSubmission() {
    TransactionIntake intake =
        intake(
            task -> {
              throw new RejectedExecutionException("closed");
            });
    assertInstanceOf(RejectedExecutionException.class, failure(intake.submit(transactions(9))));
    assertEquals(0, intake.pending());
  }
}
