package org.probity.detector.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void shouldBeAValue() {
    Bytes bytes = Bytes.fromHex("00ff10");
    assertEquals(bytes, Bytes.of((byte) 0, (byte) 0xFF, (byte) 0x10));
    assertEquals(bytes.hashCode(), Bytes.wrap(bytes.toArray()).hashCode());
    assertNotEquals(bytes, Bytes.fromHex("00ff11"));
    assertNotEquals(bytes, (Object) "00ff10");
    assertNotEquals(bytes.hashCode(), Bytes.fromHex("00ff11").hashCode());
    assertEquals("00ff10", bytes.toString());
    assertEquals(3, bytes.size());
    assertEquals((byte) 0xFF, bytes.at(1));
    assertEquals("c3bc", Bytes.utf8("\u00fc").toHex());
    assertThrows(IllegalArgumentException.class, () -> Bytes.fromHex("0"));
    assertThrows(IllegalArgumentException.class, () -> Bytes.fromHex("0g"));
  }

  @Test
  void shouldNotChangeWithTheArrayItWasMadeOf() {
    byte[] array = {1, 2};
    Bytes bytes = Bytes.of(array);
    array[0] = 9;
    bytes.toArray()[1] = 9;
    assertEquals("0102", bytes.toHex());
    assertSame(Bytes.EMPTY, Bytes.of());
    assertTrue(Bytes.EMPTY.isEmpty());
    assertFalse(bytes.isEmpty());
  }

  @Test
  void shouldOrderUnsignedAndPrefixesFirst() {
    assertTrue(Bytes.fromHex("7f").compareTo(Bytes.fromHex("80")) < 0);
    assertTrue(Bytes.fromHex("80").compareTo(Bytes.fromHex("8000")) < 0);
    assertTrue(Bytes.fromHex("8001").compareTo(Bytes.fromHex("8000")) > 0);
    assertEquals(0, Bytes.EMPTY.compareTo(Bytes.fromHex("")));
  }

  @Test
  void shouldSlice() {
    Bytes bytes = Bytes.fromHex("00112233");
    assertEquals("1122", bytes.slice(1, 3).toHex());
    assertTrue(bytes.slice(2, 2).isEmpty());
    assertTrue(bytes.startsWith(Bytes.EMPTY));
    assertTrue(bytes.startsWith(bytes));
    assertTrue(bytes.startsWith(Bytes.fromHex("0011")));
    assertFalse(bytes.startsWith(Bytes.fromHex("0012")));
    assertFalse(bytes.startsWith(Bytes.fromHex("0011223344")));
  }
}
