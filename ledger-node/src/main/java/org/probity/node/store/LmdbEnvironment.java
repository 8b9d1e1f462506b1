package org.probity.node.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.CopyFlags;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.EnvInfo;
import org.lmdbjava.LmdbException;
import org.lmdbjava.LmdbNativeException;
import org.lmdbjava.Txn;

/**
 * One LMDB environment behind a gate.
 *
 * <p>Using an environment after its close unmaps memory under the reader and kills the JVM, so
 * every access holds the shared side of a lock whose exclusive side is needed to close: a late
 * reader gets {@code CLOSED} instead. Flags are those that survive a power cut: never WRITEMAP (a
 * full disk is a SIGBUS), NOSYNC or NOMETASYNC. NOTLS binds reader slots to transactions, not to
 * threads, so that pools of any size do not exhaust the reader table.
 *
 * <p>Safe for use by many threads; LMDB admits one write transaction at a time.
 */
final class LmdbEnvironment implements AutoCloseable {
  static final String DATA_FILE = "data.mdb";
  static final int MAX_READERS = 512;
  static final int MAX_KEY_BYTES = 511;

  private static final int MAX_IDLE_READERS = 32;

  private static final int ENOSPC = 28;
  private static final int EDQUOT = 122;

  private static final ThreadLocal<ByteBuffer> KEY =
      ThreadLocal.withInitial(
          () -> ByteBuffer.allocateDirect(MAX_KEY_BYTES).order(ByteOrder.BIG_ENDIAN));

  private final Path directory;
  private final Env<ByteBuffer> env;
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final Faults faults;
  private final LinkedBlockingDeque<Txn<ByteBuffer>> idle = new LinkedBlockingDeque<>();
  private final AtomicReference<@Nullable String> damage = new AtomicReference<>();
  private final AtomicLong damagedReads = new AtomicLong();
  private final boolean readOnly;
  private boolean closed;

  /** Where tests make a commit fail; production uses {@link #NONE}. */
  interface Faults {
    Faults NONE = new Faults() {};

    /** The last moment at which nothing is durable. */
    default void beforeCommit() throws IOException {}

    /** Everything is durable, but the caller does not know yet. */
    default void afterCommit() throws IOException {}
  }

  /** Work inside a read transaction. Buffers it sees are void after it returns. */
  interface ReadWork<T> {
    T run(Txn<ByteBuffer> txn);
  }

  /** Work inside the write transaction. */
  interface WriteWork {
    void run(Txn<ByteBuffer> txn);
  }

  private LmdbEnvironment(Path directory, Env<ByteBuffer> env, Faults faults, boolean readOnly) {
    this.directory = directory;
    this.env = env;
    this.faults = faults;
    this.readOnly = readOnly;
  }

  /**
   * Opens or creates the environment and frees the reader slots of dead processes.
   *
   * @param mapBytes upper limit of the file; address space, not disk, until it is used
   */
  static LmdbEnvironment open(Path directory, long mapBytes, int maxDatabases, Faults faults) {
    try {
      Files.createDirectories(directory);
      requireWhole(directory);
      Env<ByteBuffer> env =
          Env.create()
              .setMapSize(mapBytes)
              .setMaxDbs(maxDatabases)
              .setMaxReaders(MAX_READERS)
              .open(directory.toFile(), EnvFlags.MDB_NOTLS);
      env.readerCheck();
      return new LmdbEnvironment(directory, env, faults, false);
    } catch (LinkageError e) {
      throw NativeLibraries.unusable(e);
    } catch (IOException | LmdbException e) {
      throw unusable(directory, e);
    }
  }

  /** Who else may use an environment that is only read here. */
  enum Reading {
    /** A node that runs, or nobody. LMDB makes its own lock file where there is none. */
    SHARED,
    /** Nobody: a copy that lies on a shelf. Not a byte is changed, no file is made. */
    SEALED
  }

  /**
   * Opens an environment that is there, to read it; {@link #write} fails.
   *
   * @param mapBytes at least what whoever writes it has: what is beyond cannot be read
   */
  static LmdbEnvironment openReadOnly(
      Path directory, long mapBytes, int maxDatabases, Reading reading) {
    if (!Files.isRegularFile(directory.resolve(DATA_FILE))) {
      throw new StoreException(StoreException.Code.ABSENT, "there is no store in " + directory);
    }
    try {
      requireWhole(directory);
      Env.Builder<ByteBuffer> builder =
          Env.create().setMapSize(mapBytes).setMaxDbs(maxDatabases).setMaxReaders(MAX_READERS);
      Env<ByteBuffer> env =
          reading == Reading.SEALED
              ? builder.open(
                  directory.toFile(),
                  EnvFlags.MDB_NOTLS,
                  EnvFlags.MDB_RDONLY_ENV,
                  EnvFlags.MDB_NOLOCK)
              : builder.open(directory.toFile(), EnvFlags.MDB_NOTLS, EnvFlags.MDB_RDONLY_ENV);
      return new LmdbEnvironment(directory, env, Faults.NONE, true);
    } catch (LinkageError e) {
      throw NativeLibraries.unusable(e);
    } catch (IOException | LmdbException e) {
      throw unusable(directory, e);
    }
  }

  private static StoreException unusable(Path directory, Exception e) {
    return e instanceof Env.FileInvalidException || e instanceof Env.VersionMismatchException
        ? new StoreException(
            StoreException.Code.FORMAT, directory + " does not hold a store of this version", e)
        : new StoreException(StoreException.Code.IO, "cannot open the store in " + directory, e);
  }

  /** A page that is named and not there would end the JVM without a word. */
  static void requireWhole(Path directory) throws IOException {
    Path file = directory.resolve(DATA_FILE);
    if (LmdbFile.isTruncated(file)) {
      throw new StoreException(
          StoreException.Code.TRUNCATED,
          file
              + " is cut off: it has "
              + Files.size(file)
              + " bytes and names pages beyond them."
              + " Put a whole copy in its place");
    }
  }

  Path directory() {
    return directory;
  }

  /**
   * Opens a named database, or creates it where that is possible. Not from inside {@link #read} or
   * {@link #write}.
   *
   * @throws StoreException {@code ABSENT} if there is none and this environment is only read
   */
  Dbi<ByteBuffer> database(String name) {
    return guarded(
        () -> {
          try {
            return readOnly ? env.openDbi(name) : env.openDbi(name, DbiFlags.MDB_CREATE);
          } catch (Dbi.KeyNotFoundException e) {
            throw new StoreException(
                StoreException.Code.ABSENT, "the store in " + directory + " has no " + name, e);
          }
        });
  }

  /** Whether it was opened to be read. */
  boolean isReadOnly() {
    return readOnly;
  }

  /**
   * Runs {@code work} on one consistent snapshot.
   *
   * @throws StoreException {@code CLOSED} after {@link #close}
   */
  <T> T read(ReadWork<T> work) {
    return guarded(
        () -> {
          Txn<ByteBuffer> txn = begin();
          try {
            return work.run(txn);
          } catch (StoreException e) {
            note(e);
            throw e;
          } finally {
            end(txn);
          }
        });
  }

  private void note(StoreException thrown) {
    if (thrown.code() == StoreException.Code.CORRUPT) {
      damagedReads.incrementAndGet();
      damage.compareAndSet(null, thrown.getMessage());
    }
  }

  /** The first damage that a read has met since the environment was opened. */
  Optional<String> damage() {
    return Optional.ofNullable(damage.get());
  }

  /** Reads that have met damage. */
  long damagedReads() {
    return damagedReads.get();
  }

  /**
   * A read transaction on the newest snapshot. Beginning one allocates for every database there
   * might be; renewing a reset one does not, and keeps its reader slot.
   */
  private Txn<ByteBuffer> begin() {
    Txn<ByteBuffer> txn = idle.pollFirst();
    if (txn == null) {
      return env.txnRead();
    }
    txn.renew();
    return txn;
  }

  private void end(Txn<ByteBuffer> txn) {
    if (idle.size() < MAX_IDLE_READERS) {
      // Reset at once: an open snapshot would keep LMDB from reusing freed pages.
      txn.reset();
      idle.addFirst(txn);
    } else {
      txn.close();
    }
  }

  /**
   * Runs {@code work} in one write transaction and returns when it is on the disk (fdatasync).
   *
   * @throws StoreException {@code FULL} when map or disk had no room and nothing was written;
   *     {@code IO} when the commit failed otherwise or nobody knows: the caller latches
   */
  void write(WriteWork work) {
    guarded(
        () -> {
          // A crash anywhere before the end of commit() leaves the previous meta page in force:
          // LMDB
          // writes data pages to free space, syncs, then writes one meta page, and syncs.
          try (Txn<ByteBuffer> txn = env.txnWrite()) {
            work.run(txn);
            faults.beforeCommit();
            commit(txn);
            faults.afterCommit();
            return true;
          } catch (Env.MapFullException e) {
            // Raised while pages are allocated, long before the meta page: nothing happened.
            throw full(e);
          } catch (IOException e) {
            throw new StoreException(
                StoreException.Code.IO, "commit to " + directory + " failed", e);
          }
        });
  }

  private void commit(Txn<ByteBuffer> txn) {
    long before = env.info().lastTransactionId;
    try {
      txn.commit();
    } catch (LmdbNativeException e) {
      int result = e.getResultCode();
      boolean isOutOfSpace = result == ENOSPC || result == EDQUOT;
      if (isOutOfSpace && env.info().lastTransactionId == before) {
        // Data pages did not fit and the meta page was not touched: nothing happened.
        throw full(e);
      }
      throw e;
    }
  }

  private StoreException full(Throwable cause) {
    return new StoreException(
        StoreException.Code.FULL,
        "the store in "
            + directory
            + " is full ("
            + env.info().mapSize
            + " bytes mapped): free disk space or raise the map size, then restart",
        cause);
  }

  /**
   * Used and maximal bytes. Used counts pages ever touched; LMDB reuses the free ones among them.
   */
  Usage usage() {
    return guarded(
        () -> {
          EnvInfo info = env.info();
          long pageBytes = env.stat().pageSize;
          return new Usage((info.lastPageNumber + 1) * pageBytes, info.mapSize);
        });
  }

  record Usage(long usedBytes, long maxBytes) {}

  /** A consistent, compacted copy, taken while the store is in use. */
  void copyTo(Path target) {
    guarded(
        () -> {
          try {
            Files.createDirectories(target);
            env.copy(target.toFile(), CopyFlags.MDB_CP_COMPACT);
            StoreFiles.syncDirectory(target);
            return true;
          } catch (IOException e) {
            throw new StoreException(
                StoreException.Code.IO, "cannot copy " + directory + " to " + target, e);
          }
        });
  }

  private interface Guarded<T> {
    T run();
  }

  private <T> T guarded(Guarded<T> work) {
    gate.readLock().lock();
    try {
      if (closed) {
        throw new StoreException(
            StoreException.Code.CLOSED, "the store in " + directory + " has been closed");
      }
      return work.run();
    } catch (Env.ReadersFullException e) {
      throw new StoreException(
          StoreException.Code.IO, "more than " + MAX_READERS + " readers of " + directory, e);
    } catch (LmdbNativeException.PageCorruptedException
        | LmdbNativeException.PageNotFoundException e) {
      throw new StoreException(
          StoreException.Code.CORRUPT, "the store in " + directory + " is damaged", e);
    } catch (LmdbException e) {
      throw new StoreException(StoreException.Code.IO, "the store in " + directory + " failed", e);
    } finally {
      gate.readLock().unlock();
    }
  }

  /** Waits for running transactions, then closes. Harmless when called twice. */
  @Override
  public void close() {
    gate.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        for (Txn<ByteBuffer> txn : idle) {
          // A reset transaction is only freed after it was renewed.
          txn.renew();
          txn.close();
        }
        idle.clear();
        env.close();
      }
    } finally {
      gate.writeLock().unlock();
    }
  }

  /** A key of one big-endian integer, in this thread's key buffer. */
  static ByteBuffer key(long value) {
    ByteBuffer key = KEY.get().clear();
    key.putLong(value);
    return key.flip();
  }

  /** A key of bytes, in this thread's key buffer. */
  static ByteBuffer key(byte[] value) {
    if (value.length == 0 || value.length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException("a key has 1 to 511 bytes, not " + value.length);
    }
    ByteBuffer key = KEY.get().clear();
    key.put(value);
    return key.flip();
  }

  /** The content of a buffer, copied out of the map. */
  static byte[] copy(ByteBuffer buffer) {
    byte[] value = new byte[buffer.remaining()];
    buffer.duplicate().get(value);
    return value;
  }
}
