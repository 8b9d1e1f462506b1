package org.probity.detector.state;

import java.util.Arrays;
import org.probity.detector.codec.Bytes;

/**
 * One key and its value, in one array that is also what is hashed: u16 key length, key, value.
 *
 * <p>Keys and values are copied out when asked for: one array a key instead of two arrays and two
 * objects saves some 50 bytes a key.
 */
final class Leaf extends Node {
  static final int LENGTH_BYTES = 2;

  private final byte[] content;

  private Leaf(byte[] content) {
    this.content = content;
  }

  static Leaf of(Bytes key, Bytes value) {
    byte[] content = new byte[LENGTH_BYTES + key.size() + value.size()];
    content[0] = (byte) (key.size() >>> 8);
    content[1] = (byte) key.size();
    System.arraycopy(key.unsafeArray(), 0, content, LENGTH_BYTES, key.size());
    System.arraycopy(value.unsafeArray(), 0, content, LENGTH_BYTES + key.size(), value.size());
    return new Leaf(content);
  }

  /** The bytes that are hashed, for readers only. */
  byte[] content() {
    return content;
  }

  private int keyEnd() {
    return LENGTH_BYTES + (((content[0] & 0xff) << 8) | (content[1] & 0xff));
  }

  int keySize() {
    return keyEnd() - LENGTH_BYTES;
  }

  Bytes key() {
    return Bytes.wrap(Arrays.copyOfRange(content, LENGTH_BYTES, keyEnd()));
  }

  Bytes value() {
    return Bytes.wrap(Arrays.copyOfRange(content, keyEnd(), content.length));
  }

  KeyValue keyValue() {
    return new KeyValue(key(), value());
  }

  boolean hasValue(Bytes value) {
    return Arrays.equals(content, keyEnd(), content.length, value.unsafeArray(), 0, value.size());
  }

  boolean hasValueOf(Leaf other) {
    return Arrays.equals(
        content, keyEnd(), content.length, other.content, other.keyEnd(), other.content.length);
  }

  int bit(int position) {
    return KeyBits.bit(content, LENGTH_BYTES, keyEnd(), position);
  }

  int firstDifference(byte[] key) {
    return KeyBits.firstDifference(content, LENGTH_BYTES, keyEnd(), key, 0, key.length);
  }

  int firstDifference(Leaf other) {
    return KeyBits.firstDifference(
        content, LENGTH_BYTES, keyEnd(), other.content, LENGTH_BYTES, other.keyEnd());
  }
}
