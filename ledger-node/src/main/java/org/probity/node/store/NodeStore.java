package org.probity.node.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.SigningMark;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything a node keeps on disk, opened and closed together; the layout is in the package doc.
 *
 * <p>Commits by one thread at a time; everything else from any thread.
 */
public final class NodeStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeStore.class);

  /** The node's own incarnations, each a log of its own. */
  private static final int MAX_OWN_LOGS = 16;

  /**
   * Where, and how much at most. Map sizes are limits on files that grow as they are used.
   *
   * @param data the data directory
   * @param marks directory of the second copies of mark and latch, best on another filesystem
   * @param maxReplicas limit on different logs of others ever kept
   */
  public record Options(
      Path data,
      Path marks,
      long logMapBytes,
      long replicaMapBytes,
      long stateMapBytes,
      int maxReplicas) {
    /** The second copy of the signing mark. */
    public Path markFile() {
      return marks.resolve("mark");
    }

    /** The second copy of the latch. */
    public Path latchFile() {
      return marks.resolve("latch");
    }

    /** The node's own logs, one per incarnation. */
    public LmdbLogStore.Options ownLogs() {
      return new LmdbLogStore.Options(data.resolve("log"), logMapBytes, MAX_OWN_LOGS);
    }

    /** The logs of its wards. */
    public LmdbLogStore.Options wardLogs() {
      return new LmdbLogStore.Options(data.resolve("replicas"), replicaMapBytes, maxReplicas);
    }

    /** Both copies of the latch. */
    public Latch latch() {
      return Latch.open(List.of(data.resolve("latch"), latchFile()));
    }

    /** The same store somewhere else. */
    public Options at(Path otherData) {
      return new Options(
          otherData, marks, logMapBytes, replicaMapBytes, stateMapBytes, maxReplicas);
    }
  }

  private final DirectoryLock lock;
  private final Latch latch;
  private final LmdbLogStore own;
  private final LmdbLogStore replicas;
  private final LmdbStateStore state;
  private final LmdbIndex index;
  private final Map<StoredLog, LmdbStateStore> audited = new HashMap<>();
  private final Options options;
  private final Path markPath;
  private final LmdbEnvironment.Faults markFaults;
  private boolean closed;
  private @Nullable MarkFile markFile;
  private @Nullable StoreException markLost;

  private NodeStore(
      DirectoryLock lock,
      Latch latch,
      LmdbLogStore own,
      LmdbLogStore replicas,
      LmdbStateStore state,
      LmdbIndex index,
      Options options,
      LmdbEnvironment.Faults markFaults) {
    this.lock = lock;
    this.latch = latch;
    this.own = own;
    this.replicas = replicas;
    this.state = state;
    this.index = index;
    this.options = options;
    this.markPath = options.markFile();
    this.markFaults = markFaults;
  }

  /**
   * What {@code init} and {@code join} do, once: an empty data directory and mark 0, the statement
   * that this log has never signed (protocol.md §11.1).
   *
   * @throws StoreException {@code FORMAT} if there is data or a mark already
   */
  public static void initialise(Options options) {
    try {
      Files.createDirectories(options.data());
      try (DirectoryStream<Path> content = Files.newDirectoryStream(options.data())) {
        if (content.iterator().hasNext()) {
          throw new StoreException(
              StoreException.Code.FORMAT,
              "the data directory "
                  + options.data()
                  + " is not empty: a node is initialised once, and never over its own history");
        }
      }
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Code.IO, "cannot create the data directory " + options.data(), e);
    }
    MarkFile.create(options.markFile(), SigningMark.NOTHING_SIGNED.encode());
  }

  /**
   * Opens everything. A lost mark and a set latch do not fail here: the node serves reads and
   * audits and finds out (§11.1), it just cannot {@link #commit}.
   *
   * @throws StoreException {@code LOCKED}, {@code FORMAT}, {@code CORRUPT}, {@code IO}
   */
  public static NodeStore open(Options options) {
    return open(options, LmdbEnvironment.Faults.NONE);
  }

  static NodeStore open(Options options, LmdbEnvironment.Faults markFaults) {
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    boolean complete = false;
    try {
      DirectoryLock lock = push(opened, DirectoryLock.acquire(options.data()));
      NativeLibraries.unpackTo(options.data().resolve("native"));
      Latch latch = options.latch();
      LmdbLogStore own = push(opened, LmdbLogStore.open(options.ownLogs(), latch));
      LmdbLogStore replicas = push(opened, LmdbLogStore.open(options.wardLogs(), latch));
      LmdbStateStore state =
          push(
              opened,
              derived(
                  options.data().resolve("state"),
                  folder -> LmdbStateStore.open(folder, options.stateMapBytes())));
      LmdbIndex index =
          push(
              opened,
              derived(
                  options.data().resolve("index"),
                  folder -> LmdbIndex.open(folder, options.logMapBytes())));
      NodeStore store =
          new NodeStore(lock, latch, own, replicas, state, index, options, markFaults);
      store.openMark();
      complete = true;
      return store;
    } finally {
      if (!complete) {
        opened.forEach(NodeStore::closeQuietly);
      }
    }
  }

  /**
   * Opens a store that can be made again from the log. One that cannot be opened is moved aside,
   * the newest such copy kept for whoever wants to know what happened to it, and begun anew.
   */
  private static <T> T derived(Path folder, Function<Path, T> opening) {
    try {
      return opening.apply(folder);
    } catch (StoreException e) {
      boolean damaged =
          e.code() == StoreException.Code.FORMAT
              || e.code() == StoreException.Code.TRUNCATED
              || e.code() == StoreException.Code.CORRUPT;
      if (!damaged) {
        throw e;
      }
      Path aside = folder.resolveSibling(folder.getFileName() + ".damaged");
      try {
        StoreFiles.deleteFolder(aside);
        Files.move(folder, aside);
      } catch (IOException failure) {
        e.addSuppressed(failure);
        throw e;
      }
      LOG.warn(
          "{}; it is moved to {} and made again from the log, which takes a while on a long one",
          e.getMessage(),
          aside);
      return opening.apply(folder);
    }
  }

  private static <T extends AutoCloseable> T push(Deque<AutoCloseable> opened, T resource) {
    opened.push(resource);
    return resource;
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      // The reason why opening failed is on its way to the caller.
    }
  }

  private void openMark() {
    try {
      markFile = MarkFile.open(markPath, markFaults);
    } catch (StoreException e) {
      if (e.code() != StoreException.Code.MARK_LOST) {
        throw e;
      }
      markLost = e;
    }
  }

  /** The node's own log, one per incarnation. */
  public LmdbLogStore own() {
    return own;
  }

  /** The logs of its wards. */
  public LmdbLogStore replicas() {
    return replicas;
  }

  /** The flushed state of the own log. */
  public LmdbStateStore state() {
    return state;
  }

  /** What is derived from the own log for those who ask. */
  public LmdbIndex index() {
    return index;
  }

  /**
   * Where the audited state of the ward with this replica is kept; opened at the first call.
   *
   * @throws StoreException {@code CLOSED}, {@code FORMAT} or {@code IO}
   */
  public LmdbStateStore audited(StoredLog replica) {
    synchronized (audited) {
      if (closed) {
        throw new StoreException(StoreException.Code.CLOSED, "the node's store has been closed");
      }
      return audited.computeIfAbsent(
          replica,
          log ->
              derived(
                  options.data().resolve("audited").resolve(String.valueOf(log.number())),
                  folder -> LmdbStateStore.open(folder, options.stateMapBytes())));
    }
  }

  public Latch latch() {
    return latch;
  }

  /** How far this node has signed, as far as its disk knows. */
  public sealed interface Mark {}

  /** Both copies agree, or the higher of the two: what the signer starts from. */
  public record Known(SigningMark mark) implements Mark {}

  /** Gone, unreadable or contradictory: sign nothing before the witnesses were asked (§11). */
  public record Lost(String why) implements Mark {}

  public Mark mark() {
    MarkFile file = markFile;
    if (file == null) {
      StoreException lost = markLost;
      return new Lost(lost == null ? "closed" : String.valueOf(lost.getMessage()));
    }
    try {
      SigningMark outside = SigningMark.decode(file.content());
      Optional<Bytes> inside = own.mark();
      if (inside.isEmpty()) {
        return new Known(outside);
      }
      return SigningMark.reconcile(SigningMark.decode(inside.get()), outside)
          .<Mark>map(Known::new)
          .orElseGet(() -> new Lost("the two copies of the mark name one size and two texts"));
    } catch (DecodeException e) {
      return new Lost("a copy of the mark does not decode: " + e.getMessage());
    }
  }

  /**
   * Makes a part of the own log durable: two fsynced places, in order.
   *
   * @param writes entries and checkpoint; the mark is added here
   * @throws StoreException whatever the code, the commit does not count as durable; only {@code
   *     FULL} says that it certainly did not happen
   */
  public void commit(LogWrites writes, SigningMark mark) {
    MarkFile file = markFile;
    if (file == null) {
      throw new StoreException(
          StoreException.Code.MARK_LOST, "nothing is signed without a mark: " + mark());
    }
    DurableLog.commit(own, file, writes, mark);
  }

  /**
   * The core's way to commit to one of this node's own logs.
   *
   * @throws StoreException {@code MARK_LOST}: nothing is signed without a mark
   */
  public DurableLog durable(StoredLog log) {
    MarkFile file = markFile;
    if (file == null) {
      throw new StoreException(
          StoreException.Code.MARK_LOST, "nothing is signed without a mark: " + mark());
    }
    return new DurableLog(own, log, file);
  }

  /** What this node held of others' logs at its last commit, one value per log. */
  public List<Bytes> views() {
    return DurableLog.views(own);
  }

  /**
   * Puts a lost mark back, at what the witnesses substantiated. For recovery only (§11.2): whoever
   * calls this with less than was released makes the node equivocate.
   */
  public void restoreMark(SigningMark substantiated) {
    MarkFile file = markFile;
    if (file == null) {
      try {
        Files.deleteIfExists(markPath);
      } catch (IOException e) {
        throw new StoreException(StoreException.Code.IO, "cannot replace the mark " + markPath, e);
      }
      MarkFile.create(markPath, substantiated.encode());
      markLost = null;
      openMark();
    } else {
      file.write(substantiated.encode());
    }
    own.commit(new LogWrites().mark(substantiated.encode()));
  }

  /** Closes everything, the lock last. Waits for running reads and commits. */
  @Override
  public void close() {
    MarkFile file = markFile;
    markFile = null;
    if (file != null) {
      file.close();
    }
    synchronized (audited) {
      closed = true;
      audited.values().forEach(LmdbStateStore::close);
    }
    index.close();
    state.close();
    replicas.close();
    own.close();
    lock.close();
  }
}
