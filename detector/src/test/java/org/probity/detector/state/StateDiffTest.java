package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;

/** The difference of two trees, in key order, without looking at what they share. */
class StateDiffTest {
  /** One change; no value means a removal. */
  private record Change(Bytes key, Bytes value) {}

  private static final class Changes implements StateDiff.Sink {
    final List<Change> list = new ArrayList<>();

    @Override
    public void put(Bytes key, Bytes value) {
      list.add(new Change(key, value));
    }

    @Override
    public void remove(Bytes key) {
      list.add(new Change(key, null));
    }
  }

  private static List<Change> diff(StateTree before, StateTree after) {
    Changes changes = new Changes();
    StateDiff.between(before, after, changes);
    return changes.list;
  }

  private static List<Change> expected(
      NavigableMap<Bytes, Bytes> before, NavigableMap<Bytes, Bytes> after) {
    List<Change> changes = new ArrayList<>();
    TreeSet<Bytes> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (Bytes key : keys) {
      Bytes value = after.get(key);
      if (value == null || !value.equals(before.get(key))) {
        changes.add(new Change(key, value));
      }
    }
    return changes;
  }

  @Test
  void derivedTreesDifferByWhatChanged() {
    Seeded.run(
        300,
        random -> {
          NavigableMap<Bytes, Bytes> model = Keys.hostileMap(random, random.nextInt(80));
          StateTree before = Keys.tree(model.entrySet());
          NavigableMap<Bytes, Bytes> changed = new TreeMap<>(model);
          StateTree after = before;
          for (int i = random.nextInt(12); i > 0; i--) {
            Bytes key = Keys.hostile(random);
            if (random.nextBoolean()) {
              changed.remove(key);
              after = after.remove(key);
            } else {
              changed.put(key, Bytes.of((byte) i));
              after = after.put(key, Bytes.of((byte) i));
            }
          }
          assertEquals(expected(model, changed), diff(before, after));
          assertEquals(expected(changed, model), diff(after, before));
        });
  }

  @Test
  void unrelatedTreesDifferToo() {
    Seeded.run(
        200,
        random -> {
          NavigableMap<Bytes, Bytes> first = Keys.hostileMap(random, random.nextInt(40));
          NavigableMap<Bytes, Bytes> second = Keys.hostileMap(random, random.nextInt(40));
          StateTree before = Keys.tree(first.entrySet());
          StateTree after = Keys.tree(second.entrySet());
          if (random.nextBoolean()) {
            before.root();
            after.root();
          }
          assertEquals(expected(first, second), diff(before, after));
        });
  }

  @Test
  void sharedSubtreesAreNotLookedAt() {
    StateTree before = StateTree.EMPTY;
    for (int i = 0; i < 4096; i++) {
      before = before.put(Bytes.of((byte) (i >> 8), (byte) i), Bytes.EMPTY);
    }
    Trace trace = new Trace();
    StateTree after = before.put(Bytes.fromHex("0312"), Bytes.of((byte) 1));
    AccessLog log = new AccessLog(before);
    log.state().get(Bytes.fromHex("0312"));
    // A pruned tree that discloses nothing but the changed path suffices.
    StateTree pruned = log.witness().tree();
    assertEquals(
        diff(before, after), diff(pruned, pruned.put(Bytes.fromHex("0312"), Bytes.of((byte) 1))));
    assertTrue(diff(before, before).isEmpty());
    assertTrue(diff(before, before.traced(trace)).isEmpty());
  }

  /** Two replicas, or a tree and its reloaded snapshot, share no objects but still hashes. */
  @Test
  void subtreesOfEqualHashAreNotLookedAtEither() {
    StateTree before = Population.of(500);
    StateTree after = Population.of(500).put(Population.key(7), Bytes.EMPTY);
    after.root();
    StateTree pruned = StateWitness.ofKeys(before, List.of(Population.key(7))).tree();
    assertEquals(List.of(new Change(Population.key(7), Bytes.EMPTY)), diff(pruned, after));
    StateTree elsewhere = Population.of(500).put(Population.key(8), Bytes.EMPTY);
    elsewhere.root();
    assertThrows(IncompleteWitness.class, () -> diff(pruned, elsewhere));
    assertThrows(IncompleteWitness.class, () -> diff(elsewhere, pruned));
  }
}
