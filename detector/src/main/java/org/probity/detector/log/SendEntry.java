package org.probity.detector.log;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * A message to another node: the receiver, its incarnation, the position in that channel, counted
 * from 0 without gaps, and what the program has to say.
 *
 * <pre>{@code body = [toNode: tstr, toIncarnation: uint, sequence: uint,
 *         payload: bstr .size (0..8192)]}</pre>
 */
public record SendEntry(String toNode, long toIncarnation, long sequence, Bytes payload)
    implements EntryBody {
  /** SPEC protocol.md §3.3: a larger logged SEND is INVALID_ENTRY. */
  public static final int MAX_PAYLOAD_BYTES = 8 * 1024;

  public SendEntry {
    Identifier.require(toNode);
    EntryFields.requireUint(toIncarnation, "incarnation");
    EntryFields.requireUint(sequence, "sequence");
    EntryFields.requireAtMost(payload, MAX_PAYLOAD_BYTES, "payload");
  }

  static SendEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(4);
    return new SendEntry(
        Identifier.read(in),
        in.uint(),
        in.uint(),
        EntryFields.bytesUpTo(in, MAX_PAYLOAD_BYTES, "send_too_large"));
  }

  @Override
  public EntryType type() {
    return EntryType.SEND;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(4).text(toNode).uint(toIncarnation).uint(sequence).bytes(payload);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.send(this);
  }
}
