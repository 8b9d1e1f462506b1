package org.probity.detector.log;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * A challenge that this node raised or answered (protocol §7). What is inside belongs to the
 * challenge room; the log keeps its exact bytes.
 *
 * <pre>{@code body = [content: bstr]}</pre>
 */
public record ChallengeEntry(Bytes content) implements EntryBody {

  static ChallengeEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(1);
    return new ChallengeEntry(in.bytes());
  }

  @Override
  public EntryType type() {
    return EntryType.CHALLENGE;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(1).bytes(content);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.challenge(this);
  }
}
