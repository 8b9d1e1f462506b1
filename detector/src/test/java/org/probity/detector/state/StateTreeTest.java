package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** Protocol §4.4: an ordered map, and a root that depends on nothing but its content. */
class StateTreeTest {
  private static final Bytes A = Bytes.fromHex("41");
  private static final Bytes B = Bytes.fromHex("42");

  @Test
  void theEmptyTreeHasTheHashOfNothing() {
    assertEquals(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        StateTree.EMPTY.root().toHex());
    assertEquals(0, StateTree.EMPTY.size());
    assertNull(StateTree.EMPTY.get(A));
    assertSame(StateTree.EMPTY, StateTree.EMPTY.remove(A));
    assertEquals(List.of(), StateTree.EMPTY.scan(Bytes.EMPTY, null, 10));
  }

  @Test
  void theExampleInThePackageDocHolds() {
    StateTree tree = StateTree.EMPTY.put(A, Bytes.of((byte) 1)).put(B, Bytes.of((byte) 2));
    Hash left = Hash.sha256(Bytes.fromHex("0000014101").unsafeArray());
    Hash right = Hash.sha256(Bytes.fromHex("0000014202").unsafeArray());
    assertEquals(
        Hash.sha256(Bytes.fromHex("010007").unsafeArray(), left.unsafeArray(), right.unsafeArray()),
        tree.root());
  }

  @Test
  void agreesWithTheModelAfterEveryOperation() {
    Seeded.run(
        150,
        random -> {
          NavigableMap<Bytes, Bytes> model = new TreeMap<>();
          StateTree tree = StateTree.EMPTY;
          for (int i = 0; i < 120; i++) {
            Bytes key = Keys.hostile(random);
            if (random.nextInt(3) == 0) {
              tree = tree.remove(key);
              model.remove(key);
            } else if (random.nextInt(12) == 0) {
              Bytes to = random.nextInt(4) == 0 ? null : Keys.hostile(random);
              tree = tree.removeRange(key, to);
              Model.removeRange(model, key, to);
            } else {
              Bytes value = Keys.value(random);
              tree = tree.put(key, value);
              model.put(key, value);
            }
            Bytes probe = Keys.hostile(random);
            assertEquals(model.get(probe), tree.get(probe));
            assertEquals(model.size(), tree.size());
            assertScansLike(model, tree, random);
          }
          assertEquals(Keys.tree(model.entrySet()).root(), tree.root());
        });
  }

  private static void assertScansLike(
      NavigableMap<Bytes, Bytes> model, StateTree tree, SplittableRandom random) {
    Bytes from = random.nextInt(8) == 0 ? Bytes.EMPTY : Keys.hostile(random);
    Bytes to = random.nextInt(8) == 0 ? null : Keys.hostile(random);
    int limit = random.nextInt(12);
    assertEquals(Model.scan(model, from, to, limit), tree.scan(from, to, limit));
  }

  @Test
  void everySubsetOfASmallKeySpaceScansLikeTheModel() {
    List<Bytes> keys = Keys.all(3, (byte) 0, (byte) 1).subList(0, 10);
    List<Bytes> bounds = new ArrayList<>(Keys.all(3, (byte) 0, (byte) 1));
    bounds.add(Bytes.EMPTY);
    bounds.add(Bytes.fromHex("02"));
    for (int subset = 0; subset < 1 << keys.size(); subset++) {
      NavigableMap<Bytes, Bytes> model = new TreeMap<>();
      for (int i = 0; i < keys.size(); i++) {
        if ((subset >> i & 1) == 1) {
          model.put(keys.get(i), Bytes.EMPTY);
        }
      }
      StateTree tree = Keys.tree(model.entrySet());
      for (Bytes from : bounds) {
        for (Bytes to : bounds) {
          assertEquals(Model.scan(model, from, to, 4), tree.scan(from, to, 4));
        }
        assertEquals(Model.scan(model, from, null, 99), tree.scan(from, null, 99));
        if (!from.isEmpty()) {
          assertEquals(model.get(from), tree.get(from));
        }
      }
    }
  }

  @Test
  void everyRangeOfASmallKeySpaceIsCutLikeTheModels() {
    List<Bytes> keys = Keys.all(3, (byte) 0, (byte) 1).subList(0, 8);
    List<Bytes> bounds = new ArrayList<>(Keys.all(3, (byte) 0, (byte) 1));
    bounds.add(Bytes.EMPTY);
    bounds.add(Bytes.fromHex("02"));
    bounds.add(null);
    for (int subset = 0; subset < 1 << keys.size(); subset++) {
      NavigableMap<Bytes, Bytes> all = new TreeMap<>();
      for (int i = 0; i < keys.size(); i++) {
        if ((subset >> i & 1) == 1) {
          all.put(keys.get(i), Bytes.EMPTY);
        }
      }
      StateTree tree = Keys.tree(all.entrySet());
      for (Bytes from : bounds.subList(0, bounds.size() - 1)) {
        for (Bytes to : bounds) {
          NavigableMap<Bytes, Bytes> rest = new TreeMap<>(all);
          Model.removeRange(rest, from, to);
          StateTree cut = tree.removeRange(from, to);
          assertEquals(Keys.tree(rest.entrySet()).root(), cut.root());
          if (rest.size() == all.size()) {
            assertSame(tree, cut, "nothing to remove");
          }
        }
      }
    }
  }

  @Test
  void everyOrderOfInsertionGivesTheSameRoot() {
    Seeded.run(
        60,
        random -> {
          NavigableMap<Bytes, Bytes> model = Keys.hostileMap(random, 60);
          List<Map.Entry<Bytes, Bytes>> order = new ArrayList<>(model.entrySet());
          Hash root = Keys.tree(order).root();
          Collections.shuffle(order, new Random(random.nextLong()));
          StateTree shuffled = Keys.tree(order);
          // Keys that come and go leave no trace.
          for (Bytes extra : Keys.hostileMap(random, 20).keySet()) {
            if (!model.containsKey(extra)) {
              shuffled = shuffled.put(extra, Bytes.EMPTY);
              shuffled.root();
              shuffled = shuffled.remove(extra);
            }
          }
          assertEquals(root, shuffled.root());
        });
  }

  @Test
  void allOrdersOfFiveTrickyKeysGiveOneRoot() {
    List<Bytes> keys =
        List.of(
            Bytes.fromHex("00"),
            Bytes.fromHex("0000"),
            Bytes.fromHex("000000"),
            Bytes.fromHex("01"),
            Bytes.fromHex("0100"));
    List<Hash> roots = new ArrayList<>();
    permute(new ArrayList<>(keys), 0, roots);
    assertEquals(120, roots.size());
    assertEquals(1, roots.stream().distinct().count());
  }

  private static void permute(List<Bytes> keys, int done, List<Hash> roots) {
    if (done == keys.size()) {
      StateTree tree = StateTree.EMPTY;
      for (Bytes key : keys) {
        tree = tree.put(key, key);
      }
      roots.add(tree.root());
      return;
    }
    for (int i = done; i < keys.size(); i++) {
      Collections.swap(keys, done, i);
      permute(keys, done + 1, roots);
      Collections.swap(keys, done, i);
    }
  }

  @Test
  void differentMapsHaveDifferentRoots() {
    List<Bytes> keys = Keys.all(2, (byte) 0, (byte) 1);
    TreeMap<Hash, Integer> seen = new TreeMap<>();
    for (int code = 0; code < 729; code++) {
      StateTree tree = StateTree.EMPTY;
      for (int i = 0, rest = code; i < keys.size(); i++, rest /= 3) {
        if (rest % 3 > 0) {
          tree = tree.put(keys.get(i), rest % 3 == 1 ? Bytes.EMPTY : Bytes.of((byte) 0));
        }
      }
      assertNull(seen.put(tree.root(), code));
    }
  }

  @Test
  void oldVersionsAreUnaffected() {
    Seeded.run(
        40,
        random -> {
          NavigableMap<Bytes, Bytes> model = new TreeMap<>();
          StateTree tree = StateTree.EMPTY;
          List<StateTree> versions = new ArrayList<>();
          List<List<KeyValue>> contents = new ArrayList<>();
          List<Hash> roots = new ArrayList<>();
          for (int i = 0; i < 60; i++) {
            Bytes key = Keys.hostile(random);
            if (random.nextInt(3) == 0) {
              tree = tree.remove(key);
              model.remove(key);
            } else {
              tree = tree.put(key, Bytes.of((byte) i));
              model.put(key, Bytes.of((byte) i));
            }
            versions.add(tree);
            contents.add(Model.scan(model, Bytes.EMPTY, null, 1000));
            roots.add(random.nextBoolean() ? tree.root() : null);
          }
          for (int i = 0; i < versions.size(); i++) {
            assertEquals(contents.get(i), versions.get(i).scan(Bytes.EMPTY, null, 1000));
            if (roots.get(i) != null) {
              assertEquals(roots.get(i), versions.get(i).root());
            }
          }
        });
  }

  @Test
  void aChangeThatChangesNothingReturnsTheSameTree() {
    StateTree tree = StateTree.EMPTY.put(A, B).put(B, A);
    assertSame(tree, tree.put(Bytes.fromHex("41"), Bytes.fromHex("42")));
    assertSame(tree, tree.remove(Bytes.fromHex("4100")));
  }

  @Test
  void limitsHoldAndOneMoreDoesNot() {
    Bytes longest = Bytes.wrap(new byte[StateTree.MAX_KEY_BYTES]);
    Bytes largest = Bytes.wrap(new byte[StateTree.MAX_VALUE_BYTES]);
    StateTree tree = StateTree.EMPTY.put(longest, largest).put(A, Bytes.EMPTY);
    assertEquals(largest, tree.get(longest));
    assertEquals(Bytes.EMPTY, tree.get(A));
    Bytes tooLong = Bytes.wrap(new byte[StateTree.MAX_KEY_BYTES + 1]);
    Bytes tooLarge = Bytes.wrap(new byte[StateTree.MAX_VALUE_BYTES + 1]);
    assertThrows(IllegalArgumentException.class, () -> tree.get(tooLong));
    assertThrows(IllegalArgumentException.class, () -> tree.put(tooLong, A));
    assertThrows(IllegalArgumentException.class, () -> tree.remove(tooLong));
    assertThrows(IllegalArgumentException.class, () -> tree.put(A, tooLarge));
    assertThrows(IllegalArgumentException.class, () -> tree.get(Bytes.EMPTY));
    assertThrows(IllegalArgumentException.class, () -> tree.scan(A, B, -1));
  }

  /** The deepest tree there is: every critical position on one path. */
  @Test
  void theDeepestPathWorksOnASmallStack() throws Exception {
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                StateTree tree = Deep.tree();
                assertEquals(KeyBits.MAX_POSITION + 1, tree.size());
                Hash root = tree.root();
                assertEquals(Bytes.EMPTY, tree.get(Deep.SPINE));
                StateTree emptied = tree;
                for (KeyValue binding : tree.scan(Bytes.EMPTY, null, 2000)) {
                  emptied = emptied.remove(binding.key());
                }
                assertEquals(StateTree.EMPTY_ROOT, emptied.root());
                assertEquals(root, tree.root());
              } catch (Throwable t) {
                failure[0] = t;
              }
            },
            "small stack",
            512 << 10);
    thread.start();
    thread.join();
    assertNull(failure[0], () -> String.valueOf(failure[0]));
  }

  @Test
  void threadsMayShareTheHashing() throws Exception {
    Hash expected = Population.of(3_000).root();
    StateTree shared = Population.of(3_000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<Hash> root :
          threads.invokeAll(Collections.<Callable<Hash>>nCopies(16, shared::root))) {
        assertEquals(expected, root.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void keysThatDifferOnlyInTrailingZerosAreDifferentKeys() {
    StateTree tree = StateTree.EMPTY;
    for (int length = 1; length <= StateTree.MAX_KEY_BYTES; length++) {
      tree = tree.put(Bytes.wrap(new byte[length]), Bytes.of((byte) length));
    }
    assertEquals(StateTree.MAX_KEY_BYTES, tree.size());
    for (int length = 1; length <= StateTree.MAX_KEY_BYTES; length++) {
      assertEquals(Bytes.of((byte) length), tree.get(Bytes.wrap(new byte[length])));
    }
    assertNotEquals(tree.root(), tree.remove(Bytes.wrap(new byte[7])).root());
  }
}
