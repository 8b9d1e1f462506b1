package org.probity.node.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Small things about files and checksums that several classes need. */
public final class StoreFiles {
  private StoreFiles() {}

  /**
   * Makes the directory entries durable: a new file's name is not, until its directory is synced.
   */
  public static void syncDirectory(@Nullable Path directory) throws IOException {
    if (directory == null) {
      return;
    }
    // A directory can only be synced through a channel, which refuses on an interrupted thread.
    boolean interrupted = Thread.interrupted();
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Writes a small file so that, whatever happens, its old or its new content is there whole.
   * Durable when it returns, the names of file and folder included.
   */
  public static void replace(Path directory, String name, byte[] content) throws IOException {
    if (Files.notExists(directory)) {
      Files.createDirectories(directory);
      syncDirectory(directory.toAbsolutePath().getParent());
    }
    Path temporary = directory.resolve(name + ".part");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content).asReadOnlyBuffer();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    // A crash before this line leaves a .part file that nobody reads.
    Files.move(
        temporary,
        directory.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    // And one before this line may take the name away again.
    syncDirectory(directory);
  }

  /** Deletes a folder of files, if there is one. */
  static void deleteFolder(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** CRC-32C over the concatenation. */
  static int crc32c(byte[] first, byte[] second, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(first, 0, first.length);
    crc.update(second, offset, length);
    return (int) crc.getValue();
  }
}
