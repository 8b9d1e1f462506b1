package org.probity.detector.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.crypto.Hash;

/**
 * Neighbouring entries proven under a head, and what their proof says besides: the tree to the left
 * of them, hash for hash, and how that tree is linked to the whole.
 *
 * <p>So whoever holds the entries before them sees at once whether these continue its own. In a log
 * of 8, entries 6 and 7 are proven by {@code [node(2,0), node(1,2)]}, which is the {@link Frontier}
 * of the first 6. Immutable.
 */
public final class ProvenRange {
  private final long size;
  private final Frontier before;
  private final List<IndexedLeaf> leaves;
  private final Map<Span, Hash> siblings = new HashMap<>();

  private record Span(long from, long to) {}

  private ProvenRange(long size, Frontier before, List<IndexedLeaf> leaves) {
    this.size = size;
    this.before = before;
    this.leaves = leaves;
  }

  /**
   * Judges a proof; nothing if these are not the leaves at {@code from} and after under this head.
   * Cost: that of {@link Multiproof#verify}.
   *
   * @param proof as {@link Multiproof#buildRange} makes it
   */
  public static Optional<ProvenRange> of(
      TreeHead head, long from, List<Hash> leafHashes, List<Hash> proof) {
    List<IndexedLeaf> leaves = new ArrayList<>(leafHashes.size());
    for (Hash hash : leafHashes) {
      leaves.add(new IndexedLeaf(from + leaves.size(), hash));
    }
    int left = Long.bitCount(from);
    if (from < 0 || left > proof.size() || !Multiproof.verify(head, leaves, proof)) {
      return Optional.empty();
    }
    // Left to right: first come the complete subtrees that the digits of the index name.
    return Frontier.of(from, proof.subList(0, left))
        .map(
            before -> {
              ProvenRange range = new ProvenRange(head.size(), before, List.copyOf(leaves));
              int used = range.collect(0, head.size(), proof, 0);
              if (used != proof.size()) {
                throw new IllegalStateException("a valid proof has " + used + " hashes");
              }
              return range;
            });
  }

  private int collect(long from, long to, List<Hash> proof, int used) {
    long first = before.size();
    long end = first + leaves.size();
    if (to <= first || end <= from) {
      siblings.put(new Span(from, to), proof.get(used));
      return used + 1;
    }
    if (first <= from && to <= end) {
      return used;
    }
    long middle = from + TreeShape.leftWidth(to - from);
    return collect(middle, to, proof, collect(from, middle, proof, used));
  }

  /**
   * The same without the first {@code dropped} of the entries, which are before the others then.
   *
   * @throws IllegalArgumentException if none is left
   */
  public ProvenRange without(int dropped) {
    if (dropped < 0 || dropped >= leaves.size()) {
      throw new IllegalArgumentException("cannot drop " + dropped + " of " + leaves.size());
    }
    List<Hash> first = leaves.subList(0, dropped).stream().map(IndexedLeaf::leafHash).toList();
    ProvenRange rest =
        new ProvenRange(
            size, before.append(first).frontier(), leaves.subList(dropped, leaves.size()));
    rest.fill(this, 0, size);
    return rest;
  }

  private void fill(ProvenRange wider, long from, long to) {
    long first = before.size();
    long end = first + leaves.size();
    if (to <= first || end <= from) {
      siblings.put(new Span(from, to), wider.hash(from, to));
    } else if (from < first || end < to) {
      long middle = from + TreeShape.leftWidth(to - from);
      fill(wider, from, middle);
      fill(wider, middle, to);
    }
  }

  /** Everything to the left of these entries, in the tree that they are proven to be in. */
  public Frontier before() {
    return before;
  }

  /**
   * The path of FORK evidence from the tree before these entries to the whole one, see {@link
   * ForkPath}.
   *
   * @throws IllegalStateException if nothing comes before them
   */
  public List<Hash> pathFromBefore() {
    if (before.size() == 0) {
      throw new IllegalStateException("nothing comes before the first entry");
    }
    return MerkleProofs.seededBy(this::hash, before.size(), size);
  }

  private Hash hash(long from, long to) {
    Hash known = siblings.get(new Span(from, to));
    if (known != null) {
      return known;
    }
    if (to - from == 1) {
      return leaves.get(Math.toIntExact(from - before.size())).leafHash();
    }
    long middle = from + TreeShape.leftWidth(to - from);
    return Rfc6962.interior(hash(from, middle), hash(middle, to));
  }
}
