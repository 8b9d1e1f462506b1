package org.probity.detector.log;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * The receiver's acknowledgement (protocol §5.1): its {@link SignedCheckpoint}, its last STATE
 * entry, which stands at {@code size - 1}, with an inclusion proof, and a proof in that state of
 * how far it has received our channel. The state proof is the state room's; here it is bytes.
 *
 * <pre>{@code body = [checkpoint: bstr, stateEntry: bstr, inclusion: [* bstr .size 32],
 *         stateProof: bstr]}</pre>
 */
public record AckEntry(Bytes checkpoint, Bytes stateEntry, List<Hash> inclusion, Bytes stateProof)
    implements EntryBody {

  public AckEntry {
    EntryFields.requireAtMost(checkpoint, SignedCheckpoint.MAX_BYTES, "checkpoint");
    inclusion = List.copyOf(inclusion);
  }

  static AckEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(4);
    return new AckEntry(
        EntryFields.bytesUpTo(in, SignedCheckpoint.MAX_BYTES, "checkpoint_too_large"),
        in.bytes(),
        EntryFields.hashes(in),
        in.bytes());
  }

  @Override
  public EntryType type() {
    return EntryType.ACK;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(4).bytes(checkpoint).bytes(stateEntry);
    EntryFields.writeHashes(out, inclusion);
    out.bytes(stateProof);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.ack(this);
  }
}
