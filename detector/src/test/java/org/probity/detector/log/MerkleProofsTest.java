package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.crypto.Hash;

/** RFC 6962 §2.1.1 and §2.1.2, exhaustively for small logs. */
class MerkleProofsTest {
  private static final int LARGEST = 300;
  private static final List<Hash> LEAVES = ReferenceTree.leaves(LARGEST, "proof");
  private static final ReferenceTree REFERENCE = new ReferenceTree(LEAVES);
  private static final MemoryTree TREE = MemoryTree.of(LEAVES);

  private static TreeHead head(int size) {
    return new TreeHead(size, REFERENCE.mth(0, size));
  }

  @Test
  void everyInclusionProofIsTheOneOfTheRfcAndVerifies() {
    for (int size = 1; size <= LARGEST; size++) {
      TreeHead head = head(size);
      for (int index = 0; index < size; index++) {
        List<Hash> proof = MerkleProofs.inclusion(TREE, index, size);
        assertEquals(REFERENCE.path(index, 0, size), proof);
        assertTrue(MerkleProofs.verifyInclusion(head, index, LEAVES.get(index), proof));
        assertFalse(
            MerkleProofs.verifyInclusion(head, index, LEAVES.get((index + 1) % LARGEST), proof));
      }
    }
  }

  @Test
  void everyConsistencyProofIsTheOneOfTheRfcAndVerifies() {
    for (int newer = 1; newer <= LARGEST; newer++) {
      for (int older = 1; older <= newer; older++) {
        List<Hash> proof = MerkleProofs.consistency(TREE, older, newer);
        assertEquals(REFERENCE.proof(older, newer), proof);
        assertTrue(MerkleProofs.verifyConsistency(head(older), head(newer), proof));
      }
    }
  }

  @Test
  void inclusionProofsServeNoOtherIndex() {
    for (int size = 1; size <= 40; size++) {
      for (int index = 0; index < size; index++) {
        List<Hash> proof = MerkleProofs.inclusion(TREE, index, size);
        for (int other = -1; other <= size + 1; other++) {
          assertEquals(
              other == index,
              MerkleProofs.verifyInclusion(head(size), other, LEAVES.get(index), proof));
        }
      }
    }
  }

  @Test
  void consistencyProofsServeNoOtherPairOfRoots() {
    Hash other = Hash.sha256(new byte[] {1});
    for (int newer = 1; newer <= 40; newer++) {
      for (int older = 1; older <= newer; older++) {
        List<Hash> proof = MerkleProofs.consistency(TREE, older, newer);
        assertFalse(MerkleProofs.verifyConsistency(new TreeHead(older, other), head(newer), proof));
        assertFalse(MerkleProofs.verifyConsistency(head(older), new TreeHead(newer, other), proof));
      }
    }
  }

  @Test
  void refusesEveryMutatedInclusionProof() {
    for (int size : new int[] {1, 2, 3, 5, 8, 13, 64, 65, 100}) {
      for (int index = 0; index < size; index += 1 + size / 9) {
        List<Hash> proof = MerkleProofs.inclusion(TREE, index, size);
        TreeHead head = head(size);
        Hash leaf = LEAVES.get(index);
        long at = index;
        Mutations.everyFlippedBit(
            proof, p -> assertFalse(MerkleProofs.verifyInclusion(head, at, leaf, p)));
        Mutations.everyOtherShape(
            proof, p -> assertFalse(MerkleProofs.verifyInclusion(head, at, leaf, p)));
      }
    }
  }

  @Test
  void refusesEveryMutatedConsistencyProof() {
    for (int newer : new int[] {1, 2, 3, 5, 8, 13, 64, 65, 100}) {
      for (int older = 1; older <= newer; older += 1 + newer / 9) {
        List<Hash> proof = MerkleProofs.consistency(TREE, older, newer);
        TreeHead from = head(older);
        TreeHead to = head(newer);
        Mutations.everyFlippedBit(
            proof, p -> assertFalse(MerkleProofs.verifyConsistency(from, to, p)));
        Mutations.everyOtherShape(
            proof, p -> assertFalse(MerkleProofs.verifyConsistency(from, to, p)));
      }
    }
  }

  @Test
  void refusesEmptyLogsAndSizesOutOfOrder() {
    TreeHead empty = TreeHead.EMPTY;
    assertFalse(MerkleProofs.verifyConsistency(empty, empty, List.of()));
    assertFalse(MerkleProofs.verifyConsistency(empty, head(3), List.of()));
    assertFalse(MerkleProofs.verifyConsistency(head(4), head(3), List.of()));
    assertFalse(MerkleProofs.verifyInclusion(empty, 0, LEAVES.get(0), List.of()));
    assertFalse(MerkleProofs.verifyInclusion(head(3), -1, LEAVES.get(0), List.of()));
    assertFalse(MerkleProofs.verifyInclusion(head(3), Long.MIN_VALUE, LEAVES.get(0), List.of()));
  }

  @Test
  void staysTotalAtTheLargestSizes() {
    Hash hash = LEAVES.get(0);
    long max = Long.MAX_VALUE;
    for (int length = 0; length <= 70; length++) {
      List<Hash> path = Collections.nCopies(length, hash);
      assertEquals(length == 63, MerkleProofs.inclusionRoot(0, max, hash, path).isPresent());
      assertEquals(length == 62, MerkleProofs.inclusionRoot(max - 1, max, hash, path).isPresent());
      assertEquals(length == 64, MerkleProofs.linkedRoots(1, max, path).isPresent());
      assertEquals(length == 63, MerkleProofs.linkedRoots(max - 1, max, path).isPresent());
      assertEquals(length == 2, MerkleProofs.linkedRoots(1L << 62, max, path).isPresent());
    }
  }

  @Test
  void yieldsNoRootForPositionsThatDoNotExist() {
    for (int length = 0; length <= 8; length++) {
      List<Hash> path = Collections.nCopies(length, LEAVES.get(0));
      for (long size = 0; size <= 33; size++) {
        assertTrue(MerkleProofs.inclusionRoot(size, size, LEAVES.get(0), path).isEmpty());
        assertTrue(MerkleProofs.linkedRoots(size, size, path).isEmpty());
        assertTrue(MerkleProofs.linkedRoots(0, size, path).isEmpty());
        assertTrue(MerkleProofs.linkedRoots(size + 1, size, path).isEmpty());
      }
    }
  }

  @Test
  void refusesToBuildWhatDoesNotExist() {
    assertThrows(IllegalArgumentException.class, () -> MerkleProofs.inclusion(TREE, 3, 3));
    assertThrows(IllegalArgumentException.class, () -> MerkleProofs.inclusion(TREE, -1, 3));
    assertThrows(IllegalArgumentException.class, () -> MerkleProofs.consistency(TREE, 0, 3));
    assertThrows(IllegalArgumentException.class, () -> MerkleProofs.consistency(TREE, 4, 3));
  }

  @Test
  void buildingReadsAtMostTwiceTheHeight() {
    int height = 9;
    int[] reads = {0};
    HashReader counting =
        (level, index) -> {
          reads[0]++;
          return TREE.node(level, index);
        };
    for (int size = 1; size <= LARGEST; size += 7) {
      for (int index = 0; index < size; index++) {
        reads[0] = 0;
        List<Hash> inclusion = MerkleProofs.inclusion(counting, index, size);
        assertTrue(inclusion.size() <= height && reads[0] <= 2 * height);
        reads[0] = 0;
        List<Hash> consistency = MerkleProofs.consistency(counting, index + 1, size);
        assertTrue(consistency.size() <= height + 1 && reads[0] <= 2 * height);
      }
    }
  }
}
