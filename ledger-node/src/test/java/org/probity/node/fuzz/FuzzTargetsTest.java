package org.probity.node.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.codec.Bytes;

/** Every decoder takes its examples, and refuses everything else that was ever tried on it. */
class FuzzTargetsTest {
  private static final List<Bytes> EXAMPLES = Examples.all();

  static List<FuzzTarget> targets() {
    return FuzzTargets.all();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void takesWhatItIsForAndRefusesTheRest(FuzzTarget target) {
    int taken = 0;
    for (Bytes example : EXAMPLES) {
      taken += target.takes(example) ? 1 : 0;
    }
    assertTrue(taken > 0, "a fuzzer that begins with nothing valid tries nothing");
    assertTrue(taken < EXAMPLES.size(), "it takes anything");
  }

  @ParameterizedTest
  @MethodSource("targets")
  void refusesWhatFuzzersHaveTried(FuzzTarget target) {
    for (Bytes input : Corpus.of(target)) {
      target.takes(input);
    }
  }

  @Test
  void aDecoderThatThrowsOrTakesASecondEncodingIsNoticed() {
    Bytes input = Bytes.of((byte) 7);
    FuzzTarget throwing =
        new FuzzTarget(
            "throwing",
            bytes -> {
              throw new IndexOutOfBoundsException("planted");
            });
    FuzzTarget lax = new FuzzTarget("lax", bytes -> Bytes.EMPTY);

    assertThrows(IndexOutOfBoundsException.class, () -> throwing.takes(input));
    assertThrows(AssertionError.class, () -> lax.takes(input));
  }

  @Test
  void eachDecoderHasANameOfItsOwn() {
    assertEquals(targets().size(), targets().stream().map(FuzzTarget::name).distinct().count());
  }
}
