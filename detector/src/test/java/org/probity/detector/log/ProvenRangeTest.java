package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.crypto.Hash;

/** Entries that come with a proof bring the whole past with it, hash for hash. */
class ProvenRangeTest {
  private static final int LARGEST = 34;
  private static final List<Hash> LEAVES = ReferenceTree.leaves(LARGEST, "honest");
  private static final MemoryTree TREE = MemoryTree.of(LEAVES);

  private static ProvenRange range(int size, int from, int to) {
    return ProvenRange.of(
            new TreeHead(size, MerkleProofs.rootAt(TREE, size)),
            from,
            LEAVES.subList(from, to),
            Multiproof.buildRange(TREE, size, from, to))
        .orElseThrow();
  }

  @Test
  void everyRangeShowsWhatIsBeforeItAndHowThatIsLinked() {
    for (int size = 1; size <= LARGEST; size++) {
      for (int from = 0; from < size; from++) {
        for (int to = from + 1; to <= size; to++) {
          ProvenRange range = range(size, from, to);
          for (int dropped = 0; dropped < to - from; dropped++) {
            ProvenRange rest = range.without(dropped);
            assertEquals(Frontier.read(TREE, from + dropped), rest.before());
            if (from + dropped > 0) {
              assertEquals(ForkPath.build(TREE, from + dropped, size), rest.pathFromBefore());
            }
          }
        }
      }
    }
  }

  @Test
  void whatIsNotProvenIsNothing() {
    TreeHead head = new TreeHead(21, MerkleProofs.rootAt(TREE, 21));
    List<Hash> proof = Multiproof.buildRange(TREE, 21, 6, 9);
    assertEquals(Optional.empty(), ProvenRange.of(head, 6, LEAVES.subList(7, 10), proof));
    assertEquals(Optional.empty(), ProvenRange.of(head, 7, LEAVES.subList(6, 9), proof));
    assertEquals(Optional.empty(), ProvenRange.of(head, -1, LEAVES.subList(6, 9), proof));
    assertEquals(Optional.empty(), ProvenRange.of(head, 6, List.of(), proof));
    assertEquals(Optional.empty(), ProvenRange.of(head, 6, LEAVES.subList(6, 9), List.of()));
    assertEquals(Optional.empty(), ProvenRange.of(head, 1L << 62, LEAVES.subList(6, 9), proof));
  }

  @Test
  void nothingIsBeforeTheFirst() {
    ProvenRange first = range(21, 0, 3);
    assertEquals(Frontier.EMPTY, first.before());
    assertThrows(IllegalStateException.class, first::pathFromBefore);
    assertThrows(IllegalArgumentException.class, () -> first.without(3));
  }
}
