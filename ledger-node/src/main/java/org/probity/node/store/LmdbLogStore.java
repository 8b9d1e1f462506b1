package org.probity.node.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.GetOp;
import org.lmdbjava.Txn;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.TreeHead;

/**
 * Logs in one LMDB environment: the node's own, or those of its wards.
 *
 * <p>{@link #commit} is the one door for writing: everything in a {@link LogWrites} becomes durable
 * with one fsynced transaction, or nothing does. When it fails, or nobody knows whether it did, the
 * {@link Latch} is set and every later commit is refused, also after a restart (protocol.md §4.6);
 * a full map or disk is the exception, since then certainly nothing was written: the store refuses
 * commits until it is reopened with more room, and keeps answering reads.
 *
 * <p>Reads from any thread; commits from any thread, one at a time.
 */
public final class LmdbLogStore implements AutoCloseable {
  static final Bytes MARK_KEY = Bytes.utf8("signing-mark");

  private static final byte[] FORMAT_KEY = "format".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FORMAT = {1};
  private static final int DATABASES_PER_LOG = 3;
  private static final int OWN_DATABASES = 4;
  private static final int PRUNE_CHUNK = 4096;

  /**
   * Where, and how much at most.
   *
   * @param directory of this environment alone
   * @param mapBytes upper limit of its file
   * @param maxLogs limit on different origins ever stored
   */
  public record Options(Path directory, long mapBytes, int maxLogs) {}

  private final LmdbEnvironment environment;
  private final Latch latch;
  private final int maxLogs;
  private final Dbi<ByteBuffer> origins;
  private final Dbi<ByteBuffer> floors;
  private final Dbi<ByteBuffer> metadata;
  private final Map<String, StoredLog> logs = new LinkedHashMap<>();
  private final Object commitLock = new Object();
  private volatile boolean full;

  private LmdbLogStore(LmdbEnvironment environment, Latch latch, int maxLogs) {
    this.environment = environment;
    this.latch = latch;
    this.maxLogs = maxLogs;
    this.origins = environment.database("origins");
    this.floors = environment.database("floors");
    this.metadata = environment.database("metadata");
  }

  /**
   * Opens or creates the store, also when the latch is set: then it serves reads only.
   *
   * @throws StoreException {@code FORMAT}, {@code CORRUPT} or {@code IO}
   */
  public static LmdbLogStore open(Options options, Latch latch) {
    return open(options, latch, LmdbEnvironment.Faults.NONE);
  }

  static LmdbLogStore open(Options options, Latch latch, LmdbEnvironment.Faults faults) {
    int databases = OWN_DATABASES + options.maxLogs() * DATABASES_PER_LOG;
    LmdbEnvironment environment =
        LmdbEnvironment.open(options.directory(), options.mapBytes(), databases, faults);
    boolean opened = false;
    try {
      LmdbLogStore store = new LmdbLogStore(environment, latch, options.maxLogs());
      store.checkFormat();
      store.openLogs();
      opened = true;
      return store;
    } finally {
      if (!opened) {
        environment.close();
      }
    }
  }

  /**
   * Opens a store that is there, to read it: of a node that may be running in another process.
   *
   * @throws StoreException {@code ABSENT} if there is none; {@code FORMAT}, {@code CORRUPT}, {@code
   *     IO}
   */
  public static LmdbLogStore openReadOnly(Options options) {
    return openReadOnly(options, LmdbEnvironment.Reading.SHARED);
  }

  /** The same of a copy that nobody else uses: not a byte is changed and no file is made. */
  public static LmdbLogStore openSealed(Options options) {
    return openReadOnly(options, LmdbEnvironment.Reading.SEALED);
  }

  private static LmdbLogStore openReadOnly(Options options, LmdbEnvironment.Reading reading) {
    int databases = OWN_DATABASES + options.maxLogs() * DATABASES_PER_LOG;
    LmdbEnvironment environment =
        LmdbEnvironment.openReadOnly(options.directory(), options.mapBytes(), databases, reading);
    boolean opened = false;
    try {
      LmdbLogStore store = new LmdbLogStore(environment, Latch.open(List.of()), options.maxLogs());
      store.checkFormat();
      store.openLogs();
      opened = true;
      return store;
    } finally {
      if (!opened) {
        environment.close();
      }
    }
  }

  private void checkFormat() {
    Dbi<ByteBuffer> format = environment.database("format");
    byte[] found =
        environment.read(
            txn -> {
              byte[] value = CheckedValues.get(format, txn, FORMAT_KEY);
              return value == null ? new byte[0] : value;
            });
    if (found.length == 0 && !environment.isReadOnly()) {
      environment.write(txn -> CheckedValues.put(format, txn, FORMAT_KEY, FORMAT));
    } else if (!Bytes.wrap(found).equals(Bytes.wrap(FORMAT))) {
      throw new StoreException(
          StoreException.Code.FORMAT,
          environment.directory() + " was written by another version of this program");
    }
  }

  private void openLogs() {
    Map<Long, String> found =
        environment.read(
            txn -> {
              Map<Long, String> byNumber = new TreeMap<>();
              try (Cursor<ByteBuffer> cursor = origins.openCursor(txn)) {
                for (boolean more = cursor.first(); more; more = cursor.next()) {
                  byte[] key = LmdbEnvironment.copy(cursor.key());
                  byte[] origin = CheckedValues.check(key, LmdbEnvironment.copy(cursor.val()));
                  byNumber.put(
                      ByteBuffer.wrap(key).getLong(), new String(origin, StandardCharsets.UTF_8));
                }
              }
              return byNumber;
            });
    found.forEach(
        (number, origin) -> {
          byte[] key = Keys.of(number);
          long floor =
              environment.read(
                  txn -> {
                    byte[] value = CheckedValues.get(floors, txn, key);
                    return value == null ? 0L : ByteBuffer.wrap(value).getLong();
                  });
          openLog(number, origin, floor).ifPresent(log -> logs.put(origin, log));
        });
  }

  private Optional<StoredLog> openLog(long number, String origin, long floor) {
    try {
      return Optional.of(StoredLog.open(environment, number, origin, floor));
    } catch (StoreException e) {
      if (e.code() == StoreException.Code.ABSENT && environment.isReadOnly()) {
        // Whoever writes the store is making it this moment: it is empty.
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The log of this origin, if the store has one. */
  public Optional<StoredLog> find(String origin) {
    synchronized (logs) {
      return Optional.ofNullable(logs.get(origin));
    }
  }

  /** The log of this origin; an empty one is made, durably, where there is none. */
  public StoredLog log(String origin) {
    synchronized (logs) {
      StoredLog known = logs.get(origin);
      if (known != null) {
        return known;
      }
      if (logs.size() >= maxLogs) {
        throw new StoreException(
            StoreException.Code.FULL, "more than " + maxLogs + " logs in " + directory());
      }
      long number = logs.values().stream().mapToLong(StoredLog::number).max().orElse(-1) + 1;
      // A crash after this line leaves a number for an empty log: harmless.
      byte[] text = origin.getBytes(StandardCharsets.UTF_8);
      write(txn -> CheckedValues.put(origins, txn, Keys.of(number), text));
      StoredLog made = StoredLog.open(environment, number, origin, 0);
      logs.put(origin, made);
      return made;
    }
  }

  /** All logs, oldest first. */
  public List<StoredLog> logs() {
    synchronized (logs) {
      return new ArrayList<>(logs.values());
    }
  }

  /**
   * Makes {@code writes} durable: one transaction, one fsync of data and one of the meta page.
   *
   * @throws IllegalArgumentException if the writes do not fit what is stored (our bug, nothing was
   *     written): an append that does not start at the size, or a checkpoint that names another
   *     root than the tree has
   * @throws StoreException {@code LATCHED} or {@code FULL} when refused, {@code FULL} or {@code IO}
   *     when tried and failed
   */
  public void commit(LogWrites writes) {
    synchronized (commitLock) {
      for (LogWrites.Append append : writes.appends()) {
        if (append.firstIndex() != append.log().size()) {
          throw new IllegalArgumentException(
              append.log().origin()
                  + ": append at "
                  + append.firstIndex()
                  + " to a log of "
                  + append.log().size());
        }
      }
      Map<StoredLog, Frontier> grown = new LinkedHashMap<>();
      write(
          txn -> {
            for (LogWrites.Append append : writes.appends()) {
              grown.put(append.log(), append.log().write(txn, append));
            }
            for (LogWrites.Checkpoint checkpoint : writes.checkpoints()) {
              checkpoint.log().write(txn, checkpoint);
              check(checkpoint, grown.getOrDefault(checkpoint.log(), checkpoint.log().frontier()));
            }
            writes.metadata().forEach((key, value) -> writeMetadata(txn, key, value));
          });
      // Only what is durable becomes visible.
      grown.forEach(StoredLog::grown);
    }
  }

  /** Never store a signature over a root that these entries do not have: pitfall 14. */
  private static void check(LogWrites.Checkpoint checkpoint, Frontier frontier) {
    TreeHead head = checkpoint.head();
    if (head.size() == frontier.size() && !head.root().equals(frontier.root())) {
      throw new IllegalArgumentException(
          checkpoint.log().origin()
              + ": checkpoint "
              + head
              + " is not over the tree "
              + frontier.head());
    }
  }

  private void writeMetadata(Txn<ByteBuffer> txn, Bytes key, Optional<Bytes> value) {
    if (value.isPresent()) {
      CheckedValues.put(metadata, txn, key.unsafeArray(), value.get().unsafeArray());
    } else {
      metadata.delete(txn, LmdbEnvironment.key(key.unsafeArray()));
    }
  }

  private void write(LmdbEnvironment.WriteWork work) {
    latch.check();
    if (full) {
      throw new StoreException(
          StoreException.Code.FULL, directory() + " is full: reads only until reopened with room");
    }
    try {
      environment.write(work);
    } catch (IllegalArgumentException e) {
      // Raised by our own checks before the commit; the transaction was aborted.
      throw e;
    } catch (StoreException e) {
      if (e.code() == StoreException.Code.FULL) {
        full = true;
      } else if (e.code() != StoreException.Code.CLOSED) {
        latch.set(e.getMessage() + ": " + e.getCause());
      }
      throw e;
    } catch (RuntimeException | Error e) {
      latch.set("commit to " + directory() + " failed: " + e);
      throw e;
    }
  }

  /** The signing mark of the last commit that wrote one. */
  public Optional<Bytes> mark() {
    return get(MARK_KEY);
  }

  public Optional<Bytes> get(Bytes key) {
    return environment.read(
        txn ->
            Optional.ofNullable(CheckedValues.get(metadata, txn, key.unsafeArray()))
                .map(Bytes::wrap));
  }

  /** Metadata whose keys start with {@code prefix}, in key order. */
  public SortedMap<Bytes, Bytes> withPrefix(Bytes prefix) {
    return environment.read(
        txn -> {
          SortedMap<Bytes, Bytes> found = new TreeMap<>();
          try (Cursor<ByteBuffer> cursor = metadata.openCursor(txn)) {
            boolean more =
                prefix.isEmpty()
                    ? cursor.first()
                    : cursor.get(LmdbEnvironment.key(prefix.unsafeArray()), GetOp.MDB_SET_RANGE);
            while (more) {
              byte[] key = LmdbEnvironment.copy(cursor.key());
              Bytes name = Bytes.wrap(key);
              if (!name.startsWith(prefix)) {
                break;
              }
              byte[] value = CheckedValues.check(key, LmdbEnvironment.copy(cursor.val()));
              found.put(name, Bytes.wrap(value));
              more = cursor.next();
            }
          }
          return found;
        });
  }

  /**
   * Lets the entries below {@code index} go (protocol.md §12); hashes and checkpoints stay. In
   * several transactions: the floor first, so that a crash in between leaves entries nobody is
   * served, and the next call removes them.
   */
  public void prune(StoredLog log, long index) {
    synchronized (commitLock) {
      if (index < log.firstEntry() || index > log.size()) {
        throw new IllegalArgumentException(
            "cannot prune to " + index + " of [" + log.firstEntry() + ", " + log.size() + "]");
      }
      write(txn -> CheckedValues.put(floors, txn, Keys.of(log.number()), Keys.of(index)));
      log.prunedTo(index);
      int[] deleted = {PRUNE_CHUNK};
      while (deleted[0] == PRUNE_CHUNK) {
        write(txn -> deleted[0] = log.prune(txn, index, PRUNE_CHUNK));
      }
    }
  }

  /**
   * Puts an entry back that was found damaged, with bytes from a witness. They are accepted only if
   * they hash, with the siblings stored here, to the root of the log.
   *
   * @return false if they do not: wrong bytes, or more than this entry is damaged
   */
  public boolean repair(StoredLog log, long index, Bytes entry) {
    synchronized (commitLock) {
      long size = log.size();
      Hash root = log.frontier().root();
      List<Hash> path = MerkleProofs.inclusion(log, index, size);
      TreeHead head = new TreeHead(size, root);
      if (!MerkleProofs.verifyInclusion(head, index, Rfc6962.leaf(entry), path)) {
        return false;
      }
      write(txn -> log.repair(txn, index, entry));
      return true;
    }
  }

  /** Whether commits are refused for lack of room. */
  public boolean isFull() {
    return full;
  }

  /** The first damage that a read has met since the store was opened. */
  public Optional<String> damage() {
    return environment.damage();
  }

  /** Reads that have met damage since then. */
  public long damagedReads() {
    return environment.damagedReads();
  }

  public Latch latch() {
    return latch;
  }

  public Path directory() {
    return environment.directory();
  }

  public long usedBytes() {
    return environment.usage().usedBytes();
  }

  public long maxBytes() {
    return environment.usage().maxBytes();
  }

  /** A consistent copy of the whole store, taken while it is in use. */
  public void backup(Path target) {
    environment.copyTo(target);
  }

  /** Waits for running reads and the running commit. */
  @Override
  public void close() {
    environment.close();
  }
}
