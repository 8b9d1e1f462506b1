package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Iterator;
import java.util.NavigableMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/** A snapshot written in key order and read back is the same tree. */
class StateTreeBuilderTest {
  private static final Bytes A = Bytes.fromHex("41");
  private static final Bytes B = Bytes.fromHex("42");

  @Test
  void aRebuiltSnapshotHasTheSameRoot() {
    Seeded.run(
        200,
        random -> {
          NavigableMap<Bytes, Bytes> model = Keys.hostileMap(random, random.nextInt(80));
          StateTree tree = Keys.tree(model.entrySet());
          StateTreeBuilder builder = new StateTreeBuilder();
          for (Iterator<KeyValue> all = tree.iterator(Bytes.EMPTY); all.hasNext(); ) {
            KeyValue binding = all.next();
            builder.add(binding.key(), binding.value());
          }
          StateTree rebuilt = builder.build();
          assertEquals(tree.root(), rebuilt.root());
          assertEquals(model.size(), rebuilt.size());
          assertEquals(
              Model.scan(model, Bytes.EMPTY, null, 999), rebuilt.scan(Bytes.EMPTY, null, 999));
        });
  }

  @Test
  void theDeepestTreeRebuilds() throws Exception {
    StateTree deep = Deep.tree();
    StateTreeBuilder builder = new StateTreeBuilder();
    for (KeyValue binding : deep.scan(Bytes.EMPTY, null, 2000)) {
      builder.add(binding.key(), binding.value());
    }
    assertEquals(deep.root(), builder.build().root());
  }

  @Test
  void disorderAndOversizeAreRejected() throws Exception {
    assertSame(StateTree.EMPTY, new StateTreeBuilder().build());
    Bytes largest = Bytes.wrap(new byte[StateTree.MAX_VALUE_BYTES]);
    assertEquals(largest, new StateTreeBuilder().add(A, largest).build().get(A));
    assertEquals("state_order", rejection(B, A, A));
    assertEquals("state_order", rejection(A, A, A));
    assertEquals("state_order", rejection(Bytes.fromHex("4100"), A, A));
    assertEquals("state_key_size", rejection(A, Bytes.EMPTY, A));
    assertEquals("state_key_size", rejection(A, Bytes.wrap(new byte[129]), A));
    assertEquals("state_value_size", rejection(A, B, Bytes.wrap(new byte[4097])));
  }

  private static String rejection(Bytes first, Bytes second, Bytes value) throws Exception {
    StateTreeBuilder builder = new StateTreeBuilder().add(first, Bytes.EMPTY);
    return assertThrows(DecodeException.class, () -> builder.add(second, value)).code();
  }
}
