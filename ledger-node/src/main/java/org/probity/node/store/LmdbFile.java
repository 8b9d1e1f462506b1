package org.probity.node.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Looks at an LMDB file before it is mapped. A page that a tree names and the file does not have is
 * a SIGBUS for whoever reads it through the map, and ends the JVM without a word.
 *
 * <p>A file may rightly be shorter than its meta page's last page number says: pages that were
 * allocated and freed again in one transaction are never written. So only when it is shorter are
 * the trees walked, and what counts is whether a page that is in use lies beyond the end. Layout:
 * {@code mdb.c} of LMDB 0.9 (MDB_page, MDB_meta, MDB_db, MDB_node), in the machine's byte order.
 */
final class LmdbFile {
  private static final int MAGIC = 0xBEEFC0DE;
  private static final int PAGE_HEADER_BYTES = 16;
  private static final int NODE_HEADER_BYTES = 8;
  private static final int META_BYTES = PAGE_HEADER_BYTES + 136;
  private static final int META_MAGIC = PAGE_HEADER_BYTES;
  private static final int META_PAGE_SIZE = PAGE_HEADER_BYTES + 24;
  private static final int META_FREE_ROOT = PAGE_HEADER_BYTES + 24 + 40;
  private static final int META_MAIN_ROOT = PAGE_HEADER_BYTES + 72 + 40;
  private static final int META_LAST_PAGE = PAGE_HEADER_BYTES + 120;
  private static final int META_TRANSACTION = PAGE_HEADER_BYTES + 128;
  private static final int DB_ROOT = 40;
  private static final long NO_PAGE = -1;

  private static final int BRANCH = 1;
  private static final int LEAF = 2;
  private static final int BIG_DATA = 1;
  private static final int SUB_DATABASE = 2;
  private static final int MAX_DEPTH = 64;

  private final FileChannel channel;
  private final int pageBytes;
  private final long pages;

  private LmdbFile(FileChannel channel, int pageBytes) throws IOException {
    this.channel = channel;
    this.pageBytes = pageBytes;
    this.pages = channel.size() / pageBytes;
  }

  /** What in-use pages say that the file does not have. */
  private static final class Missing extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Whether every page in use is there. What is no LMDB file is for LMDB to refuse. Two small reads
   * unless the file is shorter than its meta page says.
   */
  static boolean isTruncated(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) == 0) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer first = read(channel, 0, META_BYTES);
      if (first.getInt(META_MAGIC) != MAGIC) {
        return false;
      }
      int pageBytes = first.getInt(META_PAGE_SIZE);
      if (pageBytes < 512 || pageBytes > 65536 || Integer.bitCount(pageBytes) != 1) {
        return false;
      }
      ByteBuffer second = read(channel, pageBytes, META_BYTES);
      ByteBuffer meta =
          second.getInt(META_MAGIC) == MAGIC
                  && second.getLong(META_TRANSACTION) > first.getLong(META_TRANSACTION)
              ? second
              : first;
      LmdbFile read = new LmdbFile(channel, pageBytes);
      if (meta.getLong(META_LAST_PAGE) < read.pages) {
        return false;
      }
      read.walk(meta.getLong(META_FREE_ROOT), 0);
      read.walk(meta.getLong(META_MAIN_ROOT), 0);
      return false;
    } catch (Missing | EOFException | IndexOutOfBoundsException e) {
      return true;
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file ends within a page");
      }
    }
    return buffer.flip();
  }

  private void walk(long page, int depth) throws IOException, Missing {
    if (page == NO_PAGE) {
      return;
    }
    require(page, 1);
    if (depth > MAX_DEPTH) {
      throw new Missing();
    }
    ByteBuffer content = read(channel, page * pageBytes, pageBytes);
    int flags = content.getShort(10);
    int nodes = (Short.toUnsignedInt(content.getShort(12)) - PAGE_HEADER_BYTES) / Short.BYTES;
    for (int i = 0; i < nodes; i++) {
      int at = Short.toUnsignedInt(content.getShort(PAGE_HEADER_BYTES + Short.BYTES * i));
      if ((flags & BRANCH) != 0) {
        walk(childOf(content, at), depth + 1);
      } else if ((flags & LEAF) != 0) {
        leaf(content, at, depth);
      }
    }
  }

  private static long childOf(ByteBuffer content, int node) {
    return Integer.toUnsignedLong(low(content, node))
        | Short.toUnsignedLong(content.getShort(node + 4)) << 32;
  }

  /** The two halves of a size or page number, in the order that LMDB stores them. */
  private static int low(ByteBuffer content, int node) {
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    int low = Short.toUnsignedInt(content.getShort(little ? node : node + 2));
    int high = Short.toUnsignedInt(content.getShort(little ? node + 2 : node));
    return low | high << 16;
  }

  private void leaf(ByteBuffer content, int node, int depth) throws IOException, Missing {
    int flags = content.getShort(node + 4);
    int data = node + NODE_HEADER_BYTES + Short.toUnsignedInt(content.getShort(node + 6));
    if ((flags & BIG_DATA) != 0) {
      long overflow = content.getLong(data);
      long bytes = PAGE_HEADER_BYTES + Integer.toUnsignedLong(low(content, node));
      require(overflow, (bytes + pageBytes - 1) / pageBytes);
    } else if ((flags & SUB_DATABASE) != 0) {
      walk(content.getLong(data + DB_ROOT), depth + 1);
    }
  }

  private void require(long page, long count) throws Missing {
    if (page < 0 || page + count > pages) {
      throw new Missing();
    }
  }
}
