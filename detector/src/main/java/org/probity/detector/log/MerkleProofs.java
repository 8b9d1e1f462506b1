package org.probity.detector.log;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.probity.detector.crypto.Hash;

/**
 * Inclusion and consistency proofs of RFC 6962 §2.1.1 and §2.1.2, and roots of prefixes.
 *
 * <p>Building asks a {@link HashReader} for complete subtrees only. Verifying is total: any sizes,
 * any list of hashes, never an exception; it knows the one length a proof can have before it hashes
 * anything, so a missing or an extra hash is refused at constant cost.
 *
 * <p>Costs, for a log of {@code n}: a proof has at most {@code ceil(log2 n)} hashes (inclusion) or
 * one more (consistency); building reads at most {@code 2 log2 n} nodes; verifying hashes at most
 * {@code log2 n} (inclusion) or {@code 2 log2 n} times (consistency).
 */
public final class MerkleProofs {
  /** No proof over sizes below 2^63 has more hashes. */
  public static final int MAX_HASHES = 64;

  private MerkleProofs() {}

  /** Root of the first {@code size} leaves; inverse of nothing, input to every comparison. */
  public static Hash rootAt(HashReader reader, long size) {
    if (size < 0) {
      throw new IllegalArgumentException("a log cannot have " + size + " entries");
    }
    return size == 0 ? Rfc6962.EMPTY_ROOT : TreeShape.range(reader, 0, size);
  }

  /**
   * The siblings on the way from leaf {@code index} to the root of the first {@code size} leaves,
   * lowest first.
   */
  public static List<Hash> inclusion(HashReader reader, long index, long size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("no leaf " + index + " in a log of " + size);
    }
    List<Hash> path = new ArrayList<>();
    long from = 0;
    long to = size;
    while (to - from > 1) {
      long middle = from + TreeShape.leftWidth(to - from);
      if (index < middle) {
        path.add(TreeShape.range(reader, middle, to));
        to = middle;
      } else {
        path.add(TreeShape.range(reader, from, middle));
        from = middle;
      }
    }
    Collections.reverse(path);
    return List.copyOf(path);
  }

  /** Does {@code proof} put {@code leafHash} at {@code index} under this head? */
  public static boolean verifyInclusion(
      TreeHead head, long index, Hash leafHash, List<Hash> proof) {
    return inclusionRoot(index, head.size(), leafHash, proof)
        .filter(head.root()::equals)
        .isPresent();
  }

  /**
   * The root of {@code size} leaves that has {@code leafHash} at {@code index} according to {@code
   * proof}; nothing if these numbers do not admit a proof of this length.
   */
  public static Optional<Hash> inclusionRoot(
      long index, long size, Hash leafHash, List<Hash> proof) {
    if (index < 0 || index >= size) {
      return Optional.empty();
    }
    int fork = forkLevels(index, size);
    if (proof.size() != fork + Long.bitCount(index >>> fork)) {
      return Optional.empty();
    }
    return Optional.of(leftBorder(climb(leafHash, proof.subList(0, fork), index), proof, fork));
  }

  /**
   * The nodes that link the first {@code oldSize} leaves with the first {@code newSize}: RFC 6962's
   * PROOF. Empty when the sizes are equal.
   */
  public static List<Hash> consistency(HashReader reader, long oldSize, long newSize) {
    List<Hash> path = seeded(reader, oldSize, newSize);
    // The verifier holds the seed itself when it is the whole old tree.
    return Long.bitCount(oldSize) == 1 && !path.isEmpty() ? path.subList(1, path.size()) : path;
  }

  /**
   * Is the log at {@code newer} an extension of the log at {@code older}? Refuses an empty older
   * log, of which every log is an extension: that question needs no proof.
   */
  public static boolean verifyConsistency(TreeHead older, TreeHead newer, List<Hash> proof) {
    if (older.size() <= 0 || older.size() > newer.size()) {
      return false;
    }
    if (older.size() == newer.size()) {
      return proof.isEmpty() && older.root().equals(newer.root());
    }
    List<Hash> path = proof;
    if (Long.bitCount(older.size()) == 1) {
      path = new ArrayList<>(proof.size() + 1);
      path.add(older.root());
      path.addAll(proof);
    }
    return linkedRoots(older.size(), newer.size(), path)
        .filter(roots -> roots.older().equals(older.root()) && roots.newer().equals(newer.root()))
        .isPresent();
  }

  /** The two roots that one path of nodes yields. */
  record LinkedRoots(Hash older, Hash newer) {}

  /**
   * A consistency path that always begins with its seed: the widest complete subtree that ends
   * exactly at {@code oldSize}, then its siblings upwards to the root of {@code newSize} leaves.
   */
  static List<Hash> seeded(HashReader reader, long oldSize, long newSize) {
    return seededBy((from, to) -> TreeShape.range(reader, from, to), oldSize, newSize);
  }

  /** Hashes of the ranges of leaves that RFC 6962 splitting reaches. */
  interface Ranges {
    Hash hash(long from, long to);
  }

  static List<Hash> seededBy(Ranges ranges, long oldSize, long newSize) {
    if (oldSize <= 0 || oldSize > newSize) {
      throw new IllegalArgumentException("nothing links sizes " + oldSize + " and " + newSize);
    }
    List<Hash> path = new ArrayList<>();
    if (oldSize == newSize) {
      return path;
    }
    long from = 0;
    long to = newSize;
    // Down to the range that ends where the old log ends; the old log never is cut by it.
    while (to != oldSize) {
      long middle = from + TreeShape.leftWidth(to - from);
      if (oldSize <= middle) {
        path.add(ranges.hash(middle, to));
        to = middle;
      } else {
        path.add(ranges.hash(from, middle));
        from = middle;
      }
    }
    path.add(ranges.hash(from, to));
    Collections.reverse(path);
    return List.copyOf(path);
  }

  /**
   * The roots of the first {@code oldSize} and of all {@code newSize} leaves that a seeded path
   * yields; nothing unless {@code 0 < oldSize < newSize} and the path has the one right length.
   */
  static Optional<LinkedRoots> linkedRoots(long oldSize, long newSize, List<Hash> path) {
    if (oldSize <= 0 || oldSize >= newSize) {
      return Optional.empty();
    }
    // The seed stands for leaf oldSize - 1 and everything beside it in a complete subtree.
    int seedLevel = Long.numberOfTrailingZeros(oldSize);
    long seedIndex = (oldSize - 1) >>> seedLevel;
    int fork = forkLevels(oldSize - 1, newSize) - seedLevel;
    int border = Long.bitCount((oldSize - 1) >>> (seedLevel + fork));
    if (path.size() != 1 + fork + border) {
      return Optional.empty();
    }
    Hash seed = path.get(0);
    List<Hash> siblings = path.subList(1, path.size());
    List<Hash> inner = siblings.subList(0, fork);
    return Optional.of(
        new LinkedRoots(
            leftBorder(climbLeftOnly(seed, inner, seedIndex), siblings, fork),
            leftBorder(climb(seed, inner, seedIndex), siblings, fork)));
  }

  /**
   * Levels below the point where the path of leaf {@code index} joins the path of the last leaf:
   * there siblings are left or right by the bits of the index, above it always left.
   */
  private static int forkLevels(long index, long size) {
    return Long.SIZE - Long.numberOfLeadingZeros(index ^ (size - 1));
  }

  private static Hash climb(Hash start, List<Hash> siblings, long index) {
    Hash hash = start;
    for (int i = 0; i < siblings.size(); i++) {
      boolean isRightChild = (index >>> i & 1) == 1;
      hash =
          isRightChild
              ? Rfc6962.interior(siblings.get(i), hash)
              : Rfc6962.interior(hash, siblings.get(i));
    }
    return hash;
  }

  /** As {@link #climb}, without what lies to the right of the start: the older tree. */
  private static Hash climbLeftOnly(Hash start, List<Hash> siblings, long index) {
    Hash hash = start;
    for (int i = 0; i < siblings.size(); i++) {
      if ((index >>> i & 1) == 1) {
        hash = Rfc6962.interior(siblings.get(i), hash);
      }
    }
    return hash;
  }

  private static Hash leftBorder(Hash start, List<Hash> siblings, int firstOfBorder) {
    Hash hash = start;
    for (int i = firstOfBorder; i < siblings.size(); i++) {
      hash = Rfc6962.interior(siblings.get(i), hash);
    }
    return hash;
  }
}
