package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.probity.detector.crypto.Hash;

/**
 * One proof for many leaves: the hashes of the maximal ranges without a proven leaf, left to right.
 *
 * <p>The tree is split as RFC 6962 does. A range without any of the leaves contributes its one
 * hash, a range that is one of the leaves contributes nothing, any other range contributes its left
 * part, then its right part. So there is exactly one proof for given leaves and size, it is
 * minimal, and a verifier knows its length while reading. In a log of 7, leaves 2 and 3 need {@code
 * [node(1,0), hash of leaves 4..6]}.
 *
 * <p>{@code k} leaves of {@code n} cost at most {@code k log2(n / k)} hashes plus lower terms; a
 * contiguous range, the common case, at most {@code 2 log2 n} whatever its length.
 */
public final class Multiproof {
  /** More leaves than any envelope, evidence file or audit range holds. */
  public static final int MAX_LEAVES = 65_536;

  private Multiproof() {}

  /**
   * The proof for strictly ascending {@code indices} in the first {@code size} leaves.
   *
   * @throws IllegalArgumentException if the indices are none, too many, unsorted or out of range
   */
  public static List<Hash> build(HashReader reader, long size, List<Long> indices) {
    if (!admissible(size, indices)) {
      throw new IllegalArgumentException("no multiproof for " + indices + " in " + size);
    }
    List<Hash> hashes = new ArrayList<>();
    collect(reader, 0, size, indices, hashes);
    return List.copyOf(hashes);
  }

  /** The proof for the leaves {@code [fromIndex, toIndex)}. */
  public static List<Hash> buildRange(HashReader reader, long size, long fromIndex, long toIndex) {
    if (fromIndex < 0 || toIndex <= fromIndex || toIndex > size) {
      throw new IllegalArgumentException(
          "no range [" + fromIndex + ", " + toIndex + ") in " + size);
    }
    List<Hash> hashes = new ArrayList<>();
    collectRange(reader, 0, size, fromIndex, toIndex, hashes);
    return List.copyOf(hashes);
  }

  /** Do these leaves, strictly ascending by index, stand under this head? */
  public static boolean verify(TreeHead head, List<IndexedLeaf> leaves, List<Hash> proof) {
    return root(head.size(), leaves, proof).filter(head.root()::equals).isPresent();
  }

  /**
   * The root of {@code size} leaves that the given ones and the proof yield; nothing if there are
   * no leaves, if they are unsorted, repeated or out of range, or if the proof has a hash too few
   * or too many. Total; at most one interior hash per leaf and proof hash, and a call depth of 63.
   */
  public static Optional<Hash> root(long size, List<IndexedLeaf> leaves, List<Hash> proof) {
    if (!admissible(size, leaves.stream().map(IndexedLeaf::index).toList())) {
      return Optional.empty();
    }
    Reader reader = new Reader(proof);
    Hash root = reader.range(0, size, leaves);
    return reader.isExactlyUsed() ? Optional.ofNullable(root) : Optional.empty();
  }

  /**
   * The root of the leaves before {@code index}, out of the proof for that one among {@code size}:
   * what stands left of its path are the subtrees that make it up. Nothing for an index of 0 or
   * beyond the tree, or if the proof has a hash too few or too many. The caller has verified the
   * proof against the root of all.
   */
  public static Optional<Hash> rootBefore(long size, long index, List<Hash> proof) {
    if (index <= 0 || index >= size) {
      return Optional.empty();
    }
    Reader reader = new Reader(proof);
    List<Hash> lefts = new ArrayList<>();
    long from = 0;
    long to = size;
    int rights = 0;
    while (to - from > 1) {
      long middle = from + TreeShape.leftWidth(to - from);
      if (index < middle) {
        rights++;
        to = middle;
      } else {
        Hash left = reader.range(from, middle, List.of());
        if (left == null) {
          return Optional.empty();
        }
        lefts.add(left);
        from = middle;
      }
    }
    if (reader.used + rights != proof.size()) {
      return Optional.empty();
    }
    Hash root = lefts.get(lefts.size() - 1);
    for (int i = lefts.size() - 2; i >= 0; i--) {
      root = Rfc6962.interior(lefts.get(i), root);
    }
    return Optional.of(root);
  }

  /**
   * The proof for the same leaves but the first {@code dropped}, out of a proof for all of them.
   *
   * @throws IllegalArgumentException if this is no proof for these leaves, or none is left
   */
  public static List<Hash> without(
      long size, List<IndexedLeaf> leaves, List<Hash> proof, int dropped) {
    if (dropped < 0
        || dropped >= leaves.size()
        || !admissible(size, leaves.stream().map(IndexedLeaf::index).toList())) {
      throw new IllegalArgumentException("cannot drop " + dropped + " of " + leaves.size());
    }
    Narrowing narrowing = new Narrowing(new Reader(proof), leaves.get(dropped).index());
    if (narrowing.range(0, size, leaves) == null || !narrowing.reader.isExactlyUsed()) {
      throw new IllegalArgumentException("no multiproof of these leaves");
    }
    return List.copyOf(narrowing.kept);
  }

  private static boolean admissible(long size, List<Long> indices) {
    if (indices.isEmpty() || indices.size() > MAX_LEAVES) {
      return false;
    }
    long previous = -1;
    for (long index : indices) {
      if (index <= previous || index >= size) {
        return false;
      }
      previous = index;
    }
    return true;
  }

  private static void collect(
      HashReader reader, long from, long to, List<Long> indices, List<Hash> out) {
    if (indices.isEmpty()) {
      out.add(TreeShape.range(reader, from, to));
    } else if (indices.size() < to - from) {
      long middle = from + TreeShape.leftWidth(to - from);
      int cut = cut(indices, Long::longValue, middle);
      collect(reader, from, middle, indices.subList(0, cut), out);
      collect(reader, middle, to, indices.subList(cut, indices.size()), out);
    }
  }

  private static void collectRange(
      HashReader reader, long from, long to, long fromIndex, long toIndex, List<Hash> out) {
    if (toIndex <= from || to <= fromIndex) {
      out.add(TreeShape.range(reader, from, to));
    } else if (from < fromIndex || toIndex < to) {
      long middle = from + TreeShape.leftWidth(to - from);
      collectRange(reader, from, middle, fromIndex, toIndex, out);
      collectRange(reader, middle, to, fromIndex, toIndex, out);
    }
  }

  /** Position of the first element whose index is at least {@code bound}: where a split cuts. */
  private static <T> int cut(List<T> sorted, ToLongFunction<T> index, long bound) {
    int low = 0;
    int high = sorted.size();
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (index.applyAsLong(sorted.get(mid)) < bound) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low;
  }

  /** Reads a proof and writes the one for the leaves from {@code firstKept} on. */
  private static final class Narrowing {
    private final Reader reader;
    private final long firstKept;
    private final List<Hash> kept = new ArrayList<>();

    Narrowing(Reader reader, long firstKept) {
      this.reader = reader;
      this.firstKept = firstKept;
    }

    @Nullable Hash range(long from, long to, List<IndexedLeaf> leaves) {
      boolean isKept = !leaves.isEmpty() && leaves.get(leaves.size() - 1).index() >= firstKept;
      if (!isKept) {
        // One hash now, whatever the proof had for it.
        Hash hash = reader.range(from, to, leaves);
        if (hash != null) {
          kept.add(hash);
        }
        return hash;
      }
      if (to - from == 1) {
        return leaves.get(0).leafHash();
      }
      long middle = from + TreeShape.leftWidth(to - from);
      int cut = cut(leaves, IndexedLeaf::index, middle);
      Hash left = range(from, middle, leaves.subList(0, cut));
      if (left == null) {
        return null;
      }
      Hash right = range(middle, to, leaves.subList(cut, leaves.size()));
      return right == null ? null : Rfc6962.interior(left, right);
    }
  }

  /** Consumes a proof in the order in which {@link #collect} wrote it. */
  private static final class Reader {
    private final List<Hash> proof;
    private int used;

    Reader(List<Hash> proof) {
      this.proof = proof;
    }

    boolean isExactlyUsed() {
      return used == proof.size();
    }

    /** Null as soon as the proof runs out, so that work is bounded by the bytes supplied. */
    @Nullable Hash range(long from, long to, List<IndexedLeaf> leaves) {
      if (leaves.isEmpty()) {
        return used < proof.size() ? proof.get(used++) : null;
      }
      if (to - from == 1) {
        return leaves.get(0).leafHash();
      }
      long middle = from + TreeShape.leftWidth(to - from);
      int cut = cut(leaves, IndexedLeaf::index, middle);
      Hash left = range(from, middle, leaves.subList(0, cut));
      if (left == null) {
        return null;
      }
      Hash right = range(middle, to, leaves.subList(cut, leaves.size()));
      return right == null ? null : Rfc6962.interior(left, right);
    }
  }
}
