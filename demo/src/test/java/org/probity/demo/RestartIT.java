package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.crypto.Statement;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.cli.CliException;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.cli.LogSource;

/** What was acknowledged survives the process, however it ends (protocol.md §4.6). */
@Timeout(300)
class RestartIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final AccountId ALICE = AccountId.named("alice");
  private static final AccountId BOB = AccountId.named("bob");
  private static final int SIGTERM_EXIT = 143;

  @TempDir Path temporary;

  private Consortium consortium;
  private Bank bank;
  private Payments payments;

  private record Acknowledged(Statement statement, long index) {}

  @BeforeEach
  void startOneNode() throws Exception {
    consortium =
        Consortium.found(
            new DemoOptions(
                temporary.resolve("consortium"),
                4,
                1,
                Optional.empty(),
                true,
                false,
                Fault.NONE,
                Optional.empty()));
    bank = consortium.banks().get(0);
    payments = new Payments(consortium.genesis().networkId());
    restart();
    KeyPolicy owner = KeyPolicy.single(bank.operatorKey().toBytes());
    Payments.Tally tally = new Payments.Tally();
    payments.submit(
        bank,
        List.of(
            open(ALICE, owner, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS),
            open(BOB, owner, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)),
        bank.operator(),
        tally);
    payments.submit(
        bank,
        List.of(
            new Operation.Issue(
                consortium.asset().id(), ALICE, Uint128.of(1_000_000), References.NONE)),
        consortium.issuer(),
        tally);
    assertEquals(3, tally.accepted(), tally.rejected().toString());
  }

  private Operation open(AccountId account, KeyPolicy owner, int flags) {
    return new Operation.OpenAccount(account, consortium.asset().id(), owner, flags);
  }

  private void restart() throws Exception {
    bank.launch(Bank.SHIPPED_MAIN_CLASS);
    bank.awaitReady(PATIENCE, consortium.trust());
  }

  @AfterEach
  void stopIt() {
    bank.requestStop();
    bank.awaitStop(Duration.ofSeconds(20));
  }

  @Test
  void nothingAcknowledgedIsMissingAfterSigkillUnderLoad() throws Exception {
    for (int round = 0; round < 2; round++) {
      Load load = new Load();
      load.start();
      load.awaitAcknowledged(40);
      SignedCheckpoint before = log().checkpoint();
      bank.process().kill();
      load.finish();
      restart();
      assertAllThere(load.acknowledged, before);
    }
  }

  @Test
  void nothingAcknowledgedIsMissingAfterSigtermUnderLoad() throws Exception {
    Load load = new Load();
    load.start();
    load.awaitAcknowledged(40);
    SignedCheckpoint before = log().checkpoint();
    assertEquals(SIGTERM_EXIT, bank.process().terminate(Duration.ofMinutes(1)));
    load.finish();
    restart();
    assertAllThere(load.acknowledged, before);
  }

  private DownloadedLog log() throws Exception {
    return DownloadedLog.fetch(
        LogSource.of(bank.api(), "/log"), consortium.genesis(), Optional.of(bank.node()));
  }

  private void assertAllThere(List<Acknowledged> acknowledged, SignedCheckpoint before)
      throws Exception {
    assertFalse(acknowledged.isEmpty());
    DownloadedLog log = log();
    assertTrue(log.size() >= before.size());
    assertEquals(
        before.head().root(),
        MerkleProofs.rootAt(log, before.size()),
        "the log no longer extends a checkpoint it has signed");
    for (Acknowledged one : acknowledged) {
      // The same bytes again: the answer is where they were recorded the first time.
      JsonNode again = bank.api().submit(one.statement().encoded());
      assertEquals(one.index(), again.path("index").asLong(), again.toString());
    }
    assertEquals(
        transactions(log), transactions(log()), "a repeated transaction was recorded again");
  }

  private static long transactions(DownloadedLog log) throws DecodeException {
    long count = 0;
    for (long index = 0; index < log.size(); index++) {
      if (Entry.decode(log.entry(index)).type() == EntryType.TRANSACTION) {
        count++;
      }
    }
    return count;
  }

  /** Pays one minor unit after the other until the node is gone. */
  private final class Load {
    private final List<Acknowledged> acknowledged = Collections.synchronizedList(new ArrayList<>());
    private final Thread thread = new Thread(this::run, "load");
    private volatile boolean stopped;

    void start() {
      thread.start();
    }

    private void run() {
      while (!stopped) {
        Statement statement =
            payments.sign(
                bank.node(),
                List.of(new Operation.Transfer(ALICE, BOB, Uint128.ONE, References.NONE)),
                bank.operator());
        try {
          JsonNode reply = bank.api().submit(statement.encoded());
          acknowledged.add(new Acknowledged(statement, reply.path("index").asLong()));
        } catch (CliException e) {
          return;
        }
      }
    }

    void awaitAcknowledged(int count) throws InterruptedException {
      while (acknowledged.size() < count) {
        assertTrue(thread.isAlive(), "the load ended early");
        Thread.sleep(5);
      }
    }

    void finish() throws InterruptedException {
      stopped = true;
      thread.join();
    }
  }
}
