package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.Node;
import org.probity.detector.node.Release;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.node.store.CommitThread;

/** What stops the core for good, and what does not (protocol.md §4.6). */
class CoreLoopTest {
  private final Fragile program = new Fragile();
  private final TestNetwork network =
      TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "a", "b", "c");
  private final Machine machine = new Machine(network.genesis(), network.node("a"), program);
  private final MemoryLog log = new MemoryLog();
  private final Disk disk = new Disk();
  private final CommitThread commits = CommitThread.start("commit", 1);
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();
  private final List<Throwable> fatal = new ArrayList<>();
  private final List<Boolean> commitFailures = new ArrayList<>();
  private final CoreLoop loop =
      new CoreLoop(
          tasks::add,
          disk,
          commits,
          this::carryOut,
          Releases.recorded(),
          now -> {},
          now -> seen.add("published " + now.size()),
          (cause, commitFailed) -> {
            fatal.add(cause);
            commitFailures.add(commitFailed);
          });

  @BeforeEach
  void begin() {
    loop.begin(
        new Node(
            machine,
            CheckpointSigner.guarding(network.logKey("a"), machine.origin(), log.mark()),
            LogPosition.start(machine),
            Optional.empty(),
            log,
            new Views(),
            (node, evidence) -> {}));
  }

  @AfterEach
  void close() {
    commits.close();
  }

  @Test
  void anErrorHalfWayThroughAnInputStopsItAndNothingIsSigned() throws InterruptedException {
    submit("error");
    runUntilIdle();

    assertInstanceOf(StackOverflowError.class, fatal.get(0));
    assertEquals(List.of(false), commitFailures, "the disk is not in doubt");
    assertEquals(0, log.size());
    submit("fine");
    runUntilIdle();
    assertEquals(0, log.size(), "signed over half an input");
  }

  @Test
  void anAnswerThatCannotBeGivenStopsNothing() throws InterruptedException {
    submit("fine");
    runUntilIdle();

    assertEquals(List.of(), fatal);
    assertEquals(3, log.size());
  }

  @Test
  void readersSeeWhatAReceiptPromisesBeforeItLeaves() throws InterruptedException {
    submit("fine");
    runUntilIdle();

    assertEquals(List.of("published 3", "recorded"), seen);
  }

  @Test
  void afterAStopNothingIsHandledAnyMore() throws InterruptedException {
    submit("error");
    runUntilIdle();
    int executed = program.executions;

    submit("fine");
    loop.post(List.of(new Input.Clock(TestNetwork.FOUNDED_MILLIS, 1)));
    runUntilIdle();

    assertEquals(executed, program.executions);
    assertEquals(1, fatal.size(), "told once");
  }

  @Test
  void aCommitThatFailsReleasesNothingAndIsTheLast() throws InterruptedException {
    disk.isBroken = true;
    submit("fine");
    runUntilIdle();
    disk.isBroken = false;
    submit("more");
    runUntilIdle();

    assertEquals(List.of(), seen, "released or published without being durable");
    assertEquals("no disk", fatal.get(0).getMessage());
    assertEquals(List.of(true), commitFailures);
    assertEquals(1, fatal.size());
    assertEquals(1, disk.attempts.get(), "tried again");
    assertEquals(0, log.size());
  }

  @Test
  void nothingLeavesBeforeTheDiskIsDone() throws InterruptedException {
    disk.isHeld = new CountDownLatch(1);
    submit("fine");
    runUntilIdle();
    assertEquals(List.of(), seen);
    boolean[] idle = {false};
    loop.whenIdle(() -> idle[0] = true);
    runUntilIdle();
    assertFalse(idle[0], "a commit is under way");

    disk.isHeld.countDown();
    runUntilIdle();
    assertEquals(List.of("published 3", "recorded"), seen);
    assertTrue(idle[0]);
  }

  /** SPEC protocol.md §11.1: what is executed before might be signed over another log. */
  @Test
  void whatComesBeforeItHasBegunIsRefused() throws InterruptedException {
    CoreLoop closed =
        new CoreLoop(
            tasks::add,
            disk,
            commits,
            this::carryOut,
            Releases.recorded(),
            now -> {},
            now -> seen.add("published"),
            (cause, commitFailed) -> fatal.add(cause));
    closed.inspect(node -> seen.add("looked at"));
    submit(closed, "fine");
    closed.whenIdle(() -> seen.add("idle"));
    runUntilIdle();

    assertEquals(List.of("refused: not_ready", "idle"), seen);
    assertEquals(0, program.executions);
    assertEquals(0, log.size());
  }

  private void carryOut(Effect effect) {
    if (effect instanceof Release.Refused refused) {
      seen.add("refused: " + refused.violation().code());
    }
    if (effect instanceof Release.Recorded) {
      seen.add("recorded");
      throw new IllegalStateException("the client has gone");
    }
  }

  private void submit(String body) {
    submit(loop, body);
  }

  private void submit(CoreLoop loop, String body) {
    Transaction transaction =
        new Transaction(
            "a",
            Transaction.clientId(TestNetwork.FOUNDED_MILLIS + 1_000, body.length()),
            Bytes.utf8("c"),
            Bytes.utf8(body));
    Hash networkId = network.genesis().networkId();
    Statement statement =
        Statement.sign(
            networkId, Transaction.TYP, transaction.encode(), TestNetwork.signer("client"));
    TransactionRule.Checked checked =
        TransactionRule.check(
                statement.encoded(), "a", new StatementVerifier(SignatureRule.fastest(), networkId))
            .checked()
            .orElseThrow();
    loop.post(new Input.Submitted(checked, 1));
  }

  private Optional<Runnable> next() throws InterruptedException {
    // A commit may be under way on its thread.
    return Optional.ofNullable(tasks.poll(500, TimeUnit.MILLISECONDS));
  }

  private void runUntilIdle() throws InterruptedException {
    for (Optional<Runnable> task = next(); task.isPresent(); task = next()) {
      task.get().run();
    }
  }

  /** A disk that fails or takes its time. */
  private final class Disk extends CommitStore {
    private volatile boolean isBroken;
    private volatile CountDownLatch isHeld = new CountDownLatch(0);
    private final AtomicInteger attempts = new AtomicInteger();

    @Override
    protected void persist(Optional<Growth> growth, Map<Origin, Bytes> views) throws IOException {
      attempts.incrementAndGet();
      if (isBroken) {
        throw new IOException("no disk");
      }
      try {
        isHeld.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      growth.ifPresent(grown -> log.append(grown.append()));
    }
  }

  /** Runs out of stack on demand, after it has changed the state. */
  private static final class Fragile implements Program {
    private int executions;

    @Override
    public String rules() {
      return "core-loop-test";
    }

    @Override
    public int transactionFootprint(Transaction transaction) {
      return 0;
    }

    @Override
    public int messageFootprint(Bytes payload) {
      return 0;
    }

    @Override
    public void initialise(Bytes parameters, Context context) {}

    @Override
    public boolean authorises(Submission submission, Context context) {
      return true;
    }

    @Override
    public Bytes execute(Submission submission, Context context) {
      executions++;
      context.state().put(Bytes.utf8("half"), Bytes.utf8("done"));
      if (submission.body().equals(Bytes.utf8("error"))) {
        throw new StackOverflowError("on purpose");
      }
      return Bytes.utf8("ok");
    }

    @Override
    public void receive(String from, Bytes payload, Context context) {}

    @Override
    public void returned(String to, Bytes payload, boolean isTaken, Context context) {}

    @Override
    public void tick(Context context) {}
  }
}
