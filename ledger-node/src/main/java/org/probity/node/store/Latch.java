package org.probity.node.store;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a commit failed, or that nobody knows whether it did (protocol.md §4.6).
 *
 * <p>After a failed fdatasync the kernel may have dropped the dirty pages and LMDB would happily
 * accept the next commit on top of the hole; so nothing is retried and nothing more is committed. A
 * supervisor's restart does not clear it: the latch is a file beside the store and another beside
 * the mark (the store itself is the one place that has just proved unreliable). Only recovery,
 * after it verified the entries, calls {@link #clear}.
 *
 * <p>Safe for use by many threads.
 */
public final class Latch {
  private static final int MAX_REASON_BYTES = 1024;

  private final List<Path> files;
  private volatile @Nullable String reason;

  private Latch(List<Path> files, @Nullable String reason) {
    this.files = files;
    this.reason = reason;
  }

  /** The latch kept in {@code files}; set if any of them exists, whatever it contains. */
  public static Latch open(List<Path> files) {
    String reason = null;
    for (Path file : files) {
      if (Files.exists(file)) {
        reason = read(file);
        break;
      }
    }
    return new Latch(List.copyOf(files), reason);
  }

  private static String read(Path file) {
    try {
      byte[] content = Files.readAllBytes(file);
      int length = Math.min(content.length, MAX_REASON_BYTES);
      String text = new String(content, 0, length, StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "set, reason not recorded" : text;
    } catch (IOException e) {
      return "set, reason unreadable: " + e;
    }
  }

  /** Why commits are refused; empty when they are not. */
  public Optional<String> reason() {
    return Optional.ofNullable(reason);
  }

  /**
   * Stands before every commit.
   *
   * @throws StoreException {@code LATCHED} when set
   */
  public void check() {
    String text = reason;
    if (text != null) {
      throw new StoreException(
          StoreException.Code.LATCHED,
          "the store is latched ("
              + text
              + "): it commits nothing more, and neither does a restart, because the disk may lack"
              + " what was signed. Reads and audits go on while the node runs");
    }
  }

  /**
   * Sets the latch; the first reason stays. Never throws: the caller is already failing. On a disk
   * that takes no file either, the latch holds in memory until the process stops, and the next
   * start verifies the store like any other.
   *
   * @return whether at least one file holds it durably
   */
  public synchronized boolean set(String why) {
    if (reason == null) {
      reason = why;
    }
    boolean durable = false;
    for (Path file : files) {
      try {
        write(file, why);
        durable = true;
      } catch (IOException e) {
        // The other copy, or memory, has to do.
      }
    }
    return durable;
  }

  private static void write(Path file, String why) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    byte[] text = (why.lines().findFirst().orElse("") + "\n").getBytes(StandardCharsets.UTF_8);
    // A stream, not a channel: a channel would refuse on an interrupted thread.
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      out.write(text, 0, Math.min(text.length, MAX_REASON_BYTES));
      out.getFD().sync();
    }
    StoreFiles.syncDirectory(file.toAbsolutePath().getParent());
  }

  /** Takes the latch away. For recovery only, after it verified every entry it will build on. */
  public synchronized void clear() {
    try {
      for (Path file : files) {
        if (Files.deleteIfExists(file)) {
          StoreFiles.syncDirectory(file.toAbsolutePath().getParent());
        }
      }
    } catch (IOException e) {
      throw new StoreException(StoreException.Code.IO, "cannot clear the latch", e);
    }
    reason = null;
  }
}
