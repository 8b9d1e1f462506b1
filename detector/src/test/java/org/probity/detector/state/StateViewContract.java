package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;

/** What every {@link StateView} owes a program; extend it for each implementation. */
public abstract class StateViewContract {
  private static final Bytes KEY = Bytes.utf8("key");

  /** A fresh and empty one. */
  protected abstract StateView empty();

  /** The longest key it takes. */
  protected abstract int maxKeyBytes();

  @Test
  void behavesLikeASortedMap() {
    Seeded.run(
        40,
        random -> {
          StateView view = empty();
          NavigableMap<Bytes, Bytes> model = new TreeMap<>();
          for (int i = 0; i < 100; i++) {
            Bytes key = Keys.hostile(random);
            key = key.slice(0, Math.min(key.size(), maxKeyBytes()));
            if (random.nextInt(3) == 0) {
              view.remove(key);
              model.remove(key);
            } else if (random.nextInt(12) == 0) {
              Bytes end = random.nextInt(4) == 0 ? null : Keys.hostile(random);
              view.removeRange(key, end);
              Model.removeRange(model, key, end);
            } else {
              Bytes value = Keys.value(random);
              view.put(key, value);
              model.put(key, value);
            }
            Bytes from = random.nextInt(6) == 0 ? Bytes.EMPTY : Keys.hostile(random);
            Bytes to = random.nextInt(6) == 0 ? null : Keys.hostile(random);
            assertEquals(model.get(key), view.get(key));
            assertEquals(Model.scan(model, from, to, 5), view.scan(from, to, 5));
          }
        });
  }

  @Test
  void anEmptyValueIsNotAnAbsentOne() {
    StateView view = empty();
    assertNull(view.get(KEY));
    view.put(KEY, Bytes.EMPTY);
    assertEquals(Bytes.EMPTY, view.get(KEY));
    assertEquals(List.of(new KeyValue(KEY, Bytes.EMPTY)), view.scan(Bytes.EMPTY, null, 2));
    view.remove(KEY);
    assertNull(view.get(KEY));
    view.remove(KEY);
  }

  @Test
  void keepsItsLimits() {
    StateView view = empty();
    Bytes longest = Bytes.wrap(new byte[maxKeyBytes()]);
    Bytes largest = Bytes.wrap(new byte[StateTree.MAX_VALUE_BYTES]);
    view.put(longest, largest);
    assertEquals(largest, view.get(longest));
    Bytes tooLong = Bytes.wrap(new byte[maxKeyBytes() + 1]);
    Bytes tooLarge = Bytes.wrap(new byte[StateTree.MAX_VALUE_BYTES + 1]);
    for (Bytes wrong : List.of(Bytes.EMPTY, tooLong)) {
      assertThrows(IllegalArgumentException.class, () -> view.get(wrong));
      assertThrows(IllegalArgumentException.class, () -> view.put(wrong, KEY));
      assertThrows(IllegalArgumentException.class, () -> view.remove(wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> view.put(KEY, tooLarge));
    assertThrows(IllegalArgumentException.class, () -> view.scan(KEY, null, -1));
    assertEquals(List.of(), view.scan(KEY, null, 0));
    assertEquals(List.of(), view.scan(KEY, null, StateView.MAX_SCAN_LIMIT));
    assertThrows(
        IllegalArgumentException.class, () -> view.scan(KEY, null, StateView.MAX_SCAN_LIMIT + 1));
  }
}
