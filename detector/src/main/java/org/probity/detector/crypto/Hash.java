package org.probity.detector.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;

/** A SHA-256 value: 32 immutable bytes with value equality and unsigned order. Thread-safe. */
public final class Hash implements Comparable<Hash> {
  public static final int BYTES = 32;

  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(
          () -> {
            try {
              // The JDK's is several times faster than Bouncy Castle's (intrinsics).
              return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
              throw new IllegalStateException("every Java platform has SHA-256", e);
            }
          });

  private final byte[] value;

  private Hash(byte[] value) {
    this.value = value;
  }

  /** A hash from its 32 bytes (copied); throws IllegalArgumentException on another length. */
  public static Hash of(byte[] value) {
    return of(value, 0, value.length);
  }

  /** A hash from a part of an array; throws IllegalArgumentException unless it is 32 bytes long. */
  public static Hash of(byte[] source, int offset, int length) {
    if (length != BYTES) {
      throw new IllegalArgumentException("a hash has 32 bytes, not " + length);
    }
    return new Hash(Arrays.copyOfRange(source, offset, offset + length));
  }

  public static Hash of(Bytes value) {
    return of(value.unsafeArray());
  }

  /** The next item, which has to be a byte string of 32 bytes; fails as that does. */
  public static Hash read(CborReader in) throws DecodeException {
    return new Hash(in.byteArray(BYTES));
  }

  public static Hash fromHex(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** SHA-256 over the concatenation of the parts. */
  public static Hash sha256(byte[]... parts) {
    MessageDigest digest = SHA_256.get();
    digest.reset();
    for (byte[] part : parts) {
      digest.update(part);
    }
    return new Hash(digest.digest());
  }

  /** SHA-256 over one domain-separating byte and the concatenation of the parts. */
  public static Hash sha256(byte domain, byte[]... parts) {
    MessageDigest digest = SHA_256.get();
    digest.reset();
    digest.update(domain);
    for (byte[] part : parts) {
      digest.update(part);
    }
    return new Hash(digest.digest());
  }

  /** SHA-256 over one domain-separating byte and two hashes: the interior node of a Merkle tree. */
  public static Hash sha256(byte domain, Hash left, Hash right) {
    MessageDigest digest = SHA_256.get();
    digest.reset();
    digest.update(domain);
    digest.update(left.value);
    digest.update(right.value);
    return new Hash(digest.digest());
  }

  /** SHA-256 over an array, written to the beginning of another: leaves nothing to collect. */
  public static void sha256Into(byte[] target, byte[] content) {
    MessageDigest digest = SHA_256.get();
    digest.reset();
    digest.update(content);
    try {
      digest.digest(target, 0, BYTES);
    } catch (DigestException e) {
      throw new IllegalArgumentException("a hash has 32 bytes, the target " + target.length, e);
    }
  }

  public byte[] toArray() {
    return value.clone();
  }

  /** The array behind this value, without a copy, for readers only. */
  public byte[] unsafeArray() {
    return value;
  }

  public Bytes toBytes() {
    return Bytes.wrap(value);
  }

  public String toHex() {
    return HexFormat.of().formatHex(value);
  }

  @Override
  public int compareTo(Hash other) {
    return Arrays.compareUnsigned(value, other.value);
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Hash that && Arrays.equals(value, that.value));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
