package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;

/** What the core relies on, whatever kind of disk is behind it (protocol.md §4.6). */
public abstract class CommitStoreContract {
  protected static final Origin ORIGIN =
      new Origin(Hash.sha256("network".getBytes(StandardCharsets.US_ASCII)), "a", 0);

  private static final Signer KEY = Signer.of(PrivateKey.fromSeed(new byte[32]));

  /** A store and what is read back from it. */
  protected interface Disk {
    CommitStore store();

    LogReader log();

    Optional<SignedCheckpoint> newest();

    SigningMark mark();

    /** What is held of others' logs, in any order. */
    List<Bytes> views();

    void close();
  }

  private Disk disk;
  private CheckpointSigner signer;
  private Frontier frontier;

  /** Opens the store; the second time over what the first left behind. */
  protected abstract Disk open() throws IOException;

  @BeforeEach
  void openFirst() throws IOException {
    disk = open();
    signer = CheckpointSigner.guarding(KEY, ORIGIN, disk.mark());
    frontier = Frontier.EMPTY;
  }

  @AfterEach
  void closeLast() {
    disk.close();
  }

  private void reopen() throws IOException {
    disk.close();
    disk = open();
  }

  private static Bytes entry(long index) {
    return Bytes.utf8("entry " + index + " " + "x".repeat((int) (index % 50)));
  }

  private static List<Bytes> entries(long from, long to) {
    List<Bytes> entries = new ArrayList<>();
    for (long index = from; index < to; index++) {
      entries.add(entry(index));
    }
    return entries;
  }

  private record Next(LogAppend append, SigningMark mark, Frontier frontier) {}

  private Next next(long to) {
    List<Bytes> added = entries(frontier.size(), to);
    Frontier.Grown grown = frontier.append(added.stream().map(Rfc6962::leaf).toList());
    CheckpointSigner.Signed signed = (CheckpointSigner.Signed) signer.sign(grown.frontier().head());
    return new Next(
        new LogAppend(ORIGIN, frontier.size(), added, grown.completed(), signed.checkpoint()),
        signed.mark(),
        grown.frontier());
  }

  private static Optional<CommitStore.Growth> grown(LogAppend append, Next next) {
    return Optional.of(new CommitStore.Growth(append, next.mark()));
  }

  private Next growTo(long size) throws IOException {
    Next next = next(size);
    disk.store().persist(grown(next.append(), next), Map.of());
    frontier = next.frontier();
    return next;
  }

  private void assertHolds(long size) {
    LogReader log = disk.log();
    assertEquals(size, log.size());
    MemoryTree tree = MemoryTree.of(entries(0, size).stream().map(Rfc6962::leaf).toList());
    for (long index = 0; index < size; index++) {
      assertEquals(entry(index), log.entry(index));
    }
    for (int level = 0; size >> level > 0; level++) {
      for (long index = 0; index < size >> level; index++) {
        assertEquals(tree.node(level, index), log.node(level, index));
      }
    }
    assertEquals(tree.head().root(), MerkleProofs.rootAt(log, size));
  }

  @Test
  void aNewStoreHasSignedAndHoldsNothing() {
    assertEquals(0, disk.log().size());
    assertEquals(SigningMark.NOTHING_SIGNED, disk.mark());
    assertEquals(Optional.empty(), disk.newest());
    assertThrows(IndexOutOfBoundsException.class, () -> disk.log().entry(0));
    assertThrows(IndexOutOfBoundsException.class, () -> disk.log().node(0, 0));
  }

  @Test
  void whatIsCommittedIsReadAtOnceAndAfterReopening() throws IOException {
    for (long size : new long[] {1, 2, 3, 8, 9, 33, 64, 100}) {
      Next last = growTo(size);
      assertHolds(size);
      assertEquals(Optional.of(last.append().checkpoint()), disk.newest());
      assertEquals(last.mark(), disk.mark());
      reopen();
      assertHolds(size);
      assertEquals(Optional.of(last.append().checkpoint()), disk.newest());
      assertEquals(last.mark(), disk.mark());
    }
  }

  @Test
  void whatIsNotThereIsOutOfBounds() throws IOException {
    growTo(5);
    LogReader log = disk.log();
    assertThrows(IndexOutOfBoundsException.class, () -> log.entry(5));
    assertThrows(IndexOutOfBoundsException.class, () -> log.entry(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> log.node(0, 5));
    assertThrows(IndexOutOfBoundsException.class, () -> log.node(1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> log.node(3, 0));
  }

  @Test
  void aCommitThatDoesNotContinueTheLogChangesNothing() throws IOException {
    growTo(5);
    Next skipped = next(9);
    LogAppend early =
        new LogAppend(
            ORIGIN,
            4,
            skipped.append().entries(),
            skipped.append().completed(),
            skipped.append().checkpoint());
    assertThrows(
        RuntimeException.class, () -> disk.store().persist(grown(early, skipped), Map.of()));
    assertHolds(5);
    disk.store().persist(grown(skipped.append(), skipped), Map.of());
    assertHolds(9);
  }

  @Test
  void viewsAreWrittenWithTheLogOrWithoutItAndReplaceOneAnother() throws IOException {
    Origin b = new Origin(ORIGIN.networkId(), "b", 0);
    Origin c = new Origin(ORIGIN.networkId(), "c", 0);
    assertEquals(List.of(), disk.views());
    Next first = next(5);
    Map<Origin, Bytes> both = Map.of(b, Bytes.utf8("b 1"), c, Bytes.utf8("c 1"));
    disk.store().persist(grown(first.append(), first), both);
    frontier = first.frontier();
    disk.store().persist(Optional.empty(), Map.of(c, Bytes.utf8("c 2")));
    growTo(6);
    reopen();
    assertHolds(6);
    assertEquals(Set.of(Bytes.utf8("b 1"), Bytes.utf8("c 2")), new HashSet<>(disk.views()));
  }

  @Test
  void aReaderSeesWholeCommitsOnly() throws Exception {
    LogReader log = disk.log();
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                while (!done.get()) {
                  long size = log.size();
                  assertEquals(0, size % 7, "a commit is seven entries");
                  if (size > 0) {
                    assertEquals(entry(size - 1), log.entry(size - 1));
                    MerkleProofs.rootAt(log, size);
                  }
                }
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    if (isSafeForConcurrentReaders()) {
      reader.start();
    }
    for (long size = 7; size <= 210; size += 7) {
      growTo(size);
    }
    done.set(true);
    reader.join();
    assertEquals(null, failure.get());
  }

  /** A store for single-threaded simulation may say no. */
  protected boolean isSafeForConcurrentReaders() {
    return true;
  }
}
