package org.probity.detector.commitment;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;

/**
 * The answer to an envelope (protocol.md §5.1): {@code [checkpoint, state entry, inclusion, state
 * proof, base, consistency]}.
 *
 * @param ack exactly what the sender of the envelope logs
 * @param base size of the acknowledging log that {@code consistency} starts from, 0 for none
 * @param consistency transport only, never logged
 */
public record Ack(AckEntry ack, long base, List<Hash> consistency) {
  public static final int MAX_BYTES = 48 * 1024;

  public Ack {
    consistency = List.copyOf(consistency);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(6).bytes(ack.checkpoint()).bytes(ack.stateEntry());
    Envelope.writeHashes(out, ack.inclusion());
    out.bytes(ack.stateProof()).uint(base);
    Envelope.writeHashes(out, consistency);
    return out.toBytes();
  }

  public static Ack decode(Bytes encoded) throws DecodeException {
    if (encoded.size() > MAX_BYTES) {
      throw new DecodeException("ack_too_large", "an ack has at most " + MAX_BYTES + " bytes");
    }
    CborReader in = new CborReader(encoded);
    in.arrayHeader(6);
    Ack decoded =
        new Ack(
            new AckEntry(
                in.bytesUpTo(SignedCheckpoint.MAX_BYTES),
                in.bytes(),
                Envelope.readHashes(in, MerkleProofs.MAX_HASHES),
                in.bytes()),
            in.uint(),
            Envelope.readHashes(in, MerkleProofs.MAX_HASHES));
    in.end();
    return decoded;
  }
}
