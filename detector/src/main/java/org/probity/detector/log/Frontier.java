package org.probity.detector.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.probity.detector.crypto.Hash;

/**
 * The right edge of a tree, which is all that appending needs: the size and the hashes of the
 * complete subtrees its binary digits name, widest (leftmost) first. A compact range, at most 63
 * hashes for any log. Immutable.
 *
 * <p>A tree of 6 leaves has the frontier {@code [node(2,0), node(1,2)]}; appending a seventh adds
 * {@code node(0,6)}, an eighth folds all three into {@code node(3,0)}.
 */
public final class Frontier {
  public static final Frontier EMPTY = new Frontier(0, List.of());

  private final long size;
  private final List<Hash> hashes;

  private Frontier(long size, List<Hash> hashes) {
    this.size = size;
    this.hashes = hashes;
  }

  /** What {@link #append} returns: the longer frontier and the subtrees that became complete. */
  public record Grown(Frontier frontier, List<TreeNode> completed) {}

  /**
   * A frontier from stored parts, or nothing if there is not exactly one hash per one-bit of the
   * size. It says nothing about the hashes: compare {@link #root} with a root that is trusted.
   */
  public static Optional<Frontier> of(long size, List<Hash> hashes) {
    if (size < 0 || hashes.size() != Long.bitCount(size)) {
      return Optional.empty();
    }
    return Optional.of(new Frontier(size, List.copyOf(hashes)));
  }

  /** The frontier of the first {@code size} leaves. Costs {@code bitCount(size)} reads. */
  public static Frontier read(HashReader reader, long size) {
    if (size < 0) {
      throw new IllegalArgumentException("a log cannot have " + size + " entries");
    }
    List<Hash> hashes = new ArrayList<>();
    long start = 0;
    for (long rest = size; rest > 0; rest = size - start) {
      long width = Long.highestOneBit(rest);
      int level = Long.numberOfTrailingZeros(width);
      hashes.add(reader.node(level, start >>> level));
      start += width;
    }
    return new Frontier(size, List.copyOf(hashes));
  }

  public long size() {
    return size;
  }

  /** Hashes of the complete subtrees, widest first; unmodifiable. */
  public List<Hash> hashes() {
    return hashes;
  }

  /** RFC 6962 root over all leaves. At most 62 hashes. */
  public Hash root() {
    if (size == 0) {
      return Rfc6962.EMPTY_ROOT;
    }
    int last = hashes.size() - 1;
    Hash root = hashes.get(last);
    for (int i = last - 1; i >= 0; i--) {
      root = Rfc6962.interior(hashes.get(i), root);
    }
    return root;
  }

  public TreeHead head() {
    return new TreeHead(size, root());
  }

  /** One leaf more. Less than one interior hash on average; for many leaves use the other. */
  public Grown append(Hash leafHash) {
    return append(List.of(leafHash));
  }

  /**
   * Many leaves at once, in log order, with a single copy of the frontier. {@code k} leaves cost
   * fewer than {@code k + 63} interior hashes and complete exactly as many nodes as hashes plus
   * leaves, listed in the order in which they became complete.
   */
  public Grown append(Collection<Hash> leafHashes) {
    if (leafHashes.size() > Long.MAX_VALUE - size) {
      throw new IllegalArgumentException("a log cannot grow beyond " + Long.MAX_VALUE);
    }
    List<Hash> edge = new ArrayList<>(hashes);
    List<TreeNode> completed = new ArrayList<>(2 * leafHashes.size());
    long index = size;
    for (Hash leafHash : leafHashes) {
      Hash hash = leafHash;
      completed.add(new TreeNode(0, index, hash));
      // Every trailing one-bit of the index is a waiting left sibling.
      int level = 0;
      for (long above = index; (above & 1) == 1; above >>>= 1) {
        hash = Rfc6962.interior(edge.remove(edge.size() - 1), hash);
        level++;
        completed.add(new TreeNode(level, above >>> 1, hash));
      }
      edge.add(hash);
      index++;
    }
    return new Grown(new Frontier(index, List.copyOf(edge)), List.copyOf(completed));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Frontier that && size == that.size && hashes.equals(that.hashes);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(size) * 31 + hashes.hashCode();
  }

  @Override
  public String toString() {
    return "Frontier" + head();
  }
}
