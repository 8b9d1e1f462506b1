package org.probity.detector.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** SPEC protocol.md §3.2: one shape, one encoding. */
class CoseSign1Test {
  private static final Bytes KID = filled(32, 0x11);
  private static final Bytes NETWORK = filled(32, 0x22);
  private static final Bytes PAYLOAD = Bytes.fromHex("820765736576656e");
  private static final Bytes SIGNATURE = filled(64, 0x33);
  private static final String TYP = "probity/test";
  private static final String HEADER =
      "a4"
          + "0127"
          + "045820"
          + KID.toHex()
          + "106c70726f626974792f74657374"
          + "3a000100005820"
          + NETWORK.toHex();

  @Test
  void shouldEncodeAndDecodeExactly() throws DecodeException {
    CoseSign1 value = CoseSign1.of(KID, TYP, NETWORK, PAYLOAD, SIGNATURE);
    assertEquals(envelope(HEADER), value.encode().toHex());
    CoseSign1 decoded = CoseSign1.decode(value.encode());
    assertEquals(KID, decoded.kid());
    assertEquals(TYP, decoded.typ());
    assertEquals(NETWORK, decoded.networkId());
    assertEquals(PAYLOAD, decoded.unverifiedPayload());
    assertEquals(SIGNATURE, decoded.signature());
    assertEquals(value.encode(), decoded.encode());
    Bytes signed = CoseSign1.toBeSigned(KID, TYP, NETWORK, PAYLOAD);
    assertEquals(signed, decoded.toBeSigned());
    assertEquals(
        "84"
            + "6a5369676e617475726531"
            + "58"
            + Integer.toHexString(HEADER.length() / 2)
            + HEADER
            + "40"
            + "48820765736576656e",
        signed.toHex());
  }

  @Test
  void shouldRejectAnyOtherProtectedHeader() {
    String kid = "045820" + KID.toHex();
    String typ = "106c70726f626974792f74657374";
    String network = "3a000100005820" + NETWORK.toHex();
    assertHeader("cose_bad_header", "a4" + "0126" + kid + typ + network); // ES256
    assertHeader("cose_bad_header", "a4" + "0132" + kid + typ + network); // -19: "Ed25519"
    assertHeader("cose_bad_header", "a4" + kid + "0127" + typ + network); // another order
    assertHeader("cose_bad_header", "a4" + "0127" + kid + network + typ);
    assertHeader("cose_bad_header", "a4" + "0127" + "0127" + typ + network); // twice
    assertHeader(
        "cose_bad_header", "a4" + "0127" + kid + typ + "3a00010001" + network.substring(10));
    assertHeader("cose_bad_header", "a4" + "0127" + kid + "1060" + network); // empty typ
    assertHeader("cbor_wrong_length", "a3" + "0127" + kid + typ);
    assertHeader("cbor_wrong_length", "a5" + "0127" + kid + typ + network + "0300");
    assertHeader("cbor_wrong_length", "a4" + "0127" + "044111" + typ + network);
    assertHeader("cbor_wrong_length", "a4" + "0127" + kid + typ + "3a0001000041ff");
    assertHeader("cbor_not_shortest", "a4" + "0127" + kid + "1810" + typ.substring(2) + network);
    assertHeader("cbor_not_shortest", "b804" + "0127" + kid + typ + network);
    assertHeader("cbor_not_shortest", "a4" + "013807" + kid + typ + network);
    assertHeader("cbor_trailing_bytes", HEADER + "00");
    assertHeader("cbor_truncated", HEADER.substring(0, HEADER.length() - 2));
    assertHeader("cbor_truncated", "");
    assertHeader("cbor_forbidden", "bf" + HEADER.substring(2) + "ff");
    assertHeader("cbor_unexpected_type", "a4" + "0127" + kid + "101864" + network); // uint typ
    assertHeader("cbor_bad_utf8", "a4" + "0127" + kid + "1061ff" + network);
  }

  @Test
  void shouldRejectAnyOtherEnvelope() throws DecodeException {
    String good = envelope(HEADER);
    CoseSign1.decode(Bytes.fromHex(good));
    String protectedHeader = "58" + Integer.toHexString(HEADER.length() / 2) + HEADER;
    String payload = "48820765736576656e";
    String signature = "5840" + SIGNATURE.toHex();
    assertEnvelope("cbor_forbidden", "d2" + good); // tag 18
    assertEnvelope("cbor_trailing_bytes", good + "00");
    assertEnvelope("cbor_wrong_length", "83" + protectedHeader + "a0" + payload);
    assertEnvelope("cbor_wrong_length", "85" + good.substring(2) + "00");
    assertEnvelope("cbor_wrong_length", "84" + protectedHeader + "a10127" + payload + signature);
    assertEnvelope("cbor_unexpected_type", "84" + protectedHeader + "80" + payload + signature);
    assertEnvelope("cbor_forbidden", "84" + protectedHeader + "a0" + "f6" + signature); // detached
    assertEnvelope(
        "cbor_wrong_length",
        "84" + protectedHeader + "a0" + payload + "5841" + SIGNATURE.toHex() + "00");
    assertEnvelope(
        "cbor_wrong_length",
        "84" + protectedHeader + "a0" + payload + "583f" + SIGNATURE.toHex().substring(2));
    assertEnvelope("cbor_truncated", good.substring(0, good.length() - 2));
    assertEnvelope("cbor_truncated", "");
  }

  @Test
  void shouldTakeATypOfSixtyFourBytesAndNoMore() throws DecodeException {
    String longest = "x".repeat(64);
    CoseSign1 value = CoseSign1.of(KID, longest, NETWORK, PAYLOAD, SIGNATURE);
    assertEquals(longest, CoseSign1.decode(value.encode()).typ());
    assertThrows(
        IllegalArgumentException.class,
        () -> CoseSign1.of(KID, "x".repeat(65), NETWORK, PAYLOAD, SIGNATURE));
    assertThrows(
        IllegalArgumentException.class,
        () -> CoseSign1.of(KID, "\u00fc".repeat(33), NETWORK, PAYLOAD, SIGNATURE));
    String header = HEADER.replace("106c70726f626974792f74657374", "107841" + "78".repeat(65));
    assertHeader("cbor_wrong_length", header);
  }

  @Test
  void shouldRefuseToMakeWhatCannotBeDecoded() {
    assertRefused(bytes -> CoseSign1.of(bytes, TYP, NETWORK, PAYLOAD, SIGNATURE));
    assertRefused(bytes -> CoseSign1.of(KID, TYP, bytes, PAYLOAD, SIGNATURE));
    assertRefused(bytes -> CoseSign1.of(KID, TYP, NETWORK, PAYLOAD, bytes));
    assertRefused(bytes -> CoseSign1.of(KID, "", NETWORK, PAYLOAD, SIGNATURE));
  }

  private static void assertRefused(Consumer<Bytes> make) {
    assertThrows(IllegalArgumentException.class, () -> make.accept(filled(31, 1)));
  }

  private static void assertHeader(String code, String header) {
    assertEnvelope(code, envelope(header));
  }

  private static void assertEnvelope(String code, String hex) {
    DecodeException e =
        assertThrows(DecodeException.class, () -> CoseSign1.decode(Bytes.fromHex(hex)));
    assertEquals(code, e.code(), e.getMessage());
  }

  private static String envelope(String header) {
    return "84"
        + new CborWriter().bytes(Bytes.fromHex(header)).toBytes().toHex()
        + "a0"
        + "48820765736576656e"
        + "5840"
        + SIGNATURE.toHex();
  }

  private static Bytes filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return Bytes.wrap(bytes);
  }
}
