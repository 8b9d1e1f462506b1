package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.crypto.Hash;

/** Protocol §5.1: one proof for all SENDs of an envelope; §8.1: one for a stretch of entries. */
class MultiproofTest {
  private static final int LARGEST = 300;
  private static final List<Hash> LEAVES = ReferenceTree.leaves(LARGEST, "multi");
  private static final MemoryTree TREE = MemoryTree.of(LEAVES);
  private static final ReferenceTree REFERENCE = new ReferenceTree(LEAVES);

  private static TreeHead head(long size) {
    return new TreeHead(size, MerkleProofs.rootAt(TREE, size));
  }

  private static List<IndexedLeaf> at(List<Long> indices) {
    return indices.stream().map(i -> new IndexedLeaf(i, LEAVES.get(i.intValue()))).toList();
  }

  @Test
  void everyContiguousRangeOfSmallLogsVerifies() {
    for (int size = 1; size <= 70; size++) {
      for (long from = 0; from < size; from++) {
        for (long to = from + 1; to <= size; to++) {
          List<Long> indices = LongStream.range(from, to).boxed().toList();
          List<Hash> proof = Multiproof.build(TREE, size, indices);
          assertEquals(proof, Multiproof.buildRange(TREE, size, from, to));
          assertTrue(Multiproof.verify(head(size), at(indices), proof));
          assertTrue(proof.size() <= 2 * (64 - Long.numberOfLeadingZeros(size)));
        }
      }
    }
  }

  @Test
  void aProofOfManyContainsTheProofOfTheLast() {
    Seeded.run(
        500,
        random -> {
          int size = 1 + random.nextInt(LARGEST);
          TreeSet<Long> chosen = new TreeSet<>();
          for (int i = 1 + random.nextInt(20); i > 0; i--) {
            chosen.add((long) random.nextInt(size));
          }
          List<Long> indices = List.copyOf(chosen);
          List<Hash> proof = Multiproof.build(TREE, size, indices);
          int dropped = random.nextInt(indices.size());
          List<Long> kept = indices.subList(dropped, indices.size());
          assertEquals(
              Multiproof.build(TREE, size, kept),
              Multiproof.without(size, at(indices), proof, dropped));
        });
  }

  @Test
  void nothingIsDroppedFromWhatIsNoProof() {
    List<IndexedLeaf> leaves = at(List.of(2L, 3L, 9L));
    List<Hash> proof = Multiproof.build(TREE, 17, List.of(2L, 3L, 9L));
    assertThrows(
        IllegalArgumentException.class,
        () -> Multiproof.without(17, leaves, proof.subList(1, proof.size()), 1));
    List<Hash> longer = new ArrayList<>(proof);
    longer.add(Hash.sha256());
    assertThrows(IllegalArgumentException.class, () -> Multiproof.without(17, leaves, longer, 1));
    assertThrows(IllegalArgumentException.class, () -> Multiproof.without(17, leaves, proof, 3));
    assertThrows(IllegalArgumentException.class, () -> Multiproof.without(17, leaves, proof, -1));
  }

  /** All sizes around powers of two, and the largest; a campaign tries every size up to it. */
  @Test
  void everyContiguousRangeIsProvenAsDefined() {
    for (int size : new int[] {1, 2, 3, 63, 64, 65, 127, 128, 129, 255, 256, 257, LARGEST}) {
      assertRangesAreProvenAsDefined(size);
    }
  }

  @Test
  @Tag("campaign")
  void everyContiguousRangeOfEverySizeIsProvenAsDefined() {
    for (int size = 1; size <= LARGEST; size++) {
      assertRangesAreProvenAsDefined(size);
    }
  }

  private static void assertRangesAreProvenAsDefined(int size) {
    TreeHead head = head(size);
    for (int from = 0; from < size; from++) {
      for (int to = from + 1; to <= size; to++) {
        List<Hash> proof = Multiproof.buildRange(TREE, size, from, to);
        assertEquals(REFERENCE.multiproof(from, to, size), proof);
        // Those in between take long and go the same ways.
        if (to - from <= 4 || (from == 0 && to % 16 == 0) || (to == size && from % 16 == 0)) {
          List<Long> indices = LongStream.range(from, to).boxed().toList();
          assertTrue(Multiproof.verify(head, at(indices), proof));
        }
      }
    }
  }

  @Test
  void everySubsetOfTinyLogsVerifies() {
    for (int size = 1; size <= 9; size++) {
      for (int subset = 1; subset < 1 << size; subset++) {
        int chosen = subset;
        List<Long> indices =
            LongStream.range(0, size).filter(i -> (chosen >> i & 1) == 1).boxed().toList();
        List<Hash> proof = Multiproof.build(TREE, size, indices);
        assertTrue(Multiproof.verify(head(size), at(indices), proof));
      }
    }
  }

  @Test
  void randomSubsetsVerify() {
    Seeded.run(
        2_000,
        random -> {
          int size = 1 + random.nextInt(LARGEST);
          TreeSet<Long> chosen = new TreeSet<>();
          int wanted = 1 + random.nextInt(Math.min(size, 40));
          while (chosen.size() < wanted) {
            chosen.add((long) random.nextInt(size));
          }
          List<Long> indices = List.copyOf(chosen);
          List<Hash> proof = Multiproof.build(TREE, size, indices);
          assertTrue(Multiproof.verify(head(size), at(indices), proof));
        });
  }

  @Test
  void aSingleLeafNeedsTheHashesOfItsInclusionProof() {
    for (int size = 1; size <= LARGEST; size++) {
      for (long index = 0; index < size; index++) {
        List<Hash> multi = Multiproof.build(TREE, size, List.of(index));
        List<Hash> inclusion = MerkleProofs.inclusion(TREE, index, size);
        assertEquals(sorted(inclusion), sorted(multi));
      }
    }
  }

  @Test
  void allLeavesNeedNoHash() {
    List<Long> all = LongStream.range(0, 57).boxed().toList();
    assertEquals(List.of(), Multiproof.build(TREE, 57, all));
    assertTrue(Multiproof.verify(head(57), at(all), List.of()));
  }

  @Test
  void workedExampleOfTheDocumentation() {
    List<Hash> proof = Multiproof.buildRange(TREE, 7, 2, 4);
    assertEquals(List.of(REFERENCE.mth(0, 2), REFERENCE.mth(4, 7)), proof);
  }

  @Test
  void refusesEveryMutatedProof() {
    for (int size : new int[] {1, 2, 5, 13, 64, 100}) {
      for (List<Long> indices :
          List.of(
              List.of(0L),
              List.of(size - 1L),
              List.copyOf(new TreeSet<>(List.of(0L, size / 2L))))) {
        List<IndexedLeaf> leaves = at(indices);
        List<Hash> proof = Multiproof.build(TREE, size, indices);
        TreeHead head = head(size);
        Mutations.everyFlippedBit(proof, p -> assertFalse(Multiproof.verify(head, leaves, p)));
        Mutations.everyOtherShape(proof, p -> assertFalse(Multiproof.verify(head, leaves, p)));
      }
    }
  }

  @Test
  void refusesEveryOtherLeafAndEveryOtherPlace() {
    int size = 37;
    List<Long> indices = List.of(3L, 4L, 17L, 36L);
    List<Hash> proof = Multiproof.build(TREE, size, indices);
    for (int i = 0; i < indices.size(); i++) {
      for (int bit = 0; bit < 256; bit++) {
        List<IndexedLeaf> leaves = new ArrayList<>(at(indices));
        IndexedLeaf leaf = leaves.get(i);
        leaves.set(i, new IndexedLeaf(leaf.index(), Mutations.flip(leaf.leafHash(), bit)));
        assertFalse(Multiproof.verify(head(size), leaves, proof));
      }
      for (long other = -1; other <= size; other++) {
        if (other != indices.get(i)) {
          List<IndexedLeaf> leaves = new ArrayList<>(at(indices));
          leaves.set(i, new IndexedLeaf(other, leaves.get(i).leafHash()));
          assertFalse(Multiproof.verify(head(size), leaves, proof));
        }
      }
    }
  }

  @Test
  void refusesNoneUnsortedRepeatedAndTooManyLeaves() {
    TreeHead head = head(8);
    List<IndexedLeaf> two = at(List.of(2L, 5L));
    List<Hash> proof = Multiproof.build(TREE, 8, List.of(2L, 5L));
    assertTrue(Multiproof.verify(head, two, proof));
    assertFalse(Multiproof.verify(head, List.of(), List.of(head.root())));
    assertFalse(Multiproof.verify(head, List.of(two.get(1), two.get(0)), proof));
    assertFalse(Multiproof.verify(head, List.of(two.get(0), two.get(0), two.get(1)), proof));
    assertFalse(Multiproof.verify(TreeHead.EMPTY, two, proof));
    List<IndexedLeaf> tooMany =
        LongStream.rangeClosed(0, Multiproof.MAX_LEAVES)
            .mapToObj(i -> new IndexedLeaf(i, LEAVES.get(0)))
            .toList();
    assertFalse(Multiproof.root(tooMany.size(), tooMany, List.of()).isPresent());
    assertTrue(
        Multiproof.root(tooMany.size() - 1L, tooMany.subList(1, tooMany.size()), List.of())
            .isEmpty());
    assertTrue(
        Multiproof.root(tooMany.size() - 1L, tooMany.subList(0, Multiproof.MAX_LEAVES), List.of())
            .isPresent());
    assertThrows(IllegalArgumentException.class, () -> Multiproof.build(TREE, 8, List.of(5L, 2L)));
    assertThrows(IllegalArgumentException.class, () -> Multiproof.build(TREE, 8, List.of(8L)));
    assertThrows(IllegalArgumentException.class, () -> Multiproof.build(TREE, 8, List.of()));
    assertThrows(IllegalArgumentException.class, () -> Multiproof.buildRange(TREE, 8, 3, 3));
    assertThrows(IllegalArgumentException.class, () -> Multiproof.buildRange(TREE, 8, 3, 9));
  }

  @Test
  void staysTotalAtTheLargestSize() {
    Hash hash = LEAVES.get(0);
    List<IndexedLeaf> leaves =
        List.of(new IndexedLeaf(0, hash), new IndexedLeaf(Long.MAX_VALUE - 1, hash));
    int accepted = 0;
    for (int length = 0; length <= 130; length++) {
      if (Multiproof.root(Long.MAX_VALUE, leaves, Collections.nCopies(length, hash)).isPresent()) {
        accepted++;
      }
    }
    assertEquals(1, accepted);
  }

  private static List<Hash> sorted(List<Hash> hashes) {
    return hashes.stream().sorted().toList();
  }
}
