package org.probity.detector.log;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * What arrived in one envelope (protocol §5.1): the sender's {@link SignedCheckpoint}, its SEND
 * entries byte for byte in the order of its log, and one {@link Multiproof} that puts them there.
 *
 * <pre>{@code body = [checkpoint: bstr, sends: [1* bstr], multiproof: [* bstr .size 32]]}</pre>
 *
 * <p>Under the log's own checkpoint it is the return of messages to a node that the members revoked
 * (protocol §13.4): the same body as that node would have logged.
 *
 * <p>The encoded body is at most {@link #MAX_BODY_BYTES}. {@link EmbeddedRules} checks what can be
 * checked without state.
 */
public record ReceiveEntry(Bytes checkpoint, List<Bytes> sends, List<Hash> multiproof)
    implements EntryBody {
  /** SPEC protocol.md §3.3: the envelope that the body came in is no larger. */
  public static final int MAX_BODY_BYTES = 48 * 1024;

  public ReceiveEntry {
    EntryFields.requireAtMost(checkpoint, SignedCheckpoint.MAX_BYTES, "checkpoint");
    sends = List.copyOf(sends);
    multiproof = List.copyOf(multiproof);
  }

  static ReceiveEntry read(CborReader in) throws DecodeException {
    int start = in.position();
    in.arrayHeader(3);
    ReceiveEntry body =
        new ReceiveEntry(
            EntryFields.bytesUpTo(in, SignedCheckpoint.MAX_BYTES, "checkpoint_too_large"),
            EntryFields.byteStrings(in),
            EntryFields.hashes(in));
    if (in.position() - start > MAX_BODY_BYTES) {
      throw new DecodeException(
          "envelope_too_large", "a RECEIVE body of " + (in.position() - start) + " bytes");
    }
    return body;
  }

  @Override
  public EntryType type() {
    return EntryType.RECEIVE;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(3).bytes(checkpoint);
    EntryFields.writeByteStrings(out, sends);
    EntryFields.writeHashes(out, multiproof);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.receive(this);
  }
}
