package org.probity.detector.log;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * AUDIT statements below which a log may forget entries (protocol §12). What is inside belongs to
 * the audit room; the log keeps its exact bytes.
 *
 * <pre>{@code body = [content: bstr]}</pre>
 */
public record FloorEntry(Bytes content) implements EntryBody {

  static FloorEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(1);
    return new FloorEntry(in.bytes());
  }

  @Override
  public EntryType type() {
    return EntryType.FLOOR;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(1).bytes(content);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.floor(this);
  }
}
