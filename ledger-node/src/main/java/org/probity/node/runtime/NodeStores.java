package org.probity.node.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.Published;
import org.probity.detector.node.Restore;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateTreeBuilder;
import org.probity.node.store.DirectoryLock;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.MarkFile;
import org.probity.node.store.StateFlusher;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything a node keeps on disk, opened together and closed together: own log, replicas of wards,
 * flushed state, the mark's second copy, evidence, and the lock that keeps a second process out.
 */
final class NodeStores implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeStores.class);
  private static final int MAX_WARDS = 1_000;

  final LmdbLogStore own;
  final StoredLog ownLog;
  final LmdbLogStore replicas;
  final LmdbStateStore state;
  final StateFlusher flusher;
  final MarkFile markFile;
  final EvidenceStore evidence;
  private final DirectoryLock lock;

  private NodeStores(
      DirectoryLock lock,
      LmdbLogStore own,
      StoredLog ownLog,
      LmdbLogStore replicas,
      LmdbStateStore state,
      MarkFile markFile,
      EvidenceStore evidence) {
    this.lock = lock;
    this.own = own;
    this.ownLog = ownLog;
    this.replicas = replicas;
    this.state = state;
    this.flusher = StateFlusher.start(state, "state-flush");
    this.markFile = markFile;
    this.evidence = evidence;
  }

  /**
   * Opens what {@code init} has made.
   *
   * @throws StartException {@code data_in_use}, {@code latched}, {@code mark_lost} or {@code
   *     store_unusable}
   */
  static NodeStores open(NodeSettings settings, Origin origin) throws StartException {
    Path data = settings.dataDirectory();
    Latch latch = Latch.open(List.of(data.resolve("latch"), latchBeside(settings.markFile())));
    Optional<String> latched = latch.reason();
    if (latched.isPresent()) {
      throw new StartException(
          "latched",
          "this node stopped itself after a fault of its disk and must not sign again: "
              + latched.get());
    }
    try {
      DirectoryLock lock = DirectoryLock.acquire(data);
      MarkFile mark = MarkFile.open(settings.markFile());
      LmdbLogStore own =
          LmdbLogStore.open(
              new LmdbLogStore.Options(data.resolve("log"), settings.logMapBytes(), 1), latch);
      LmdbLogStore replicas =
          LmdbLogStore.open(
              new LmdbLogStore.Options(
                  data.resolve("replicas"), settings.replicaMapBytes(), MAX_WARDS),
              Latch.open(List.of(data.resolve("replica-latch"))));
      return new NodeStores(
          lock,
          own,
          own.log(origin.format()),
          replicas,
          LmdbStateStore.open(data.resolve("state"), settings.stateMapBytes()),
          mark,
          new EvidenceStore(data.resolve("evidence")));
    } catch (StoreException e) {
      throw new StartException(
          e.code().name().toLowerCase(Locale.ROOT), String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new StartException("store_unusable", String.valueOf(e.getMessage()), e);
    }
  }

  private static Path latchBeside(Path markFile) {
    return markFile.resolveSibling(markFile.getFileName() + ".latch");
  }

  /** The mark that counts: the higher of the two copies. */
  SigningMark mark() throws StartException {
    try {
      SigningMark copy = SigningMark.decode(markFile.content());
      if (own.mark().isEmpty()) {
        return copy;
      }
      return SigningMark.reconcile(SigningMark.decode(own.mark().get()), copy)
          .orElseThrow(
              () ->
                  new StartException(
                      "mark_conflict",
                      "the two copies of the signing mark name different checkpoints of size "
                          + copy.size()
                          + ": two processes have used this key, or a copy was restored"));
    } catch (DecodeException e) {
      throw new StartException("mark_lost", "the signing mark is unreadable: " + e.getMessage());
    }
  }

  /**
   * Where the own log goes on.
   *
   * @param published its newest checkpoint, if it has one
   * @param onDisk the state as it is flushed
   */
  record OwnEnd(LogPosition position, Optional<Published> published, StateTree onDisk) {}

  /**
   * Replays the own log from the flushed state to its end.
   *
   * @throws StartException {@code mark_ahead} if the key has signed more than this log holds,
   *     {@code log_damaged} if the log is not what this node would have written
   */
  OwnEnd restore(Machine machine, SigningMark mark) throws StartException {
    Optional<SignedCheckpoint> newest = newestCheckpoint();
    long size = newest.map(SignedCheckpoint::size).orElse(0L);
    // SPEC protocol.md §11.1: what was signed must be here, or nothing is signed any more.
    if (mark.size() > size) {
      throw new StartException(
          "mark_ahead",
          "this key has signed a log of "
              + mark.size()
              + " entries, the store holds "
              + size
              + ": it is an old copy. Restore the newest one or have a new incarnation approved");
    }
    if (newest.isEmpty()) {
      return new OwnEnd(LogPosition.start(machine), Optional.empty(), StateTree.EMPTY);
    }
    try {
      return replay(machine, newest.get());
    } catch (Restore.RestoreException e) {
      throw new StartException("log_damaged", String.valueOf(e.getMessage()), e);
    }
  }

  private OwnEnd replay(Machine machine, SignedCheckpoint newest) throws Restore.RestoreException {
    Optional<FlushedState> flushed = flushedState();
    if (flushed.isPresent() && flushed.get().index() < ownLog.size()) {
      StateTree tree = flushed.get().tree();
      try {
        return end(Restore.replay(machine, ownLog, newest, flushed.get().index(), tree), tree);
      } catch (Restore.RestoreException e) {
        LOG.warn("the flushed state is of no use, replaying the whole log: {}", e.getMessage());
      }
    }
    state.clear();
    return end(Restore.replay(machine, ownLog, newest, 0, machine.initialState()), StateTree.EMPTY);
  }

  private static OwnEnd end(Restore.Restored restored, StateTree onDisk) {
    return new OwnEnd(restored.end(), Optional.of(restored.published()), onDisk);
  }

  private record FlushedState(long index, StateTree tree) {}

  private Optional<FlushedState> flushedState() {
    try {
      StateTreeBuilder builder = new StateTreeBuilder();
      Optional<LmdbStateStore.Position> position =
          state.load(
              (key, value) -> {
                try {
                  builder.add(key, value);
                } catch (DecodeException e) {
                  throw new StoreException(StoreException.Code.CORRUPT, e.code());
                }
              });
      return position.map(at -> new FlushedState(at.index(), builder.build()));
    } catch (StoreException e) {
      LOG.warn("the flushed state cannot be read: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<SignedCheckpoint> newestCheckpoint() throws StartException {
    if (ownLog.checkpoint().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(SignedCheckpoint.parse(ownLog.checkpoint().get()));
    } catch (DecodeException e) {
      throw new StartException("log_damaged", "the newest checkpoint: " + e.getMessage(), e);
    }
  }

  /** Finishes flushing and closes everything; the lock last. */
  @Override
  public void close() {
    flusher.close();
    state.close();
    replicas.close();
    own.close();
    markFile.close();
    lock.close();
  }
}
