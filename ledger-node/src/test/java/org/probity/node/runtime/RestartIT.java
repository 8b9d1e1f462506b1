package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.Entry;
import org.probity.detector.log.TransactionEntry;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.api.ApiClient;
import org.probity.node.testing.ChildJvm;

/**
 * SPEC protocol.md §4.6, §11.1, faults.md "Crash and storage": a node process ended under load,
 * politely or not, comes back with everything it acknowledged and has signed nothing that conflicts
 * with anything it showed before, to clients or to its witness.
 */
class RestartIT {
  private static final int WARM_UP_ANSWERS = 40;

  @TempDir Path directory;

  private final CheckpointWatch watch = new CheckpointWatch();
  private TestConsortium consortium;
  private PaymentLoad load;
  private RunningNode witness;

  @BeforeEach
  void found() throws Exception {
    consortium = TestConsortium.found(directory.resolve("consortium"));
    load = new PaymentLoad(consortium);
    witness = consortium.startWitness();
  }

  @AfterEach
  void stopWitness() {
    witness.stop();
  }

  @Test
  @Timeout(180)
  void afterSigtermUnderLoadNothingAcknowledgedIsMissing() throws Exception {
    try (ChildJvm process = consortium.launch(List.of())) {
      ApiClient client = consortium.client(TestConsortium.ready(process));
      load.prepare(client);
      watch.watch(client);
      PaymentLoad.Run run = load.start(client);
      run.awaitAnswers(400);
      process.terminate();
      assertEquals(143, process.await());
      run.awaitEnd();
    }
    NodeConfig config = consortium.config(TestConsortium.VICTIM);
    assertFalse(Files.exists(config.storage().data().resolve("latch")), "latched by a clean stop");
    assertFalse(Files.exists(config.storage().marks().resolve("latch")), "latched by a clean stop");
    verifyInANewProcess("after SIGTERM");
  }

  /** SPEC protocol.md §11.5: one key, one process. */
  @Test
  @Timeout(180)
  void aSecondProcessOnTheSameDataIsRefused() throws Exception {
    Path stderr = directory.resolve("stderr");
    try (ChildJvm process = consortium.launch(List.of())) {
      ApiClient client = consortium.client(TestConsortium.ready(process));
      load.prepare(client);
      try (ChildJvm second =
          consortium.launch(ProcessBuilder.Redirect.to(stderr.toFile()), List.of())) {
        assertEquals(null, second.readLine(), "the second process is ready");
        assertEquals(1, second.await());
      }
      String message = Files.readString(stderr);
      assertTrue(message.contains("is in use by process "), message);
      assertTrue(client.status().ready());
      assertTrue(client.submit(load.nextStatement()).accepted());
      process.terminate();
      assertEquals(143, process.await());
    }
  }

  /** SPEC protocol.md §11.2: it asks its witness over TLS, and is told and given the rest. */
  @Test
  @Timeout(180)
  void putBackToABackupWithItsMarkNothingAcknowledgedIsMissing() throws Exception {
    NodeConfig.Storage storage = consortium.config(TestConsortium.VICTIM).storage();
    Path backup = Files.createDirectory(directory.resolve("backup"));
    run(true, WARM_UP_ANSWERS);
    FolderCopy.copy(storage.data(), backup.resolve("data"));
    FolderCopy.copy(storage.marks(), backup.resolve("marks"));
    run(false, 10 * WARM_UP_ANSWERS);
    try (ChildJvm process = consortium.launch(List.of())) {
      long size = consortium.client(TestConsortium.ready(process)).status().size();
      Progress.await(witness, TestConsortium.VICTIM, ward -> ward.stored().size() >= size);
      process.kill();
    }
    FolderCopy.replace(storage.data(), backup.resolve("data"));
    FolderCopy.replace(storage.marks(), backup.resolve("marks"));
    verifyInANewProcess("put back");
  }

  private void run(boolean isFirst, int answers) throws Exception {
    try (ChildJvm process = consortium.launch(List.of())) {
      ApiClient client = consortium.client(TestConsortium.ready(process));
      if (isFirst) {
        load.prepare(client);
      }
      watch.watch(client);
      PaymentLoad.Run run = load.start(client);
      run.awaitAnswers(answers);
      process.terminate();
      assertEquals(143, process.await());
      run.awaitEnd();
    }
  }

  @Test
  @Timeout(240)
  void killedAtRandomMomentsNothingAcknowledgedIsMissing() throws Exception {
    kill(3);
  }

  @Test
  @Tag("campaign")
  @Timeout(3_600)
  void killedAHundredTimesNothingAcknowledgedIsMissing() throws Exception {
    kill(100);
  }

  private void kill(int cycles) throws Exception {
    long seed = Long.getLong("probity.seed", System.nanoTime());
    System.out.println("RestartIT: -Dprobity.seed=" + seed);
    Random random = new Random(seed);
    boolean prepared = false;
    for (int cycle = 0; cycle < cycles; cycle++) {
      String context = "seed " + seed + ", cycle " + cycle;
      boolean whileStarting = cycle > 0 && random.nextInt(4) == 0;
      long nanos = TimeUnit.MILLISECONDS.toNanos(whileStarting ? 3_000 : 600);
      long delayNanos = (long) (random.nextDouble() * nanos);
      try (ChildJvm process = consortium.launch(List.of())) {
        if (whileStarting) {
          TimeUnit.NANOSECONDS.sleep(delayNanos);
          process.kill();
          continue;
        }
        ApiClient client = consortium.client(TestConsortium.ready(process));
        if (prepared) {
          load.assertRemembered(client, 300, context);
          load.repeatUnanswered(client);
        } else {
          load.prepare(client);
          prepared = true;
        }
        watch.watch(client);
        PaymentLoad.Run run = load.start(client);
        run.awaitAnswers(load.count() + WARM_UP_ANSWERS);
        TimeUnit.NANOSECONDS.sleep(delayNanos);
        process.kill();
        run.awaitEnd();
      }
    }
    verifyInANewProcess("seed " + seed + ", after " + cycles + " cycles");
  }

  private void verifyInANewProcess(String context) throws Exception {
    try (ChildJvm process = consortium.launch(List.of())) {
      ApiClient client = consortium.client(TestConsortium.ready(process));
      int unanswered = load.unansweredCount();
      load.assertRemembered(client, 1_000, context);
      load.repeatUnanswered(client);
      load.assertRemembered(client, 100, context);

      DownloadedLog log = consortium.download(client);
      assertEquals(Optional.empty(), consortium.replay(log), context);
      assertRecorded(log, context);
      watch.assertPrefixesOf(log, context);
      assertWitnessTrusts(log.size(), context);
      System.out.println(
          context
              + ": "
              + load.count()
              + " acknowledged, "
              + unanswered
              + " unanswered at the last crash, log of "
              + log.size()
              + " entries, "
              + watch.count()
              + " checkpoints compared");
      process.terminate();
      assertEquals(143, process.await());
    }
  }

  /** Every acknowledged transaction stands where its answer said, and nowhere else. */
  private void assertRecorded(DownloadedLog log, String context) throws Exception {
    Map<Bytes, Long> indexOf = new HashMap<>();
    for (long index = 0; index < log.size(); index++) {
      if (Entry.decode(log.entry(index)).body() instanceof TransactionEntry transaction) {
        Long before = indexOf.put(transaction.statement(), index);
        assertEquals(null, before, () -> context + ": a transaction is in the log twice");
      }
    }
    for (PaymentLoad.Acknowledged each : load.acknowledged()) {
      assertEquals(each.index(), indexOf.get(each.statement()), context);
    }
  }

  private void assertWitnessTrusts(long size, String context) throws InterruptedException {
    Progress.await(witness, TestConsortium.VICTIM, ward -> ward.auditedSize() >= size);
    PeerStatus victim = statusAtWitness();
    assertEquals("trusted", victim.verdict(), context);
    assertEquals(List.of(), witness.facade().evidenceFiles(), context);
  }

  private PeerStatus statusAtWitness() {
    return witness.facade().peers().stream()
        .filter(peer -> peer.node().equals(TestConsortium.VICTIM))
        .findFirst()
        .orElseThrow();
  }
}
