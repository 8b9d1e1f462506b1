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
  private Frontier frontier = Frontier.EMPTY;

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
    Frontier.Grown grown = frontier.append(leafHashes);
    for (TreeNode node : grown.completed()) {
      if (node.level() == levels.size()) {
        levels.add(new ArrayList<>());
      }
      levels.get(node.level()).add(node.hash());
    }
    frontier = grown.frontier();
  }

  public long size() {
    return frontier.size();
  }

  public Frontier frontier() {
    return frontier;
  }

  public TreeHead head() {
    return frontier.head();
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
