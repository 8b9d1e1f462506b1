package org.probity.detector.challenge;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/** What challenges and answers are made of, in CBOR. */
final class Parts {
  private Parts() {}

  static Bytes readCheckpoint(CborReader in) throws DecodeException {
    return in.bytesUpTo(SignedCheckpoint.MAX_BYTES);
  }

  static void writeHashes(CborWriter out, List<Hash> hashes) {
    out.array(hashes.size());
    hashes.forEach(hash -> out.bytes(hash.unsafeArray()));
  }

  static List<Hash> readHashes(CborReader in) throws DecodeException {
    int count = in.arrayHeader();
    List<Hash> hashes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      hashes.add(Hash.read(in));
    }
    return hashes;
  }

  static void writeByteStrings(CborWriter out, List<Bytes> strings) {
    out.array(strings.size());
    strings.forEach(out::bytes);
  }

  static List<Bytes> readEntries(CborReader in) throws DecodeException {
    int count = in.arrayHeader();
    List<Bytes> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(in.bytesUpTo(Entry.MAX_BYTES));
    }
    return entries;
  }

  static AckEntry readAck(CborReader in) throws DecodeException {
    in.arrayHeader(4);
    return new AckEntry(
        readCheckpoint(in),
        in.bytesUpTo(Entry.MAX_BYTES),
        readHashes(in),
        in.bytesUpTo(Entry.MAX_BYTES));
  }

  static ReceiveEntry readReceive(CborReader in) throws DecodeException {
    int start = in.position();
    in.arrayHeader(3);
    ReceiveEntry receive = new ReceiveEntry(readCheckpoint(in), readEntries(in), readHashes(in));
    if (in.position() - start > ReceiveEntry.MAX_BODY_BYTES) {
      throw new DecodeException(
          "envelope_too_large", "a RECEIVE body of " + (in.position() - start) + " bytes");
    }
    return receive;
  }
}
