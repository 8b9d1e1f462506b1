package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/** The kinds of field that entry bodies are made of. */
final class EntryFields {
  private EntryFields() {}

  static Hash hash(CborReader in) throws DecodeException {
    return Hash.read(in);
  }

  /** A byte string with a limit of the protocol, whose breach has a code of its own. */
  static Bytes bytesUpTo(CborReader in, int maxBytes, String code) throws DecodeException {
    Bytes bytes = in.bytes();
    if (bytes.size() > maxBytes) {
      throw new DecodeException(code, bytes.size() + " bytes, at most " + maxBytes);
    }
    return bytes;
  }

  static List<Bytes> byteStrings(CborReader in) throws DecodeException {
    int count = in.arrayHeader();
    List<Bytes> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(in.bytes());
    }
    return list;
  }

  static void writeByteStrings(CborWriter out, List<Bytes> list) {
    out.array(list.size());
    list.forEach(out::bytes);
  }

  static List<Hash> hashes(CborReader in) throws DecodeException {
    int count = in.arrayHeader();
    List<Hash> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(hash(in));
    }
    return list;
  }

  static void writeHashes(CborWriter out, List<Hash> list) {
    out.array(list.size());
    for (Hash hash : list) {
      out.bytes(hash.unsafeArray());
    }
  }

  static void requireUint(long value, String what) {
    if (value < 0) {
      throw new IllegalArgumentException("a negative " + what);
    }
  }

  static void requireAtMost(Bytes value, int maxBytes, String what) {
    if (value.size() > maxBytes) {
      throw new IllegalArgumentException(
          "a " + what + " of " + value.size() + " bytes, at most " + maxBytes);
    }
  }
}
