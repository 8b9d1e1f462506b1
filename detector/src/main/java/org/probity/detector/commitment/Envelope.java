package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a node sends to another (protocol.md §5.1): {@code [receive, epoch, decision, base,
 * consistency, held]}.
 *
 * @param receive checkpoint, SEND entries and their multiproof: exactly what the receiver logs
 * @param epoch the sender's governance epoch
 * @param decision hash of the last decision in the sender's log, the network id before the first
 * @param base size of the sender's log that {@code consistency} starts from, 0 for none
 * @param consistency proof from {@code base} to the checkpoint; transport only, never logged
 * @param held size of the receiver's log that the sender holds, so that the ack can link to it
 */
public record Envelope(
    ReceiveEntry receive, long epoch, Hash decision, long base, List<Hash> consistency, long held) {
  /** SPEC protocol.md §3.3. */
  public static final int MAX_BYTES = 48 * 1024;

  private static final int MAX_SENDS = 1024;

  public Envelope {
    consistency = List.copyOf(consistency);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(8).bytes(receive.checkpoint());
    out.array(receive.sends().size());
    receive.sends().forEach(out::bytes);
    writeHashes(out, receive.multiproof());
    out.uint(epoch).bytes(decision.toBytes()).uint(base);
    writeHashes(out, consistency);
    return out.uint(held).toBytes();
  }

  public static Envelope decode(Bytes encoded) throws DecodeException {
    if (encoded.size() > MAX_BYTES) {
      throw new DecodeException("envelope_too_large", "an envelope has at most " + MAX_BYTES);
    }
    CborReader in = new CborReader(encoded);
    in.arrayHeader(8);
    Bytes checkpoint = in.bytesUpTo(SignedCheckpoint.MAX_BYTES);
    int count = in.arrayHeaderUpTo(MAX_SENDS);
    List<Bytes> sends = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      sends.add(in.bytes());
    }
    List<Hash> multiproof = readHashes(in, MAX_SENDS * MerkleProofs.MAX_HASHES);
    Envelope decoded =
        new Envelope(
            new ReceiveEntry(checkpoint, sends, multiproof),
            in.uint(),
            Hash.read(in),
            in.uint(),
            readHashes(in, MerkleProofs.MAX_HASHES),
            in.uint());
    in.end();
    return decoded;
  }

  static void writeHashes(CborWriter out, List<Hash> hashes) {
    out.array(hashes.size());
    hashes.forEach(hash -> out.bytes(hash.unsafeArray()));
  }

  static List<Hash> readHashes(CborReader in, int max) throws DecodeException {
    int count = in.arrayHeaderUpTo(max);
    List<Hash> hashes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      hashes.add(Hash.read(in));
    }
    return hashes;
  }
}
