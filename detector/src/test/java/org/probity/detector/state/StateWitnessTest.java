package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/** The bytes of a witness: one encoding each, every bit of it counts, malformed trees rejected. */
class StateWitnessTest {
  private static final Stub STUB = new Stub(new byte[32], 0);

  private static Bytes hex(String hex) {
    return Bytes.fromHex(hex);
  }

  private static Leaf leaf(String key) {
    return Leaf.of(hex(key), Bytes.EMPTY);
  }

  private static StateWitness randomWitness(SplittableRandom random, int size, int touched) {
    StateTree tree = Keys.tree(Keys.hostileMap(random, size).entrySet());
    List<Bytes> keys = new ArrayList<>();
    for (int i = 0; i < touched; i++) {
      keys.add(Keys.hostile(random));
    }
    return StateWitness.ofKeys(tree, keys);
  }

  @Test
  void membershipAndAbsenceAreProven() {
    Seeded.run(
        200,
        random -> {
          StateTree tree = Keys.tree(Keys.hostileMap(random, 50).entrySet());
          Bytes key = Keys.hostile(random);
          Bytes encoded = StateWitness.ofKeys(tree, List.of(key)).encoded();
          StateWitness witness = StateWitness.decode(encoded);
          assertEquals(tree.root(), witness.root());
          assertEquals(tree.get(key), witness.tree().get(key));
        });
  }

  @Test
  void decodingAndEncodingAreInverse() {
    Seeded.run(
        300,
        random -> {
          StateWitness witness = randomWitness(random, random.nextInt(60), random.nextInt(10));
          StateWitness decoded = StateWitness.decode(witness.encoded());
          assertEquals(witness, decoded);
          assertEquals(witness.hashCode(), decoded.hashCode());
          assertNotEquals(witness, randomWitness(random, 70, 3));
          assertEquals(witness.root(), decoded.root());
          assertEquals(witness.encoded(), WitnessEncoder.encode(decoded.tree().rootNode()));
        });
  }

  @Test
  void everyFlippedBitIsRejectedOrChangesTheRoot() {
    int[] accepted = new int[1];
    Seeded.run(
        12,
        random -> {
          StateWitness witness = randomWitness(random, 30, 1 + random.nextInt(8));
          byte[] bytes = witness.encoded().toArray();
          for (int bit = 0; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            StateWitness flipped = decodeOrNull(bytes);
            if (flipped != null) {
              assertNotEquals(witness.root(), flipped.root(), "bit " + bit);
              requireWellFormed(flipped);
              accepted[0]++;
            }
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
          }
        });
    assertTrue(accepted[0] > 0);
  }

  @Test
  void garbledBytesNeverDoWorseThanRejection() {
    Seeded.run(
        4000,
        random -> {
          byte[] bytes = randomWitness(random, 20, 4).encoded().toArray();
          for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
          }
          StateWitness decoded = decodeOrNull(bytes);
          if (decoded != null) {
            requireWellFormed(decoded);
          }
        });
  }

  /** Whatever decodes finds each of its own keys without leaving what it discloses. */
  private static void requireWellFormed(StateWitness witness) {
    StateTree tree = witness.tree();
    List<Leaf> leaves = new ArrayList<>();
    collect(tree.rootNode(), leaves);
    for (int i = 0; i < leaves.size(); i++) {
      assertEquals(leaves.get(i).value(), tree.get(leaves.get(i).key()));
      assertTrue(i == 0 || leaves.get(i - 1).key().compareTo(leaves.get(i).key()) < 0);
    }
  }

  private static void collect(Node node, List<Leaf> leaves) {
    if (node instanceof Interior fork) {
      collect(fork.left, leaves);
      collect(fork.right, leaves);
    } else if (node instanceof Leaf leaf) {
      leaves.add(leaf);
    }
  }

  @Test
  void everyTruncationAndExtensionIsRejected() {
    byte[] bytes = randomWitness(new SplittableRandom(1), 30, 6).encoded().toArray();
    for (int length = 0; length < bytes.length; length++) {
      assertNull(decodeOrNull(Arrays.copyOf(bytes, length)));
    }
    assertEquals("witness_trailing", rejection(Bytes.wrap(Arrays.copyOf(bytes, bytes.length + 1))));
  }

  @Test
  void aTreeWithSwappedSiblingsIsRejected() {
    Node swapped = new Interior(7, leaf("42"), leaf("41"));
    assertEquals("witness_shape", rejection(swapped));
    assertEquals("witness_shape", rejection(new Interior(7, STUB, leaf("41"))));
    assertEquals("witness_shape", rejection(new Interior(7, leaf("42"), STUB)));
    assertAccepted(new Interior(7, leaf("41"), leaf("42")));
    assertAccepted(new Interior(7, leaf("41"), STUB));
    assertAccepted(new Interior(7, STUB, leaf("42")));
  }

  @Test
  void keysMustFirstDifferExactlyAtTheFork() {
    // 41 and 42 differ at 7 and again at 8; 01 and 42 differ before 7.
    assertEquals("witness_shape", rejection(new Interior(8, leaf("42"), leaf("41"))));
    assertEquals("witness_shape", rejection(new Interior(7, leaf("01"), leaf("42"))));
    assertEquals("witness_shape", rejection(new Interior(7, leaf("41"), leaf("41"))));
  }

  @Test
  void outerKeysAreHeldAgainstInnerForksToo() {
    Node inner = new Interior(8, leaf("42"), leaf("43"));
    assertAccepted(new Interior(7, leaf("41"), inner));
    assertEquals("witness_shape", rejection(new Interior(7, inner, leaf("44"))));
    // The intruder sits in the middle, between an undisclosed left and a proper right.
    Node intruder = new Interior(8, STUB, leaf("c3"));
    assertEquals("witness_shape", rejection(new Interior(2, intruder, leaf("60"))));
  }

  @Test
  void positionsMustIncreaseDownward() {
    Node inner = new Interior(7, leaf("41"), STUB);
    assertEquals("witness_position", rejection(new Interior(7, inner, STUB)));
    assertEquals("witness_position", rejection(new Interior(8, inner, STUB)));
    assertAccepted(new Interior(6, inner, STUB));
    assertEquals("witness_position", rejection(new Interior(0, leaf("41"), STUB)));
    assertEquals(
        "witness_position", rejection(new Interior(KeyBits.MAX_POSITION + 1, leaf("41"), STUB)));
  }

  @Test
  void nothingForksPastTheEndOfAKey() {
    assertAccepted(new Interior(9, leaf("41"), STUB));
    assertEquals("witness_shape", rejection(new Interior(10, leaf("41"), STUB)));
    assertEquals("witness_shape", rejection(new Interior(9, STUB, leaf("41"))));
    assertEquals(
        "witness_shape",
        rejection(new Interior(9, new Interior(17, STUB, leaf("4101")), leaf("4180"))));
  }

  @Test
  void aForkThatDisclosesNothingIsRejected() {
    Hash root = Hash.sha256(new byte[67]);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x40, 0x07});
    out.writeBytes(new byte[] {0x3f, (byte) 0xff});
    out.writeBytes(root.toArray());
    out.writeBytes(root.toArray());
    assertEquals("witness_key_size", rejection(Bytes.wrap(out.toByteArray())));
    assertEquals("witness_key_size", rejection(hex("c00700000000")));
  }

  @Test
  void limitsHoldAndOneMoreDoesNot() throws Exception {
    Bytes longest = Bytes.wrap(new byte[StateTree.MAX_KEY_BYTES]);
    Bytes largest = Bytes.wrap(new byte[StateTree.MAX_VALUE_BYTES]);
    assertAccepted(Leaf.of(longest, largest));
    assertEquals(
        "witness_key_size",
        rejection(Leaf.of(Bytes.wrap(new byte[StateTree.MAX_KEY_BYTES + 1]), largest)));
    assertEquals(
        "witness_value_size",
        rejection(Leaf.of(longest, Bytes.wrap(new byte[StateTree.MAX_VALUE_BYTES + 1]))));
    assertEquals("witness_size", rejection(Bytes.wrap(new byte[StateWitness.MAX_BYTES + 1])));
  }

  @Test
  void theDeepestWitnessIsReadOnASmallStack() throws Exception {
    StateTree deep = Deep.tree();
    Bytes encoded = StateWitness.ofKeys(deep, List.of(Deep.SPINE)).encoded();
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                StateWitness witness = StateWitness.decode(encoded);
                assertEquals(deep.root(), witness.root());
                assertEquals(
                    deep.remove(Deep.SPINE).root(), witness.tree().remove(Deep.SPINE).root());
                // As many nested forks as fit: must be refused by position, not by the stack.
                byte[] nested = new byte[StateWitness.MAX_BYTES];
                Arrays.fill(nested, (byte) 0x41);
                assertEquals("witness_position", rejection(Bytes.wrap(nested)));
              } catch (Throwable t) {
                failure[0] = t;
              }
            },
            "small stack",
            384 << 10);
    thread.start();
    thread.join();
    assertNull(failure[0], () -> String.valueOf(failure[0]));
  }

  @Test
  void seventyTwoOfAThousandKeysStaySmall() {
    StateTree tree = Population.of(1_000);
    StateWitness witness = StateWitness.ofKeys(tree, Population.sample(1_000, 72));
    assertTrue(witness.encoded().size() < 21 << 10, () -> "bytes " + witness.encoded().size());
  }

  private static void assertAccepted(Node root) {
    new NodeHasher().hash(root);
    StateWitness decoded = decodeOrNull(WitnessEncoder.encode(root).toArray());
    assertEquals(root.knownHash(), decoded.root());
  }

  private static String rejection(Node root) {
    return rejection(WitnessEncoder.encode(root));
  }

  private static String rejection(Bytes encoded) {
    return assertThrows(DecodeException.class, () -> StateWitness.decode(encoded)).code();
  }

  private static StateWitness decodeOrNull(byte[] bytes) {
    try {
      return StateWitness.decode(Bytes.of(bytes));
    } catch (DecodeException e) {
      return null;
    }
  }
}
