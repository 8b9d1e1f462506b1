package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TreeHead;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.SubmissionReply;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;

/**
 * SPEC protocol.md §4.6, §11.1, §11.5: when a node must not sign, it does not start, says why, and
 * leaves everything as it is.
 */
@Timeout(120)
class StartRefusedTest {
  private static final String NODE = "a";

  @TempDir Path directory;
  private Path data;
  private Path marks;
  private Path dataCopy;
  private Path marksCopy;
  private int accounts;

  @BeforeEach
  void paths() {
    data = directory.resolve("banks").resolve(NODE);
    marks = directory.resolve("banks").resolve("marks").resolve(NODE);
    dataCopy = directory.resolve("data-copy");
    marksCopy = directory.resolve("marks-copy");
  }

  private TestBanks banks() {
    return new TestBanks(directory.resolve("banks"), 0, 1, NODE, "b");
  }

  /** Runs the node, has a transaction recorded, stops it. */
  private TreeHead runOnce(TestBanks banks) throws Exception {
    banks.start(NODE);
    TreeHead head = record(banks);
    banks.stop(NODE);
    return head;
  }

  private TreeHead record(TestBanks banks) throws Exception {
    accounts++;
    Operation operation =
        new Operation.OpenAccount(
            AccountId.named("account/" + accounts),
            banks.crowns.id(),
            KeyPolicy.single(banks.bankKey.publicKey().toBytes()),
            AccountFlags.NONE);
    List<SubmissionReply> replies = banks.submit(NODE, List.of(operation));
    long index = replies.get(0).recorded().orElseThrow().index();
    // What is published may follow the answer.
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (banks.node(NODE).facade().ownLog().size() <= index) {
      assertTrue(System.nanoTime() < deadline, "entry " + index + " is not published");
      Thread.onSpinWait();
    }
    return banks.node(NODE).facade().ownLog().head();
  }

  @Test
  void aLogOfTheConsortiumTakesNoWardsPlaceAsAForeignOne() throws Exception {
    try (TestBanks banks = banks()) {
      NoteVerifierKey ward =
          NoteVerifierKey.ofLog(
              banks.network.genesis().origin(banks.network.node("b")).format(),
              banks.network.node("b").logKey());
      banks.witnessing = settings -> settings.witnessing(TlogPolicy.ofLog(ward));
      assertRefused("witness_logs_unusable", banks);
      banks.witnessing = UnaryOperator.identity();
      banks.start(NODE);
    }
  }

  private static StartException assertRefused(String code, TestBanks banks) {
    StartException refusal = assertThrows(StartException.class, () -> banks.start(NODE));
    assertEquals(code, refusal.code(), refusal::getMessage);
    return refusal;
  }

  /** The newest checkpoint in the store of the node, which does not run. */
  private Optional<Bytes> storedCheckpoint(TestBanks banks) {
    String origin =
        banks.network.genesis().origin(banks.network.genesis().node(NODE).orElseThrow()).format();
    try (NodeStore store =
        NodeStore.open(new NodeStore.Options(data, marks, 64 << 20, 64 << 20, 64 << 20, 16))) {
      StoredLog log = store.own().log(origin);
      return log.checkpoint();
    }
  }

  @Test
  void anOldCopyOfTheDataIsNotSignedOver() throws Exception {
    try (TestBanks banks = banks()) {
      TreeHead older = runOnce(banks);
      FolderCopy.copy(data, dataCopy);
      Optional<Bytes> olderCheckpoint = storedCheckpoint(banks);
      TreeHead newer = runOnce(banks);
      assertTrue(newer.size() > older.size());
      Path newest = directory.resolve("newest");
      FolderCopy.copy(data, newest);

      FolderCopy.replace(data, dataCopy);
      byte[] mark = Files.readAllBytes(marks.resolve("mark"));
      for (int attempt = 0; attempt < 2; attempt++) {
        StartException refusal = assertRefused("mark_ahead", banks);
        assertTrue(refusal.getMessage().contains("old copy"), refusal::getMessage);
        assertTrue(
            refusal.getMessage().contains(" of " + newer.size() + " entries"), refusal::getMessage);
      }
      assertEquals(olderCheckpoint, storedCheckpoint(banks));
      assertArrayEquals(mark, Files.readAllBytes(marks.resolve("mark")));

      // The remedy that the message names.
      FolderCopy.replace(data, newest);
      banks.start(NODE);
      assertContinues(banks, newer);
    }
  }

  /** The higher of the two marks counts: an old second copy alone does no harm. */
  @Test
  void anOldCopyOfTheSecondMarkIsOverruled() throws Exception {
    try (TestBanks banks = banks()) {
      runOnce(banks);
      FolderCopy.copy(marks, marksCopy);
      TreeHead newer = runOnce(banks);
      FolderCopy.replace(marks, marksCopy);
      banks.start(NODE);
      assertContinues(banks, newer);
    }
  }

  private void assertContinues(TestBanks banks, TreeHead before) throws Exception {
    record(banks);
    PublishedLog log = banks.node(NODE).facade().ownLog();
    assertTrue(log.size() > before.size());
    assertEquals(before.root(), MerkleProofs.rootAt(log.entries(), before.size()));
  }

  @Test
  void aMissingMarkMeansLostAndNeverNew() throws Exception {
    try (TestBanks banks = banks()) {
      runOnce(banks);
      Optional<Bytes> checkpoint = storedCheckpoint(banks);
      Files.delete(marks.resolve("mark"));
      StartException refusal = assertRefused("mark_lost", banks);
      assertTrue(refusal.getMessage().contains("is missing"), refusal::getMessage);
      assertTrue(Files.notExists(marks.resolve("mark")));
      assertEquals(checkpoint, storedCheckpoint(banks));
    }
  }

  /** The latch is in two places; each is enough. */
  @ParameterizedTest
  @ValueSource(strings = {"data", "marks"})
  void aLatchOutlivesEveryRestart(String place) throws Exception {
    try (TestBanks banks = banks()) {
      runOnce(banks);
      Optional<Bytes> checkpoint = storedCheckpoint(banks);
      Path latch = (place.equals("data") ? data : marks).resolve("latch");
      Files.writeString(latch, "fdatasync: Input/output error\n");
      for (int attempt = 0; attempt < 2; attempt++) {
        StartException refusal = assertRefused("latched", banks);
        assertTrue(refusal.getMessage().contains("Input/output error"), refusal::getMessage);
      }
      assertEquals(checkpoint, storedCheckpoint(banks));
    }
  }

  @Test
  void theSameDataIsServedOnce() throws Exception {
    try (TestBanks banks = banks()) {
      banks.start(NODE);
      TreeHead before = record(banks);
      RunningNode first = banks.node(NODE);
      StartException refusal = assertRefused("store_locked", banks);
      assertTrue(refusal.getMessage().contains("in use"), refusal::getMessage);
      // The first does not notice.
      assertTrue(first.facade().health().ready());
      assertContinues(banks, before);
    }
  }
}
