package org.probity.detector.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * A log as static files (C2SP tlog-tiles): what is in them and which there are.
 *
 * <p>Tile {@code (l, n)} holds the roots of 256 complete subtrees of {@code 256^l} leaves each,
 * {@code Tile(l,n)[i] = MTH(D[(256n+i) 256^l : (256n+i+1) 256^l])}, 32 bytes a hash. A full tile
 * never changes. An entry bundle holds 256 entries, each as two length bytes, big-endian, and its
 * bytes. A log of 70,000 entries has 273 full tiles and one of width 112 at level 0, one full and
 * one of width 17 at level 1, and one of width 1 at level 2.
 */
public final class Tiles {
  /** Levels of the tree in one tile. */
  static final int HEIGHT = 8;

  private Tiles() {}

  /** How many hashes a log has at a tile level; for {@link TilePath#ENTRIES}, how many entries. */
  public static long hashesAt(int level, long size) {
    int shift = HEIGHT * Math.max(level, 0);
    return shift >= Long.SIZE ? 0 : size >>> shift;
  }

  /** How many full tiles a log has at a level. */
  public static long fullTiles(int level, long size) {
    return hashesAt(level, size) / TilePath.FULL_WIDTH;
  }

  /** Width of the partial tile at the right edge of a level, 0 if there is none. */
  public static int partialWidth(int level, long size) {
    return (int) (hashesAt(level, size) % TilePath.FULL_WIDTH);
  }

  /**
   * Whether a log can serve a tile: it has as many hashes. Partial tiles of every width up to there
   * can be asked for, since each belonged to some checkpoint.
   */
  public static boolean exists(TilePath path, long size) {
    long hashes = hashesAt(path.level(), size);
    long before = path.index() * TilePath.FULL_WIDTH;
    boolean overflows = path.index() > Long.MAX_VALUE / TilePath.FULL_WIDTH;
    return !overflows && before <= hashes && hashes - before >= path.width();
  }

  /** The partial tiles of a log, lowest level first: its right edge. At most 8. */
  public static List<TilePath> edge(long size) {
    List<TilePath> paths = new ArrayList<>();
    for (int level = 0; hashesAt(level, size) > 0; level++) {
      int width = partialWidth(level, size);
      if (width > 0) {
        paths.add(new TilePath(level, fullTiles(level, size), width));
      }
    }
    return paths;
  }

  /** The bytes of a hash tile that {@link #exists}. Costs {@code width} reads. */
  public static Bytes content(HashReader reader, TilePath path) {
    if (path.isEntries() || HEIGHT * path.level() > TreeShape.MAX_LEVEL) {
      throw new IllegalArgumentException("no hash tile: " + path);
    }
    ByteBuffer content = ByteBuffer.allocate(path.width() * Hash.BYTES);
    for (int i = 0; i < path.width(); i++) {
      long index = path.index() * TilePath.FULL_WIDTH + i;
      content.put(reader.node(HEIGHT * path.level(), index).unsafeArray());
    }
    return Bytes.wrap(content.array());
  }

  /** The hashes of a tile of {@code width}; code {@code bad_tile}. */
  public static List<Hash> hashes(Bytes content, int width) throws DecodeException {
    if (content.size() != width * Hash.BYTES) {
      throw new DecodeException("bad_tile", content.size() + " bytes for " + width + " hashes");
    }
    List<Hash> hashes = new ArrayList<>(width);
    for (int i = 0; i < width; i++) {
      hashes.add(Hash.of(content.unsafeArray(), i * Hash.BYTES, Hash.BYTES));
    }
    return hashes;
  }

  /** An entry bundle of at most 256 entries, each at most {@link Entry#MAX_BYTES} long. */
  public static Bytes bundle(List<Bytes> entries) {
    if (entries.isEmpty() || entries.size() > TilePath.FULL_WIDTH) {
      throw new IllegalArgumentException("a bundle of " + entries.size() + " entries");
    }
    int size = entries.stream().mapToInt(entry -> 2 + entry.size()).sum();
    ByteBuffer bundle = ByteBuffer.allocate(size);
    for (Bytes entry : entries) {
      if (entry.size() > Entry.MAX_BYTES) {
        throw new IllegalArgumentException("an entry of " + entry.size() + " bytes");
      }
      bundle.putShort((short) entry.size()).put(entry.unsafeArray());
    }
    return Bytes.wrap(bundle.array());
  }

  /**
   * The entries of a bundle of {@code width}, inverse of {@link #bundle}; code {@code bad_bundle}.
   * They are bytes that somebody sent: hash them into the tree before believing them.
   */
  public static List<Bytes> entries(Bytes bundle, int width) throws DecodeException {
    List<Bytes> entries = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(bundle.unsafeArray());
    while (entries.size() < width && in.remaining() >= 2) {
      int size = Short.toUnsignedInt(in.getShort());
      if (size > in.remaining()) {
        throw new DecodeException("bad_bundle", "an entry longer than its bundle");
      }
      byte[] entry = new byte[size];
      in.get(entry);
      entries.add(Bytes.wrap(entry));
    }
    if (entries.size() != width || in.hasRemaining()) {
      throw new DecodeException("bad_bundle", "not exactly " + width + " entries");
    }
    return entries;
  }
}
