package org.probity.node.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The operating system's lock on a data directory: one process per store (protocol.md §11.5).
 *
 * <p>The kernel releases it when the process dies, however it dies, so there is no stale lock to
 * clean up. Two processes with one key would sign two histories; the second one stops here.
 */
public final class DirectoryLock implements AutoCloseable {
  /** In every data directory that was ever opened. */
  public static final String FILE = "lock";

  // POSIX drops a process's lock as soon as *any* descriptor of the file is closed, so a second
  // attempt inside this process must be refused before it opens the file.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;
  private final FileLock lock;

  private DirectoryLock(Path directory, FileChannel channel, FileLock lock) {
    this.directory = directory;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock, creating the directory where needed.
   *
   * @throws StoreException {@code LOCKED} if another process, or this one, holds it
   */
  public static DirectoryLock acquire(Path directory) {
    Path real;
    try {
      Files.createDirectories(directory);
      real = directory.toRealPath();
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Code.IO, "cannot create or open the data directory " + directory, e);
    }
    if (!HELD.add(real)) {
      throw new StoreException(
          StoreException.Code.LOCKED, "the data directory " + real + " is in use by this process");
    }
    boolean held = false;
    try {
      DirectoryLock lock = lock(real);
      held = true;
      return lock;
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot lock the data directory " + real, e);
    } finally {
      if (!held) {
        HELD.remove(real);
      }
    }
  }

  private static DirectoryLock lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new StoreException(
            StoreException.Code.LOCKED,
            "the data directory "
                + directory
                + " is in use by process "
                + holder(channel)
                + "; one data directory serves one node process");
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
      locked = true;
      return new DirectoryLock(directory, channel, lock);
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return pid.isEmpty() ? "(unknown)" : pid;
  }

  /**
   * Whether a process holds the lock now; makes nothing. It asks for a shared lock for a moment: a
   * node that starts within that moment is refused, and says that the folder is in use.
   *
   * @throws StoreException {@code IO}
   */
  public static boolean isHeld(Path directory) {
    if (isHeldByThisProcess(directory)) {
      return true;
    }
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot look at the lock " + file, e);
    }
  }

  /** Whether this process holds the lock on {@code directory}. */
  public static boolean isHeldByThisProcess(Path directory) {
    try {
      return HELD.contains(directory.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  public Path directory() {
    return directory;
  }

  /** Releases the lock; harmless when called twice. */
  @Override
  public void close() {
    try {
      if (lock.isValid()) {
        lock.release();
      }
      channel.close();
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Code.IO, "cannot release the lock on " + directory, e);
    } finally {
      HELD.remove(directory);
    }
  }
}
