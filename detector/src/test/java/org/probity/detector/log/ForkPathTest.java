package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.detector.log.ForkPath.Verdict.CONSISTENT;
import static org.probity.detector.log.ForkPath.Verdict.FORK;
import static org.probity.detector.log.ForkPath.Verdict.MALFORMED;
import static org.probity.detector.log.ForkPath.Verdict.WRONG_PATH;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.crypto.Hash;

/** Protocol §8.1, FORK: the path that convicts a log of two histories, and never an honest one. */
class ForkPathTest {
  private static final int LARGEST = 64;
  private static final List<Hash> HONEST = ReferenceTree.leaves(LARGEST, "honest");
  private static final List<Hash> OTHER = ReferenceTree.leaves(LARGEST, "other");
  private static final MemoryTree TREE = MemoryTree.of(HONEST);

  private static TreeHead head(HashReader tree, int size) {
    return new TreeHead(size, MerkleProofs.rootAt(tree, size));
  }

  @Test
  void anHonestLogIsNeverConvicted() {
    for (int larger = 1; larger <= LARGEST; larger++) {
      for (int smaller = 1; smaller <= larger; smaller++) {
        List<Hash> path = ForkPath.build(TREE, smaller, larger);
        assertEquals(CONSISTENT, ForkPath.judge(head(TREE, smaller), head(TREE, larger), path));
      }
    }
  }

  @Test
  void everyDivergenceAtEveryPairOfSizesIsConvicted() {
    // One history keeps the honest leaves up to `agreed`, then goes its own way.
    for (int agreed = 0; agreed < LARGEST; agreed++) {
      List<Hash> leaves = new ArrayList<>(HONEST.subList(0, agreed));
      leaves.addAll(OTHER.subList(agreed, LARGEST));
      MemoryTree rewritten = MemoryTree.of(leaves);
      for (int larger = 1; larger <= LARGEST; larger++) {
        for (int smaller = 1; smaller <= larger; smaller++) {
          List<Hash> path = ForkPath.build(rewritten, smaller, larger);
          assertEquals(
              smaller > agreed ? FORK : CONSISTENT,
              ForkPath.judge(head(TREE, smaller), head(rewritten, larger), path));
        }
      }
    }
  }

  @Test
  void aSingleChangedLeafIsConvicted() {
    for (int changed = 0; changed < LARGEST; changed++) {
      List<Hash> leaves = new ArrayList<>(HONEST);
      leaves.set(changed, OTHER.get(changed));
      MemoryTree rewritten = MemoryTree.of(leaves);
      for (int larger = 1; larger <= LARGEST; larger += 3) {
        for (int smaller = 1; smaller <= larger; smaller++) {
          List<Hash> path = ForkPath.build(rewritten, smaller, larger);
          assertEquals(
              smaller > changed ? FORK : CONSISTENT,
              ForkPath.judge(head(TREE, smaller), head(rewritten, larger), path));
        }
      }
    }
  }

  @Test
  void aRootThatIsNoTreeIsConvictedOnTheSmallerSideOnly() {
    TreeHead invented = new TreeHead(21, OTHER.get(0));
    assertEquals(FORK, ForkPath.judge(invented, head(TREE, 50), ForkPath.build(TREE, 21, 50)));
    // Nobody can open an invented larger root: that stays a challenge, never a proof.
    TreeHead large = new TreeHead(50, OTHER.get(0));
    assertEquals(WRONG_PATH, ForkPath.judge(head(TREE, 21), large, ForkPath.build(TREE, 21, 50)));
  }

  @Test
  void theSeedIsWrittenOutForPowersOfTwo() {
    MemoryTree rewritten = MemoryTree.of(OTHER);
    for (int smaller = 1; smaller < LARGEST; smaller *= 2) {
      List<Hash> path = ForkPath.build(rewritten, smaller, LARGEST);
      assertEquals(MerkleProofs.rootAt(rewritten, smaller), path.get(0));
      assertEquals(
          path.subList(1, path.size()), MerkleProofs.consistency(rewritten, smaller, LARGEST));
      assertEquals(FORK, ForkPath.judge(head(TREE, smaller), head(rewritten, LARGEST), path));
    }
  }

  @Test
  void everyBitOfThePathIsLoadBearing() {
    MemoryTree rewritten = MemoryTree.of(OTHER);
    for (int larger = 1; larger <= LARGEST; larger += 3) {
      for (int smaller = 1; smaller <= larger; smaller++) {
        TreeHead small = head(TREE, smaller);
        TreeHead large = head(rewritten, larger);
        List<Hash> path = ForkPath.build(rewritten, smaller, larger);
        if (smaller % 5 == 0) {
          Mutations.everyFlippedBit(
              path, p -> assertEquals(WRONG_PATH, ForkPath.judge(small, large, p)));
        }
        Mutations.everyOtherShape(
            path, p -> assertNotEquals(FORK, ForkPath.judge(small, large, p)));
      }
    }
  }

  @Test
  void mutatedPathsNeverConvictAnHonestLog() {
    for (int larger = 1; larger <= LARGEST; larger += 5) {
      for (int smaller = 1; smaller <= larger; smaller += 3) {
        TreeHead small = head(TREE, smaller);
        TreeHead large = head(TREE, larger);
        List<Hash> path = ForkPath.build(TREE, smaller, larger);
        Mutations.everyFlippedBit(
            path, p -> assertEquals(WRONG_PATH, ForkPath.judge(small, large, p)));
        Mutations.everyOtherShape(
            path, p -> assertNotEquals(FORK, ForkPath.judge(small, large, p)));
      }
    }
  }

  @Test
  void pathsForOtherSizesNeverConvictAnHonestLog() {
    for (int larger = 1; larger <= 33; larger++) {
      for (int smaller = 1; smaller <= larger; smaller++) {
        List<Hash> path = ForkPath.build(TREE, smaller, larger);
        for (int m = 0; m <= 33; m++) {
          for (int n = 0; n <= 33; n++) {
            assertNotEquals(FORK, ForkPath.judge(head(TREE, m), head(TREE, n), path));
          }
        }
      }
    }
  }

  @Test
  void refusesEmptyLogsAndSizesOutOfOrder() {
    TreeHead three = head(TREE, 3);
    assertEquals(MALFORMED, ForkPath.judge(TreeHead.EMPTY, three, List.of()));
    assertEquals(MALFORMED, ForkPath.judge(new TreeHead(0, OTHER.get(0)), three, List.of()));
    TreeHead inventedEmpty = new TreeHead(0, OTHER.get(0));
    assertEquals(MALFORMED, ForkPath.judge(TreeHead.EMPTY, inventedEmpty, List.of()));
    assertEquals(MALFORMED, ForkPath.judge(head(TREE, 4), three, List.of()));
    assertEquals(FORK, ForkPath.judge(three, head(MemoryTree.of(OTHER), 3), List.of()));
    assertEquals(
        MALFORMED, ForkPath.judge(three, head(MemoryTree.of(OTHER), 3), List.of(three.root())));
    assertTrue(ForkPath.build(TREE, 3, 3).isEmpty());
  }
}
