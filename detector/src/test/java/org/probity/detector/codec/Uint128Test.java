package org.probity.detector.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.Seeded;

class Uint128Test {
  private static final BigInteger MAX = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  @Test
  void shouldAgreeWithBigIntegerOnEverything() {
    Seeded.run(
        20_000,
        random -> {
          Uint128 a = any(random);
          Uint128 b = any(random);
          BigInteger bigA = a.toBigInteger();
          BigInteger bigB = b.toBigInteger();
          assertEquals(a, Uint128.of(bigA));
          assertEquals(a.hashCode(), Uint128.of(bigA).hashCode());
          assertEquals(bigA.toString(), a.toString());
          assertEquals(a, Uint128.parse(a.toString()));
          assertEquals(a, Uint128.fromBytes(a.toBytes()));
          assertEquals(bigA, new BigInteger(1, a.toBytes().toArray()));
          assertEquals(Integer.signum(bigA.compareTo(bigB)), Integer.signum(a.compareTo(b)));
          assertEquals(
              Integer.signum(bigA.compareTo(bigB)),
              Integer.signum(a.toBytes().compareTo(b.toBytes())));
          BigInteger sum = bigA.add(bigB);
          assertEquals(sum.compareTo(MAX) > 0, a.addOverflows(b));
          if (sum.compareTo(MAX) > 0) {
            assertThrows(ArithmeticException.class, () -> a.addExact(b));
          } else {
            assertEquals(sum, a.addExact(b).toBigInteger());
          }
          if (bigA.compareTo(bigB) < 0) {
            assertThrows(ArithmeticException.class, () -> a.subtractExact(b));
          } else {
            assertEquals(bigA.subtract(bigB), a.subtractExact(b).toBigInteger());
          }
          assertEquals(bigA.min(bigB), a.min(b).toBigInteger());
          CborReader in = new CborReader(new CborWriter().uint128(a).toBytes());
          assertEquals(a, in.uint128());
          in.end();
        });
  }

  @Test
  void shouldStopAtBothEnds() {
    assertEquals(MAX, Uint128.MAX.toBigInteger());
    assertTrue(Uint128.MAX.addOverflows(Uint128.ONE));
    assertFalse(Uint128.MAX.addOverflows(Uint128.ZERO));
    assertThrows(ArithmeticException.class, () -> Uint128.MAX.addExact(Uint128.ONE));
    assertThrows(ArithmeticException.class, () -> Uint128.ZERO.subtractExact(Uint128.ONE));
    assertThrows(IllegalArgumentException.class, () -> Uint128.of(-1));
    assertThrows(IllegalArgumentException.class, () -> Uint128.of(MAX.add(BigInteger.ONE)));
    assertThrows(IllegalArgumentException.class, () -> Uint128.of(BigInteger.ONE.negate()));
    assertEquals(Uint128.MAX, Uint128.parse(MAX.toString()));
    assertEquals(Long.MAX_VALUE, Uint128.of(Long.MAX_VALUE).longValueExact());
    assertThrows(ArithmeticException.class, () -> Uint128.fromBits(0, -1).longValueExact());
  }

  @Test
  void shouldBeAValue() {
    assertEquals(Uint128.ZERO, Uint128.of(0));
    assertTrue(Uint128.ZERO.isZero());
    assertFalse(Uint128.ONE.isZero());
    assertFalse(Uint128.fromBits(1, 0).isZero());
    assertTrue(Uint128.ZERO.fitsLong());
    assertFalse(Uint128.fromBits(1, 0).fitsLong());
    assertEquals(1, Uint128.fromBits(1, 2).high());
    assertEquals(2, Uint128.fromBits(1, 2).low());
    assertNotEquals(Uint128.fromBits(1, 2), Uint128.fromBits(2, 2));
    assertNotEquals(Uint128.fromBits(1, 2), Uint128.fromBits(1, 1));
    assertNotEquals(Uint128.ONE, (Object) 1L);
    assertNotEquals(Uint128.fromBits(1, 2).hashCode(), Uint128.fromBits(2, 1).hashCode());
    assertEquals(
        Uint128.of(999_999_999_999_999_999L), Uint128.parse("999999999999999999"), "18 digits");
    assertEquals(Uint128.of(Long.MAX_VALUE), Uint128.parse("9223372036854775807"), "19 digits");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "01",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1_000",
        "0x1",
        "\u0661",
        "340282366920938463463374607431768211456",
        "1000000000000000000000000000000000000000",
      })
  void shouldParseOnlyTheOneTextOfANumber(String text) {
    assertThrows(NumberFormatException.class, () -> Uint128.parse(text));
  }

  @Test
  void shouldReadOnlySixteenBytes() {
    for (int length : new int[] {0, 15, 17}) {
      Bytes encoded = new CborWriter().bytes(new byte[length]).toBytes();
      DecodeException e =
          assertThrows(DecodeException.class, () -> new CborReader(encoded).uint128());
      assertEquals("cbor_wrong_length", e.code());
    }
  }

  /** All magnitudes, and runs of ones, where carries happen. */
  private static Uint128 any(SplittableRandom random) {
    BigInteger value = new BigInteger(1, Seeded.bytes(random, 16)).shiftRight(random.nextInt(129));
    if (random.nextInt(3) == 0) {
      value = MAX.subtract(value);
    } else if (random.nextInt(3) == 0) {
      value = MAX.shiftRight(random.nextInt(129));
    }
    return Uint128.of(value);
  }
}
