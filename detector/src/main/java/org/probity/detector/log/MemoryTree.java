package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.crypto.Hash;

/**
 * A whole tree on the heap, for a verifier that rebuilds a log, for simulation and for tests. About
 * {@code 2 n} hashes of memory, up to {@link #MAX_LEAVES}. Grows only; single owner.
 */
public final class MemoryTree implements HashReader {
  public static final int MAX_LEAVES = 1 << 30;

  private final List<List<Hash>> levels = new ArrayList<>();

  public static MemoryTree of(List<Hash> leafHashes) {
    MemoryTree tree = new MemoryTree();
    tree.append(leafHashes);
    return tree;
  }

  public void append(Hash leafHash) {
    append(List.of(leafHash));
  }

  public void append(List<Hash> leafHashes) {
    if (leafHashes.size() > MAX_LEAVES - size()) {
      throw new IllegalArgumentException("more than " + MAX_LEAVES + " leaves");
    }
    store(frontier().append(leafHashes).completed());
  }

  /**
   * Takes subtrees that are complete now, as {@link Frontier#append} lists them: nothing is hashed.
   *
   * @throws IllegalArgumentException if one is not the next of its level
   */
  public void store(List<TreeNode> completed) {
    for (TreeNode node : completed) {
      if (node.level() == levels.size()) {
        levels.add(new ArrayList<>());
      }
      List<Hash> level = levels.get(node.level());
      if (node.index() != level.size()) {
        throw new IllegalArgumentException(
            "at level " + node.level() + " " + level.size() + " comes next, not " + node.index());
      }
      level.add(node.hash());
    }
  }

  public long size() {
    return levels.isEmpty() ? 0 : levels.get(0).size();
  }

  /** Costs as many reads as it has hashes. */
  public Frontier frontier() {
    return Frontier.read(this, size());
  }

  public TreeHead head() {
    return frontier().head();
  }

  @Override
  public Hash node(int level, long index) {
    if (level < 0 || level >= levels.size() || index < 0 || index >= levels.get(level).size()) {
      throw new IndexOutOfBoundsException(
          "no complete subtree at level " + level + ", index " + index + " of " + size());
    }
    return levels.get(level).get((int) index);
  }
}
