package org.probity.detector.codec;

/**
 * One signature over one payload: an untagged COSE_Sign1 (RFC 9052 §4.2) of exactly one shape, so
 * that a value has one encoding.
 *
 * <pre>
 * COSE_Sign1       = [protected: bstr .cbor Protected, unprotected: {}, payload: bstr, signature: bstr .size 64]
 * Protected        = {1: -8, 4: kid, 16: typ, -65537: network-id}
 * kid              = bstr .size 32   ; the Ed25519 public key itself
 * typ              = tstr            ; 1..64 bytes, RFC 9596, e.g. "probity/transaction"
 * network-id       = bstr .size 32   ; SHA-256 of the genesis document
 * Sig_structure    = ["Signature1", protected: bstr, external_aad: h'', payload: bstr]
 * </pre>
 *
 * <p>SPEC protocol.md §3.2. The header says under which key, as what and in which consortium the
 * payload was signed, and all of it is under the signature: a statement cannot be replayed as
 * another type or in another network. {@code alg} is EdDSA (-8), as RFC 9053 calls it.
 *
 * <p>This class knows nothing of keys: whether the signature holds is decided in {@code crypto}.
 * Until then the payload is a stranger's claim, hence the name of its accessor. Immutable.
 */
public final class CoseSign1 {
  public static final int SIGNATURE_BYTES = 64;
  public static final int KID_BYTES = 32;
  public static final int NETWORK_ID_BYTES = 32;
  public static final int MAX_TYP_BYTES = 64;

  private static final int LABEL_ALG = 1;
  private static final int LABEL_KID = 4;
  private static final int LABEL_TYP = 16;
  private static final int LABEL_NETWORK_ID = -65537;
  private static final int ALG_EDDSA = -8;
  private static final int PROTECTED_FIELDS = 4;

  /** Everything in a protected header but the typ's bytes, rounded up. */
  private static final int MAX_PROTECTED_BYTES = 96 + MAX_TYP_BYTES;

  private final Bytes protectedHeader;
  private final Bytes kid;
  private final String typ;
  private final Bytes networkId;
  private final Bytes payload;
  private final Bytes signature;

  private CoseSign1(
      Bytes protectedHeader,
      Bytes kid,
      String typ,
      Bytes networkId,
      Bytes payload,
      Bytes signature) {
    this.protectedHeader = protectedHeader;
    this.kid = kid;
    this.typ = typ;
    this.networkId = networkId;
    this.payload = payload;
    this.signature = signature;
  }

  /**
   * Puts a signature over {@link #toBeSigned} into its envelope. Throws IllegalArgumentException on
   * a wrong length.
   */
  public static CoseSign1 of(
      Bytes kid, String typ, Bytes networkId, Bytes payload, Bytes signature) {
    requireSize("signature", signature, SIGNATURE_BYTES);
    return new CoseSign1(
        protectedHeader(kid, typ, networkId), kid, typ, networkId, payload, signature);
  }

  /**
   * Decodes the only accepted form; the failure codes are those of {@link CborReader} and {@code
   * cose_bad_header}. Copies the payload once.
   */
  public static CoseSign1 decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(4);
    Bytes protectedHeader = in.bytesUpTo(MAX_PROTECTED_BYTES);
    in.mapHeader(0);
    Bytes payload = in.bytes();
    Bytes signature = in.bytes(SIGNATURE_BYTES);
    in.end();

    CborReader header = new CborReader(protectedHeader);
    header.mapHeader(PROTECTED_FIELDS);
    requireInteger(header, LABEL_ALG, "label of alg");
    requireInteger(header, ALG_EDDSA, "alg EdDSA");
    requireInteger(header, LABEL_KID, "label of kid");
    Bytes kid = header.bytes(KID_BYTES);
    requireInteger(header, LABEL_TYP, "label of typ");
    String typ = header.text(MAX_TYP_BYTES);
    if (typ.isEmpty()) {
      throw new DecodeException("cose_bad_header", "the typ of a COSE_Sign1 is empty");
    }
    requireInteger(header, LABEL_NETWORK_ID, "label of network id");
    Bytes networkId = header.bytes(NETWORK_ID_BYTES);
    header.end();
    return new CoseSign1(protectedHeader, kid, typ, networkId, payload, signature);
  }

  /** The Sig_structure: the bytes that are signed and verified. */
  public static Bytes toBeSigned(Bytes kid, String typ, Bytes networkId, Bytes payload) {
    return sigStructure(protectedHeader(kid, typ, networkId), payload);
  }

  /** The Sig_structure of this value. */
  public Bytes toBeSigned() {
    return sigStructure(protectedHeader, payload);
  }

  public Bytes encode() {
    int capacity = protectedHeader.size() + payload.size() + SIGNATURE_BYTES + 32;
    return new CborWriter(capacity)
        .array(4)
        .bytes(protectedHeader)
        .map(0)
        .bytes(payload)
        .bytes(signature)
        .toBytes();
  }

  /** The key the signature claims to be made with: 32 bytes, not validated here. */
  public Bytes kid() {
    return kid;
  }

  /** What kind of statement this claims to be. */
  public String typ() {
    return typ;
  }

  /** The consortium this claims to be meant for. */
  public Bytes networkId() {
    return networkId;
  }

  /** The payload, which nobody may act on before the signature has been verified. */
  public Bytes unverifiedPayload() {
    return payload;
  }

  /** 64 bytes. Never an identity: use the statement's id. */
  public Bytes signature() {
    return signature;
  }

  private static Bytes protectedHeader(Bytes kid, String typ, Bytes networkId) {
    requireSize("kid", kid, KID_BYTES);
    requireSize("network id", networkId, NETWORK_ID_BYTES);
    // RFC 8949 §4.2.1: keys in the bytewise order of their encodings: 01, 04, 10, 3a00010000.
    Bytes header =
        new CborWriter(MAX_PROTECTED_BYTES)
            .map(PROTECTED_FIELDS)
            .uint(LABEL_ALG)
            .integer(ALG_EDDSA)
            .uint(LABEL_KID)
            .bytes(kid)
            .uint(LABEL_TYP)
            .text(typ)
            .integer(LABEL_NETWORK_ID)
            .bytes(networkId)
            .toBytes();
    int typBytes = Bytes.utf8(typ).size();
    if (typBytes == 0 || typBytes > MAX_TYP_BYTES) {
      throw new IllegalArgumentException("a typ has 1 to 64 bytes: " + typ);
    }
    return header;
  }

  private static Bytes sigStructure(Bytes protectedHeader, Bytes payload) {
    return new CborWriter(protectedHeader.size() + payload.size() + 32)
        .array(4)
        .text("Signature1")
        .bytes(protectedHeader)
        .bytes(Bytes.EMPTY)
        .bytes(payload)
        .toBytes();
  }

  private static void requireInteger(CborReader in, long expected, String what)
      throws DecodeException {
    int offset = in.position();
    long found = in.integer();
    if (found != expected) {
      throw new DecodeException(
          "cose_bad_header",
          "expected "
              + what
              + " ("
              + expected
              + ") at byte "
              + offset
              + " of the protected header, found "
              + found);
    }
  }

  private static void requireSize(String what, Bytes value, int expected) {
    if (value.size() != expected) {
      throw new IllegalArgumentException(
          "a " + what + " has " + expected + " bytes, not " + value.size());
    }
  }
}
