package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** RFC 6962 §2.1: the tree, its frontier, and roots of prefixes. */
class Rfc6962TreeTest {
  private static final int LARGEST = 300;
  private static final List<Hash> LEAVES = ReferenceTree.leaves(LARGEST, "tree");
  private static final ReferenceTree REFERENCE = new ReferenceTree(LEAVES);

  @Test
  void knownAnswersOfTheCertificateTransparencyTree() {
    // The eight leaves and their roots of the reference implementation's test tree.
    String[] leaves = {
      "",
      "00",
      "10",
      "2021",
      "3031",
      "40414243",
      "5051525354555657",
      "606162636465666768696a6b6c6d6e6f"
    };
    String[] roots = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    };
    assertEquals(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        Frontier.EMPTY.root().toHex());
    Frontier frontier = Frontier.EMPTY;
    for (int i = 0; i < leaves.length; i++) {
      frontier = frontier.append(Rfc6962.leaf(Bytes.fromHex(leaves[i]))).frontier();
      assertEquals(new TreeHead(i + 1, Hash.fromHex(roots[i])), frontier.head());
    }
  }

  @Test
  void everyPrefixHasTheRootOfTheRfc() {
    MemoryTree tree = MemoryTree.of(LEAVES);
    Frontier frontier = Frontier.EMPTY;
    for (int size = 0; size <= LARGEST; size++) {
      Hash expected = REFERENCE.mth(0, size);
      assertEquals(expected, MerkleProofs.rootAt(tree, size));
      assertEquals(expected, frontier.root());
      assertEquals(frontier, Frontier.read(tree, size));
      assertEquals(Optional.of(frontier), Frontier.of(size, frontier.hashes()));
      if (size < LARGEST) {
        frontier = frontier.append(LEAVES.get(size)).frontier();
      }
    }
  }

  @Test
  void batchesOfAnySizeYieldTheSameTreeAndTheSameNodes() {
    List<TreeNode> oneByOne = new ArrayList<>();
    Frontier expected = Frontier.EMPTY;
    for (Hash leaf : LEAVES) {
      Frontier.Grown grown = expected.append(leaf);
      expected = grown.frontier();
      oneByOne.addAll(grown.completed());
    }
    for (int batch : new int[] {2, 3, 7, 32, 33, 128, LARGEST}) {
      List<TreeNode> nodes = new ArrayList<>();
      Frontier frontier = Frontier.EMPTY;
      for (int from = 0; from < LARGEST; from += batch) {
        Frontier.Grown grown =
            frontier.append(LEAVES.subList(from, Math.min(LARGEST, from + batch)));
        frontier = grown.frontier();
        nodes.addAll(grown.completed());
      }
      assertEquals(expected, frontier);
      assertEquals(oneByOne, nodes);
    }
    for (TreeNode node : oneByOne) {
      int from = (int) (node.index() << node.level());
      assertEquals(REFERENCE.mth(from, from + (1 << node.level())), node.hash());
    }
  }

  @Test
  void frontiersAreEqualIfTheyCommitToTheSameLeaves() {
    Frontier six = Frontier.read(MemoryTree.of(LEAVES), 6);
    assertEquals(six, MemoryTree.of(LEAVES.subList(0, 6)).frontier());
    assertEquals(six.hashCode(), MemoryTree.of(LEAVES.subList(0, 6)).frontier().hashCode());
    assertNotEquals(six, MemoryTree.of(LEAVES.subList(1, 7)).frontier());
    assertNotEquals(six, Frontier.read(MemoryTree.of(LEAVES), 5));
    assertNotEquals(Frontier.of(5, six.hashes()), Optional.of(six));
  }

  @Test
  void aTreeTakesWhatWasComputedElsewhereInItsOrderOnly() {
    MemoryTree tree = MemoryTree.of(LEAVES.subList(0, 6));
    Frontier.Grown grown = tree.frontier().append(LEAVES.subList(6, 9));
    List<TreeNode> later = grown.completed().subList(1, grown.completed().size());
    assertThrows(IllegalArgumentException.class, () -> tree.store(later));
    assertEquals(6, tree.size());

    tree.store(grown.completed());

    assertEquals(MemoryTree.of(LEAVES.subList(0, 9)).head(), tree.head());
  }

  @Test
  void emptyBatchChangesNothing() {
    Frontier.Grown grown = Frontier.read(MemoryTree.of(LEAVES), 77).append(List.of());
    assertEquals(77, grown.frontier().size());
    assertTrue(grown.completed().isEmpty());
  }

  @Test
  void refusesFrontiersOfTheWrongShape() {
    Hash hash = LEAVES.get(0);
    assertFalse(Frontier.of(-1, Collections.nCopies(64, hash)).isPresent());
    assertFalse(Frontier.of(6, List.of(hash)).isPresent());
    assertFalse(Frontier.of(6, List.of(hash, hash, hash)).isPresent());
    assertTrue(Frontier.of(Long.MAX_VALUE, Collections.nCopies(63, hash)).isPresent());
  }

  @Test
  void refusesToGrowBeyondTheLargestSize() {
    Frontier full =
        Frontier.of(Long.MAX_VALUE, Collections.nCopies(63, LEAVES.get(0))).orElseThrow();
    assertThrows(IllegalArgumentException.class, () -> full.append(LEAVES.get(0)));
  }

  @Test
  void memoryTreeAnswersForCompleteSubtreesOnly() {
    MemoryTree tree = MemoryTree.of(LEAVES.subList(0, 6));
    assertEquals(REFERENCE.mth(4, 6), tree.node(1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> tree.node(2, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> tree.node(0, 6));
    assertThrows(IndexOutOfBoundsException.class, () -> tree.node(3, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> tree.node(-1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> tree.node(0, -1));
  }

  @Test
  void refusesImpossibleHeadsAndNodes() {
    assertThrows(IllegalArgumentException.class, () -> new TreeHead(-1, LEAVES.get(0)));
    assertThrows(IllegalArgumentException.class, () -> new TreeNode(63, 0, LEAVES.get(0)));
    assertThrows(IllegalArgumentException.class, () -> new TreeNode(0, -1, LEAVES.get(0)));
    MemoryTree tree = MemoryTree.of(LEAVES);
    assertThrows(IllegalArgumentException.class, () -> MerkleProofs.rootAt(tree, -1));
    assertThrows(IllegalArgumentException.class, () -> Frontier.read(tree, -1));
  }
}
