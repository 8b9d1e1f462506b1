package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogAppend;

/** What was executed while the disk was busy is committed in parts of bounded size. */
class CommitLimitsTest {
  private static final Signer CLIENT = TestNetwork.signer("client");

  private TestConsortium consortium = NodeTest.consortium();
  private TestConsortium.Member alpha = consortium.member("alpha");

  @Test
  void aCommitHasAtMostSoManyBytes() throws Exception {
    long bytes = 0;
    List<Long> tickets = new ArrayList<>();
    for (int i = 0; bytes < 2 * LogWriter.MAX_COMMIT_BYTES + 100_000; i++) {
      tickets.add(submit(i, "key" + i % 50 + "=" + "z".repeat(3_900)));
      bytes += 3_900;
    }

    List<LogAppend> appends = commitAll();

    assertEquals(3, appends.size());
    for (LogAppend append : appends) {
      long size = append.entries().stream().mapToLong(Bytes::size).sum();
      assertTrue(size <= LogWriter.MAX_COMMIT_BYTES, size + " bytes");
      assertEndsOnState(append);
    }
    long first = appends.get(0).entries().stream().mapToLong(Bytes::size).sum();
    assertTrue(first > LogWriter.MAX_COMMIT_BYTES - 32 * 1024, "room is used: " + first);
    tickets.forEach(ticket -> assertTrue(alpha.answers().containsKey(ticket)));
    assertReplays();
  }

  @Test
  void aCommitHasAtMostSoManyBatches() throws Exception {
    Parameters usual = Parameters.of(1, 2);
    ObjectStore program = new ObjectStore();
    consortium =
        new TestConsortium(
            TestNetwork.of(
                new Parameters(
                    usual.faults(),
                    usual.witnesses(),
                    usual.cosignatures(),
                    usual.bootAnswers(),
                    3,
                    usual.maxBatchBytes(),
                    usual.chunkEntries(),
                    usual.horizonMillis()),
                program.id(),
                Bytes.EMPTY,
                "alpha",
                "beta",
                "gamma"),
            program);
    alpha = consortium.member("alpha");
    // One TICK of its own for each, so that each is a batch.
    for (int i = 0; i < LogWriter.MAX_COMMIT_BATCHES + 10; i++) {
      alpha.step(new Input.Clock(consortium.nowMillis() + 1 + i, 1 + i));
      submit(i, "a=b");
    }

    List<LogAppend> appends = commitAll();

    assertEquals(2, appends.size());
    assertEquals(LogWriter.MAX_COMMIT_BATCHES, batches(appends.get(0)));
    assertEquals(10, batches(appends.get(1)));
    assertReplays();
  }

  @Test
  void anAnswerLeavesWithTheCommitThatHasItsEntry() throws IOException {
    long first = submit(0, "a=" + "z".repeat(3_900));
    long last = first;
    for (int i = 1; i * 3_900L < LogWriter.MAX_COMMIT_BYTES + 100_000; i++) {
      last = submit(i, "key" + i % 50 + "=" + "z".repeat(3_900));
    }

    alpha.commit();
    assertTrue(alpha.answers().containsKey(first));
    assertFalse(alpha.answers().containsKey(last), "released before it was durable");
    assertTrue(alpha.node().hasUnsealed());
    alpha.commit();
    assertTrue(alpha.answers().containsKey(last));
    assertFalse(alpha.node().hasUnsealed());
  }

  private long submit(long id, String body) {
    return consortium.submit("alpha", consortium.sign(CLIENT, "alpha", id, "c", body));
  }

  private List<LogAppend> commitAll() throws IOException {
    List<LogAppend> appends = new ArrayList<>();
    while (alpha.node().hasUnsealed()) {
      Commit commit = alpha.step(new Input.Seal()).orElseThrow();
      appends.add(commit.growth().orElseThrow().append());
      alpha.step(new Input.CommitDurable(commit, alpha.log().commit(commit)));
    }
    return appends;
  }

  private static void assertEndsOnState(LogAppend append) throws DecodeException {
    Bytes last = append.entries().get(append.entries().size() - 1);
    assertTrue(Entry.decode(last).type().completesBatch());
  }

  private static int batches(LogAppend append) throws DecodeException {
    int batches = 0;
    for (Bytes entry : append.entries()) {
      batches += Entry.decode(entry).type().completesBatch() ? 1 : 0;
    }
    return batches;
  }

  private void assertReplays() throws Restore.RestoreException {
    Restore.replay(
        alpha.machine(),
        alpha.log(),
        alpha.log().newest().orElseThrow(),
        0,
        alpha.machine().initialState());
  }
}
