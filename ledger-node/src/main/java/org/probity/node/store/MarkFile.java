package org.probity.node.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * The second copy of the signing mark, outside the store (protocol.md §4.6): a store restored from
 * yesterday's backup meets today's mark and the node asks before it signs.
 *
 * <p>The file is preallocated, so that a write changes no metadata and one fdatasync is enough and
 * a full disk cannot stop it. Two slots of {@value #SLOT_BYTES} bytes take turns; a torn write
 * damages the slot being written and leaves the other. Slot:
 *
 * <pre>
 * magic "PROBMARK" (8) | sequence (8) | length (4) | content | SHA-256 over all before (32) | zeros
 * </pre>
 *
 * <p>A missing file, or one without a valid slot, means that the mark is <em>lost</em>, never that
 * the log is new (§11.1): only {@link #create} makes one, and it is called by {@code init} and
 * {@code join} alone.
 *
 * <p>Not thread-safe: owned by the committing thread.
 */
public final class MarkFile implements AutoCloseable {
  public static final int SLOT_BYTES = 4096;
  public static final int MAX_CONTENT_BYTES = SLOT_BYTES - 8 - 8 - 4 - Hash.BYTES;

  private static final long MAGIC = 0x50524F424D41524BL; // "PROBMARK"
  private static final int HEADER_BYTES = 20;
  private static final int SLOTS = 2;

  private final Path path;
  private final RandomAccessFile file;
  private final LmdbEnvironment.Faults faults;
  private long sequence;
  private Bytes content;

  private MarkFile(Path path, RandomAccessFile file, Slot newest, LmdbEnvironment.Faults faults) {
    this.path = path;
    this.file = file;
    this.faults = faults;
    this.sequence = newest.sequence();
    this.content = newest.content();
  }

  private record Slot(long sequence, Bytes content) {}

  /**
   * Writes a new mark file, both slots, durably.
   *
   * @throws StoreException {@code FORMAT} if there is one already: overwriting a mark would forget
   *     what was signed
   */
  public static void create(Path path, Bytes first) {
    try {
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createFile(path);
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        for (int slot = 0; slot < SLOTS; slot++) {
          file.write(encode(new Slot(slot, first)));
        }
        file.getFD().sync();
      }
      StoreFiles.syncDirectory(parent);
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(
          StoreException.Code.FORMAT, "there is a signing mark at " + path + " already", e);
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot create the mark " + path, e);
    }
  }

  /**
   * Opens the mark.
   *
   * @throws StoreException {@code MARK_LOST} if it is missing or neither slot is intact
   */
  public static MarkFile open(Path path) {
    return open(path, LmdbEnvironment.Faults.NONE);
  }

  static MarkFile open(Path path, LmdbEnvironment.Faults faults) {
    if (!Files.exists(path)) {
      // Checked first: mode "rwd" would create it.
      throw lost(path, "is missing");
    }
    RandomAccessFile file = null;
    boolean opened = false;
    try {
      file = new RandomAccessFile(path.toFile(), "rwd");
      Slot newest = newest(file);
      if (newest == null) {
        throw lost(path, "has no intact slot");
      }
      opened = true;
      return new MarkFile(path, file, newest, faults);
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot read the mark " + path, e);
    } finally {
      if (file != null && !opened) {
        closeQuietly(file);
      }
    }
  }

  /**
   * What was written last, by a node that may be running: looked at, not opened for writing.
   *
   * @throws StoreException as {@link #open}
   */
  public static Bytes read(Path path) {
    if (!Files.exists(path)) {
      throw lost(path, "is missing");
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      Slot newest = newest(file);
      if (newest == null) {
        throw lost(path, "has no intact slot");
      }
      return newest.content();
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot read the mark " + path, e);
    }
  }

  private static StoreException lost(Path path, String how) {
    return new StoreException(
        StoreException.Code.MARK_LOST,
        "the signing mark "
            + path
            + " "
            + how
            + ": nobody knows how far this node has signed, so it must not sign. Put the file back"
            + " as it last was, never an older one");
  }

  private static @Nullable Slot newest(RandomAccessFile file) throws IOException {
    Slot newest = null;
    for (int number = 0; number < SLOTS; number++) {
      byte[] raw = new byte[SLOT_BYTES];
      file.seek((long) number * SLOT_BYTES);
      // A truncated file leaves zeros, which are no slot.
      for (int read = 0, n; read < SLOT_BYTES; read += n) {
        n = file.read(raw, read, SLOT_BYTES - read);
        if (n < 0) {
          break;
        }
      }
      Slot slot = decode(raw).orElse(null);
      if (slot != null
          && slot.sequence() % SLOTS == number
          && (newest == null || slot.sequence() > newest.sequence())) {
        newest = slot;
      }
    }
    return newest;
  }

  /** What was written last. */
  public Bytes content() {
    return content;
  }

  /**
   * Overwrites the older slot and returns when it is on the disk.
   *
   * @throws StoreException {@code IO}: whether it is on the disk is unknown, the caller latches
   */
  public void write(Bytes next) {
    Slot slot = new Slot(sequence + 1, next);
    byte[] encoded = encode(slot);
    try {
      // A crash during this write tears the older slot only; the newest one stays readable.
      faults.beforeCommit();
      file.seek(slot.sequence() % SLOTS * SLOT_BYTES);
      file.write(encoded);
      faults.afterCommit();
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot write the mark " + path, e);
    }
    sequence = slot.sequence();
    content = next;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot close the mark " + path, e);
    }
  }

  private static void closeQuietly(RandomAccessFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // The reason why it could not be used is on its way to the caller.
    }
  }

  private static byte[] encode(Slot slot) {
    int length = slot.content().size();
    if (length > MAX_CONTENT_BYTES) {
      throw new IllegalArgumentException("a mark of " + length + " bytes");
    }
    ByteBuffer out = ByteBuffer.allocate(SLOT_BYTES);
    out.putLong(MAGIC).putLong(slot.sequence()).putInt(length);
    out.put(slot.content().unsafeArray());
    byte[] signed = Arrays.copyOf(out.array(), HEADER_BYTES + length);
    out.put(Hash.sha256(signed).unsafeArray());
    return out.array();
  }

  private static Optional<Slot> decode(byte[] raw) {
    ByteBuffer in = ByteBuffer.wrap(raw);
    if (in.getLong() != MAGIC) {
      return Optional.empty();
    }
    long sequence = in.getLong();
    int length = in.getInt();
    if (sequence < 0 || length < 0 || length > MAX_CONTENT_BYTES) {
      return Optional.empty();
    }
    int end = HEADER_BYTES + length;
    Hash expected = Hash.sha256(Arrays.copyOf(raw, end));
    if (!expected.equals(Hash.of(raw, end, Hash.BYTES))) {
      return Optional.empty();
    }
    return Optional.of(new Slot(sequence, Bytes.of(Arrays.copyOfRange(raw, HEADER_BYTES, end))));
  }
}
