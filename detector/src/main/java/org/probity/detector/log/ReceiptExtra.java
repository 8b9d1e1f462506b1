package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * What our receipts carry as the {@code extra} of a {@link TlogProof}, so that one file is enough:
 * the entry itself, without which nobody can compute its leaf hash, and the AUDIT statements that
 * cover it, if there are any (protocol §10). An AUDIT speaks of a root of its own, so each comes
 * with the proof that the entry stands under that one as well.
 *
 * <pre>{@code
 * extra = [entry: bstr, audits: [* audit]]
 * audit = [statement: bstr, proof: [* bstr .size 32]]   the leaf's sibling first
 * }</pre>
 *
 * <p>None of it is vouched for by being here: the entry counts once its leaf hash is proven, a
 * statement once its signature is verified by the room that knows it.
 */
public record ReceiptExtra(Bytes entry, List<Audit> audits) {
  public static final int MAX_AUDITS = 64;

  /** Of one statement. */
  public static final int MAX_STATEMENT_BYTES = 4096;

  /**
   * A statement of an auditor.
   *
   * @param inclusion of the entry, at the receipt's index, under the root the statement ends with
   */
  public record Audit(Bytes statement, List<Hash> inclusion) {
    public Audit {
      EntryFields.requireAtMost(statement, MAX_STATEMENT_BYTES, "statement");
      inclusion = List.copyOf(inclusion);
      if (inclusion.size() > MerkleProofs.MAX_HASHES) {
        throw new IllegalArgumentException("a proof of " + inclusion.size() + " hashes");
      }
    }

    private static Audit read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      Bytes statement = in.bytesUpTo(MAX_STATEMENT_BYTES);
      int count = in.arrayHeaderUpTo(MerkleProofs.MAX_HASHES);
      List<Hash> inclusion = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        inclusion.add(Hash.read(in));
      }
      return new Audit(statement, inclusion);
    }

    private void write(CborWriter out) {
      out.array(2).bytes(statement).array(inclusion.size());
      inclusion.forEach(hash -> out.bytes(hash.unsafeArray()));
    }
  }

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
    List<Audit> audits = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      audits.add(Audit.read(in));
    }
    in.end();
    return new ReceiptExtra(entry, audits);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(2).bytes(entry).array(audits.size());
    audits.forEach(audit -> audit.write(out));
    return out.toBytes();
  }
}
