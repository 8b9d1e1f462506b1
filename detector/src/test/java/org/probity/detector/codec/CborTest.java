package org.probity.detector.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.Seeded;

/** SPEC protocol.md §3.1. */
class CborTest {
  /** RFC 8949 appendix A, the rows of our five types. */
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "10, 0a",
    "23, 17",
    "24, 1818",
    "25, 1819",
    "100, 1864",
    "255, 18ff",
    "256, 190100",
    "1000, 1903e8",
    "65535, 19ffff",
    "65536, 1a00010000",
    "1000000, 1a000f4240",
    "4294967295, 1affffffff",
    "4294967296, 1b0000000100000000",
    "1000000000000, 1b000000e8d4a51000",
    "9223372036854775807, 1b7fffffffffffffff",
    "-1, 20",
    "-10, 29",
    "-24, 37",
    "-25, 3818",
    "-100, 3863",
    "-1000, 3903e7",
    "-65537, 3a00010000",
    "-9223372036854775808, 3b7fffffffffffffff",
  })
  void shouldEncodeIntegersAsTheRfcDoes(long value, String hex) throws DecodeException {
    assertEquals(hex, new CborWriter().integer(value).toBytes().toHex());
    CborReader in = reader(hex);
    assertEquals(value, in.integer());
    in.end();
    if (value >= 0) {
      assertEquals(hex, new CborWriter().uint(value).toBytes().toHex());
      assertEquals(value, reader(hex).uint());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 60",
    "a, 6161",
    "IETF, 6449455446",
    "'\"\\', 62225c",
    "\u00fc, 62c3bc",
    "\u6c34, 63e6b0b4",
    "\ud800\udd51, 64f0908591",
  })
  void shouldEncodeTextAsTheRfcDoes(String value, String hex) throws DecodeException {
    assertEquals(hex, new CborWriter().text(value).toBytes().toHex());
    CborReader in = reader(hex);
    assertEquals(value, in.text(100));
    in.end();
  }

  @Test
  void shouldEncodeByteStringsAndArraysAsTheRfcDoes() throws DecodeException {
    assertEquals("40", new CborWriter().bytes(Bytes.EMPTY).toBytes().toHex());
    assertEquals("4401020304", new CborWriter().bytes(new byte[] {1, 2, 3, 4}).toBytes().toHex());
    assertEquals("80", new CborWriter().array(0).toBytes().toHex());
    CborWriter nested = new CborWriter().array(3).uint(1);
    nested.array(2).uint(2).uint(3).array(2).uint(4).uint(5);
    assertEquals("8301820203820405", nested.toBytes().toHex());
    CborWriter long25 = new CborWriter().array(25);
    for (int i = 1; i <= 25; i++) {
      long25.uint(i);
    }
    assertEquals(
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819", long25.toBytes().toHex());
  }

  @Test
  void shouldReadTheExampleOfThePackageDoc() throws DecodeException {
    Bytes encoded =
        new CborWriter()
            .array(4)
            .uint(7)
            .integer(-8)
            .bytes(Bytes.fromHex("c0ffee"))
            .text("\u00fc")
            .toBytes();
    assertEquals("84072743c0ffee62c3bc", encoded.toHex());
    CborReader in = new CborReader(encoded);
    in.arrayHeader(4);
    assertEquals(7, in.uint());
    assertEquals(-8, in.integer());
    assertEquals("c0ffee", in.bytes(3).toHex());
    assertEquals("\u00fc", in.text(2));
    in.end();
  }

  @ParameterizedTest
  @CsvSource({
    // not the shortest head
    "1800, cbor_not_shortest",
    "1817, cbor_not_shortest",
    "190017, cbor_not_shortest",
    "1900ff, cbor_not_shortest",
    "1a0000ffff, cbor_not_shortest",
    "1b00000000ffffffff, cbor_not_shortest",
    "3817, cbor_not_shortest",
    "5803010203, cbor_not_shortest",
    "7800, cbor_not_shortest",
    "9800, cbor_not_shortest",
    "9a00000000, cbor_not_shortest",
    // truncated heads and bodies
    "'', cbor_truncated",
    "18, cbor_truncated",
    "19ff, cbor_truncated",
    "1affffff, cbor_truncated",
    "1bffffffffffffff, cbor_truncated",
    "41, cbor_truncated",
    "61, cbor_truncated",
    "5affffffff00, cbor_truncated",
    "5bffffffffffffffff010203, cbor_truncated",
    "7bffffffffffffffff010203, cbor_truncated",
    "7b7fffffffffffffff010203, cbor_truncated",
    "81, cbor_truncated",
    "828100, cbor_truncated",
    "9b7fffffffffffffff00, cbor_truncated",
    "9bffffffffffffffff00, cbor_truncated",
    "9affffffff00, cbor_truncated",
    // types that do not exist here: maps, tags, simple values, floats, break, indefinite, reserved
    "a0, cbor_forbidden",
    "a10102, cbor_forbidden",
    "c074323031332d30332d32315432303a30343a30305a, cbor_forbidden",
    "d28440a04040, cbor_forbidden",
    "f4, cbor_forbidden",
    "f5, cbor_forbidden",
    "f6, cbor_forbidden",
    "f7, cbor_forbidden",
    "f0, cbor_forbidden",
    "f8ff, cbor_forbidden",
    "f90000, cbor_forbidden",
    "fa47c35000, cbor_forbidden",
    "fb3ff199999999999a, cbor_forbidden",
    "ff, cbor_forbidden",
    "5f42010243030405ff, cbor_forbidden",
    "7f657374726561646d696e67ff, cbor_forbidden",
    "9fff, cbor_forbidden",
    "bfff, cbor_forbidden",
    "1c, cbor_forbidden",
    "1d, cbor_forbidden",
    "1e, cbor_forbidden",
    "1f, cbor_forbidden",
    "3f, cbor_forbidden",
    "5c, cbor_forbidden",
    "8201f6, cbor_forbidden",
    // UTF-8: lone continuation, overlong, surrogate, above U+10FFFF, cut off
    "6180, cbor_bad_utf8",
    "62c080, cbor_bad_utf8",
    "63eda080, cbor_bad_utf8",
    "66eda080edb080, cbor_bad_utf8",
    "64f4908080, cbor_bad_utf8",
    "62e6b0, cbor_bad_utf8",
    "61ff, cbor_bad_utf8",
  })
  void shouldRejectMalformedItems(String hex, String code) {
    DecodeException e = assertThrows(DecodeException.class, () -> reader(hex).rawItem());
    assertEquals(code, e.code(), e.getMessage());
    assertTrue(e.getMessage().contains("at byte "), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "1bffffffffffffffff", "3bffffffffffffffff", "8301820203820405"})
  void shouldTakeAnyValidItemRaw(String hex) throws DecodeException {
    CborReader in = reader(hex + "00");
    assertEquals(hex, in.rawItem().toHex());
    assertThrows(DecodeException.class, in::end);
    assertEquals(0, in.uint());
    in.end();
  }

  @Test
  void shouldBoundTheDepthOfRawItems() throws DecodeException {
    String deepest = "81".repeat(CborReader.MAX_DEPTH) + "00";
    assertEquals(deepest, reader(deepest).rawItem().toHex());
    assertCode("cbor_too_deep", () -> reader("81" + deepest).rawItem());
    assertCode("cbor_too_deep", () -> reader("81".repeat(100_000) + "00").skip());
  }

  @Test
  void unsignedLongsHaveAll64Bits() throws DecodeException {
    for (String hex :
        List.of(
            "00", "17", "1818", "1b7fffffffffffffff", "1b8000000000000000", "1bffffffffffffffff")) {
      long bits = reader(hex).unsignedLong();
      assertEquals(hex, new CborWriter().unsignedLong(bits).toBytes().toHex());
    }
    assertEquals(-1, reader("1bffffffffffffffff").unsignedLong());
    assertCode("cbor_unexpected_type", () -> reader("20").unsignedLong());
    assertCode("cbor_forbidden", () -> reader("c249010000000000000000").unsignedLong());
  }

  @Test
  void shouldRefuseIntegersOfSixtyFiveBitsAndUnsignedOnesAboveLongMax() {
    assertCode("cbor_out_of_range", () -> reader("1b8000000000000000").uint());
    assertCode("cbor_out_of_range", () -> reader("1bffffffffffffffff").integer());
    assertCode("cbor_out_of_range", () -> reader("3b8000000000000000").integer());
  }

  @Test
  void shouldRefuseWhatIsOneAboveALimit() throws DecodeException {
    assertEquals(7, reader("07").uintMax(7));
    assertCode("cbor_out_of_range", () -> reader("08").uintMax(7));
    assertEquals(7, reader("07").uintMaxInt(7));
    assertTrue(reader("01").flag());
    assertFalse(reader("00").flag());
    assertCode("cbor_out_of_range", () -> reader("02").flag());
    assertEquals(2, reader("42ffff").bytesUpTo(2).size());
    assertCode("cbor_wrong_length", () -> reader("43ffffff").bytesUpTo(2));
    assertCode("cbor_wrong_length", () -> reader("43ffffff").bytes(2));
    assertCode("cbor_wrong_length", () -> reader("41ff").bytes(2));
    assertCode("cbor_wrong_length", () -> reader("43ffffff").skipBytes(2));
    assertCode("cbor_truncated", () -> reader("42ff").skipBytes(2));
    assertCode("cbor_unexpected_type", () -> reader("62ffff").skipBytes(2));
    assertEquals("\u00fc", reader("62c3bc").text(2));
    assertCode("cbor_wrong_length", () -> reader("62c3bc").text(1));
    assertEquals(1, reader("8100").arrayHeaderUpTo(1));
    assertEquals(0, reader("80").arrayHeaderUpTo(0));
    assertCode("cbor_wrong_length", () -> reader("820000").arrayHeaderUpTo(1));
    assertCode("cbor_wrong_length", () -> reader("820000").arrayHeader(1));
    assertCode("cbor_truncated", () -> reader("82").arrayHeader(2));
    assertCode("cbor_truncated", () -> reader("9affffffff").arrayHeader());
  }

  @Test
  void shouldRefuseAnotherTypeThanTheExpectedOne() {
    assertCode("cbor_unexpected_type", () -> reader("20").uint());
    assertCode("cbor_unexpected_type", () -> reader("40").uint());
    assertCode("cbor_unexpected_type", () -> reader("60").bytes());
    assertCode("cbor_unexpected_type", () -> reader("40").text(9));
    assertCode("cbor_unexpected_type", () -> reader("a0").arrayHeader());
    assertCode("cbor_unexpected_type", () -> reader("40").integer());
    DecodeException e =
        assertThrows(
            DecodeException.class,
            () -> {
              CborReader in = reader("8240f6");
              in.arrayHeader(2);
              in.bytes();
              in.uint();
            });
    assertEquals(
        "expected unsigned integer at byte 2, found a float or simple value", e.getMessage());
  }

  @Test
  void shouldTellTheTypeOfTheNextItem() throws DecodeException {
    CborReader in = reader("8300404060".substring(0, 8) + "60");
    assertTrue(in.nextIsArray());
    in.arrayHeader();
    assertTrue(in.nextIsUint());
    in.skip();
    assertTrue(in.nextIsBytes());
    in.skip();
    in.skipBytes(0);
    assertTrue(in.nextIsText());
    in.skip();
    assertTrue(in.atEnd());
    assertFalse(in.nextIsText() || in.nextIsArray() || in.nextIsBytes() || in.nextIsUint());
  }

  @Test
  void shouldRefuseToWriteWhatCannotBeRead() {
    assertThrows(IllegalArgumentException.class, () -> new CborWriter().uint(-1));
    assertThrows(IllegalArgumentException.class, () -> new CborWriter().array(-1));
    assertThrows(IllegalArgumentException.class, () -> new CborWriter().text("a\ud800"));
    assertThrows(IllegalArgumentException.class, () -> new CborWriter().text("\udc00\ud800"));
  }

  @Test
  void shouldGrowAtEverySize() throws DecodeException {
    for (int capacity = 0; capacity < 40; capacity++) {
      CborWriter out = new CborWriter(capacity).array(5);
      out.uint128(Uint128.MAX).flag(true).text("\u00fc").rawItem(Bytes.fromHex("40"));
      out.bytes(new byte[] {1, 2, 3}, 1, 2);
      CborReader in = new CborReader(out.toBytes());
      in.arrayHeader(5);
      assertEquals(1, in.position());
      assertEquals(Uint128.MAX, in.uint128());
      assertTrue(in.flag());
      assertEquals("\u00fc", in.text(2));
      assertEquals(Bytes.EMPTY, in.bytes());
      assertFalse(in.atEnd());
      assertEquals("0203", in.bytes().toHex());
      assertTrue(in.atEnd());
    }
    assertEquals("00", new CborWriter().flag(false).toBytes().toHex());
  }

  @Test
  void shouldSayWhatIsWrong() {
    assertMessage("expected end of input at byte 1, found 2 more bytes", "400102");
    assertMessage(
        "expected byte string at byte 0, found byte string of 5 with 1 bytes left", "4501");
    assertMessage("expected byte string at byte 0, found a text string", "6161");
    assertMessage("expected byte string at byte 0, found an array", "80");
    assertMessage("expected byte string at byte 0, found a map", "a0");
    assertMessage("expected byte string at byte 0, found an unsigned integer", "00");
    assertMessage("expected byte string at byte 0, found a negative integer", "20");
    assertMessage("expected byte string at byte 0, found a tag", "c0");
    assertMessage("expected byte string at byte 0, found a float or simple value", "f4");
    assertMessage("expected byte string at byte 0, found an indefinite length", "5fff");
    assertMessage("expected byte string at byte 0, found a reserved head", "5c");
    assertMessage("expected byte string at byte 0, found end of input", "");
  }

  private static void assertMessage(String message, String hex) {
    DecodeException e =
        assertThrows(
            DecodeException.class,
            () -> {
              CborReader in = reader(hex);
              in.bytes();
              in.end();
            });
    assertEquals(message, e.getMessage());
  }

  @Test
  void shouldGrowAndBeReusable() {
    CborWriter writer = new CborWriter(0);
    byte[] large = new byte[100_000];
    assertEquals(100_005, writer.bytes(large).size());
    assertEquals("01", writer.reset().uint(1).toBytes().toHex());
  }

  @Test
  void shouldReadBackWhateverItWrites() {
    Seeded.run(
        2_000,
        random -> {
          CborWriter out = new CborWriter();
          writeRandom(random, out, 4);
          Bytes encoded = out.toBytes();
          CborReader in = new CborReader(encoded);
          CborWriter again = new CborWriter();
          copy(in, again);
          in.end();
          assertEquals(encoded, again.toBytes());
          assertEquals(encoded, new CborReader(encoded).rawItem());
        });
  }

  /** Whatever random bytes the reader accepts, they re-encode to themselves. */
  @Test
  void shouldAcceptOnlyWhatReEncodesToTheSameBytes() {
    int[] accepted = new int[1];
    Seeded.run(
        20_000,
        random -> {
          CborWriter out = new CborWriter();
          writeRandom(random, out, 3);
          byte[] damaged = out.toByteArray();
          int flips = 1 + random.nextInt(3);
          for (int i = 0; i < flips; i++) {
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
          }
          CborWriter again = new CborWriter();
          try {
            CborReader in = new CborReader(damaged);
            copy(in, again);
            in.end();
          } catch (DecodeException rejected) {
            return;
          }
          accepted[0]++;
          assertEquals(Bytes.wrap(damaged), again.toBytes());
        });
    assertTrue(accepted[0] > 100, "the damage should leave some items valid: " + accepted[0]);
  }

  private static void writeRandom(SplittableRandom random, CborWriter out, int depth) {
    switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> out.uint(Seeded.magnitude(random));
      case 1 -> out.integer(-1 - Seeded.magnitude(random));
      case 2 -> out.bytes(Seeded.bytesUpTo(random, 300));
      case 3 -> out.text("x".repeat(random.nextInt(30)));
      case 4 -> out.text(new String(Character.toChars(0x80 + random.nextInt(0xD000))));
      default -> {
        int count = random.nextInt(5);
        out.array(count);
        for (int i = 0; i < count; i++) {
          writeRandom(random, out, depth - 1);
        }
      }
    }
  }

  private static void copy(CborReader in, CborWriter out) throws DecodeException {
    if (in.nextIsArray()) {
      int count = in.arrayHeader();
      out.array(count);
      for (int i = 0; i < count; i++) {
        copy(in, out);
      }
    } else if (in.nextIsBytes()) {
      out.bytes(in.bytes());
    } else if (in.nextIsText()) {
      out.text(in.text(Integer.MAX_VALUE));
    } else {
      out.integer(in.integer());
    }
  }

  private static void assertCode(String code, Executable call) {
    DecodeException e = assertThrows(DecodeException.class, call);
    assertEquals(code, e.code(), e.getMessage());
  }

  private static CborReader reader(String hex) {
    return new CborReader(Bytes.fromHex(hex));
  }
}
