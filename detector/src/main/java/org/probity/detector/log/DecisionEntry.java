package org.probity.detector.log;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * A governance decision with its ballots (protocol §13). What is inside belongs to the governance
 * room; the log keeps its exact bytes.
 *
 * <pre>{@code body = [content: bstr]}</pre>
 */
public record DecisionEntry(Bytes content) implements EntryBody {

  static DecisionEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(1);
    return new DecisionEntry(in.bytes());
  }

  @Override
  public EntryType type() {
    return EntryType.DECISION;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(1).bytes(content);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.decision(this);
  }
}
