package org.probity.detector.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;

/**
 * A key that notes are verified with, and its text form, the <em>vkey</em>: {@code <name>+<key id,
 * 8 hex digits>+<base64(type || 32-byte public key)>}. The key id is the first four bytes of {@code
 * SHA-256(name || 0x0A || type || public key)}.
 *
 * <pre>{@code example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k}</pre>
 *
 * <p>The same public key under another name or type is another verifier key with another id.
 */
public record NoteVerifierKey(String name, NoteKeyType type, PublicKey publicKey, int keyId) {
  private static final int ID_DIGITS = 8;

  public NoteVerifierKey {
    KeyName.require(name);
    if (keyId != keyId(name, type, publicKey)) {
      throw new IllegalArgumentException("not the id of this key");
    }
  }

  public static NoteVerifierKey of(String name, NoteKeyType type, PublicKey publicKey) {
    return new NoteVerifierKey(name, type, publicKey, keyId(name, type, publicKey));
  }

  /** A log's key: its name is the log's origin. */
  public static NoteVerifierKey ofLog(String origin, PublicKey publicKey) {
    return of(origin, NoteKeyType.ED25519, publicKey);
  }

  /** A witness's key for cosignatures. */
  public static NoteVerifierKey ofCosigner(String name, PublicKey publicKey) {
    return of(name, NoteKeyType.COSIGNATURE, publicKey);
  }

  /**
   * Parses a vkey. Codes: {@code bad_vkey} (form, or an id that is not the key's), {@code
   * unknown_vkey_type}, {@code bad_base64}, and those of {@link PublicKey#decode(Bytes)}.
   */
  public static NoteVerifierKey parse(String vkey) throws DecodeException {
    // Base64 may contain plus signs too; a name and an id cannot.
    int first = vkey.indexOf('+');
    int second = vkey.indexOf('+', first + 1);
    if (first < 0 || second < 0) {
      throw new DecodeException("bad_vkey", "not name+id+key");
    }
    String name = vkey.substring(0, first);
    Bytes encoded = StrictText.fromBase64(vkey.substring(second + 1));
    if (!KeyName.isValid(name)) {
      throw new DecodeException("bad_vkey", "a bad key name");
    }
    int code = encoded.at(0) & 0xFF;
    NoteKeyType type =
        NoteKeyType.ofCode(code)
            .orElseThrow(() -> new DecodeException("unknown_vkey_type", "key type " + code));
    NoteVerifierKey key = of(name, type, PublicKey.decode(encoded.slice(1, encoded.size())));
    if (!vkey.substring(first + 1, second).equals(key.idHex())) {
      throw new DecodeException("bad_vkey", "the id is not this key's");
    }
    return key;
  }

  /** The vkey: inverse of {@link #parse}. */
  public String format() {
    byte[] encoded = typeAndKey(type, publicKey);
    return name + "+" + idHex() + "+" + StrictText.base64(Bytes.wrap(encoded));
  }

  /** Whether this key and a signature line are about the same key; says nothing about validity. */
  public boolean isClaimedBy(NoteSignature signature) {
    return signature.keyId() == keyId && signature.name().equals(name);
  }

  /**
   * Whether {@code signature} is a valid one of this key and type on {@code text}. Never throws.
   */
  public boolean accepts(SignatureRule rule, Bytes text, NoteSignature signature) {
    if (!isClaimedBy(signature)) {
      return false;
    }
    return switch (type) {
      case ED25519 -> rule.accepts(publicKey, text, signature.signature());
      case COSIGNATURE ->
          Cosignature.of(signature).filter(c -> c.isValid(rule, publicKey, text)).isPresent();
    };
  }

  private String idHex() {
    return HexFormat.of().toHexDigits(keyId, ID_DIGITS);
  }

  /** The id that a key has under a name. */
  static int keyId(String name, NoteKeyType type, PublicKey publicKey) {
    byte[] nameAndNewline = (name + '\n').getBytes(StandardCharsets.UTF_8);
    Hash hash = Hash.sha256(nameAndNewline, typeAndKey(type, publicKey));
    return ByteBuffer.wrap(hash.unsafeArray()).getInt();
  }

  private static byte[] typeAndKey(NoteKeyType type, PublicKey publicKey) {
    byte[] typeAndKey = new byte[1 + PublicKey.BYTES];
    typeAndKey[0] = (byte) type.code();
    System.arraycopy(publicKey.toBytes().unsafeArray(), 0, typeAndKey, 1, PublicKey.BYTES);
    return typeAndKey;
  }
}
