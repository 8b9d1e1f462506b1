package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.TreeNode;

class StoredHashesTest {
  @Test
  void positionsAreTheOrderOfCompletion() {
    Frontier frontier = Frontier.EMPTY;
    long position = 0;
    for (int size = 1; size <= 1100; size++) {
      Frontier.Grown grown = frontier.append(StoreFixtures.hash("leaf" + size));
      frontier = grown.frontier();
      for (TreeNode node : grown.completed()) {
        assertEquals(position++, StoredHashes.position(node.level(), node.index()));
      }
      assertEquals(position, StoredHashes.count(size));
      assertEquals(size, StoredHashes.sizeOf(position));
    }
  }

  @Test
  void aCountNoLogHasIsRefused() {
    assertEquals(0, StoredHashes.sizeOf(0));
    assertEquals(1, StoredHashes.sizeOf(1));
    assertEquals(-1, StoredHashes.sizeOf(2));
    assertEquals(2, StoredHashes.sizeOf(3));
    assertEquals(-1, StoredHashes.sizeOf(5));
    assertEquals(1L << 40, StoredHashes.sizeOf((1L << 41) - 1));
    assertEquals(-1, StoredHashes.sizeOf((1L << 41) - 2));
  }
}
