package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What our receipts carry as the {@code extra} of a {@link TlogProof}, so that one file is enough:
 * the entry itself, without which nobody can compute its leaf hash, and the AUDIT statements that
 * cover it, if its assurance is <em>audited</em> (protocol §10).
 *
 * <pre>{@code extra = [entry: bstr, audits: [* bstr]]}</pre>
 *
 * <p>None of it is vouched for by being here: the entry counts once its leaf hash is proven, a
 * statement once its signatures are verified by the room that knows it.
 */
public record ReceiptExtra(Bytes entry, List<Bytes> audits) {
  public static final int MAX_AUDITS = 64;

  public ReceiptExtra {
    EntryFields.requireAtMost(entry, Entry.MAX_BYTES, "entry");
    audits = List.copyOf(audits);
    if (audits.size() > MAX_AUDITS) {
      throw new IllegalArgumentException(audits.size() + " audits, at most " + MAX_AUDITS);
    }
  }

  public static ReceiptExtra decode(Bytes bytes) throws DecodeException {
    CborReader in = new CborReader(bytes);
    in.arrayHeader(2);
    Bytes entry = in.bytesUpTo(Entry.MAX_BYTES);
    int count = in.arrayHeaderUpTo(MAX_AUDITS);
    List<Bytes> audits = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      audits.add(in.bytes());
    }
    in.end();
    return new ReceiptExtra(entry, audits);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(2).bytes(entry);
    EntryFields.writeByteStrings(out, audits);
    return out.toBytes();
  }
}
