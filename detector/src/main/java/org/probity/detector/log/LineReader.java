package org.probity.detector.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/** Reads the lines that C2SP formats put before a note, then hands out the note's exact bytes. */
final class LineReader {
  private final Bytes bytes;
  private final String code;
  private int position;

  /** A reader that fails with {@code code} when lines run out. */
  LineReader(Bytes bytes, String code) {
    this.bytes = bytes;
    this.code = code;
  }

  /** The next line without its newline. */
  String line() throws DecodeException {
    int end = position;
    while (end < bytes.size() && bytes.at(end) != '\n') {
      end++;
    }
    if (end == bytes.size()) {
      throw new DecodeException(code, "ends inside a line");
    }
    String line = StrictText.utf8(bytes.slice(position, end));
    position = end + 1;
    return line;
  }

  /** Lines of one base64 hash each, and the empty line after them. */
  List<Hash> hashesUpToEmptyLine(int maxHashes) throws DecodeException {
    List<Hash> hashes = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (hashes.size() == maxHashes) {
        throw new DecodeException(code, "more than " + maxHashes + " hashes");
      }
      hashes.add(StrictText.hashFromBase64(line));
    }
    return hashes;
  }

  /** Everything that is left. */
  Bytes rest() {
    return bytes.slice(position, bytes.size());
  }

  /** Lines, each with its newline, and then {@code rest}. */
  static Bytes join(List<String> lines, Bytes rest) {
    byte[] head = Bytes.utf8(String.join("\n", lines) + "\n").unsafeArray();
    return Bytes.wrap(
        ByteBuffer.allocate(head.length + rest.size()).put(head).put(rest.unsafeArray()).array());
  }
}
