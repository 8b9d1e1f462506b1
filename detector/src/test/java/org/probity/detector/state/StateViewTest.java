package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;

/** What programs are handed: the whole state, and the part under a prefix. */
class StateViewTest {
  private static final Bytes A = Bytes.fromHex("41");
  private static final Bytes B = Bytes.fromHex("42");
  private static final Bytes LAST = Bytes.fromHex("ffff");

  private final WorkingState state = new WorkingState(StateTree.EMPTY);
  private final StateView system = PrefixedView.system(state);
  private final StateView application = PrefixedView.application(state);

  @Test
  void rollingBackRestoresTheVeryTree() {
    state.put(A, B);
    StateTree savepoint = state.tree();
    state.put(A, A);
    state.put(B, A);
    state.remove(A);
    state.rollbackTo(savepoint);
    assertSame(savepoint, state.tree());
    assertEquals(B, state.get(A));
    assertNull(state.get(B));
    assertEquals(StateTree.EMPTY.put(A, B).root(), state.root());
  }

  @Test
  void prefixesKeepTwoPartsApart() {
    system.put(A, Bytes.utf8("system"));
    application.put(A, Bytes.utf8("application"));
    application.put(LAST, B);
    state.put(Bytes.fromHex("0241"), B);
    assertEquals(Bytes.utf8("system"), system.get(A));
    assertEquals(Bytes.utf8("application"), application.get(A));
    assertEquals(Bytes.utf8("application"), state.get(Bytes.fromHex("0141")));
    assertEquals(
        List.of(new KeyValue(A, Bytes.utf8("system"))), system.scan(Bytes.EMPTY, null, 10));
    assertEquals(
        List.of(new KeyValue(A, Bytes.utf8("application")), new KeyValue(LAST, B)),
        application.scan(Bytes.EMPTY, null, 10));
    assertEquals(List.of(new KeyValue(LAST, B)), application.scan(B, null, 10));
    assertEquals(1, application.scan(Bytes.EMPTY, B, 10).size());
    assertEquals(1, application.scan(Bytes.EMPTY, null, 1).size());
    system.remove(A);
    assertNull(system.get(A));
    assertEquals(Bytes.utf8("application"), application.get(A));
  }

  @Nested
  class WorkingStateContract extends StateViewContract {
    @Override
    protected StateView empty() {
      return new WorkingState(StateTree.EMPTY);
    }

    @Override
    protected int maxKeyBytes() {
      return StateTree.MAX_KEY_BYTES;
    }
  }

  @Nested
  class RecordedStateContract extends StateViewContract {
    @Override
    protected StateView empty() {
      return new AccessLog(StateTree.EMPTY).state();
    }

    @Override
    protected int maxKeyBytes() {
      return StateTree.MAX_KEY_BYTES;
    }
  }

  @Nested
  class PrefixedViewContract extends StateViewContract {
    @Override
    protected StateView empty() {
      WorkingState whole = new WorkingState(StateTree.EMPTY);
      // Neighbours on both sides that must never show.
      PrefixedView.system(whole).put(LAST, A);
      whole.put(Bytes.fromHex("02"), A);
      return PrefixedView.application(whole);
    }

    @Override
    protected int maxKeyBytes() {
      return PrefixedView.MAX_KEY_BYTES;
    }
  }
}
