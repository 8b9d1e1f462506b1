package org.probity.detector.log;

import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * Ledger time: {@code max(last TICK, clock)} in milliseconds since 1970, a logged input like any
 * other. The only time the state machine knows.
 *
 * <pre>{@code body = [millis: uint]}</pre>
 */
public record TickEntry(long millis) implements EntryBody {

  public TickEntry {
    EntryFields.requireUint(millis, "tick");
  }

  static TickEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(1);
    return new TickEntry(in.uint());
  }

  @Override
  public EntryType type() {
    return EntryType.TICK;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(1).uint(millis);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.tick(this);
  }
}
