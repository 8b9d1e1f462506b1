package org.probity.detector.commitment;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;

/**
 * AUDIT, what a witness signs after a replay (protocol.md §6.6, docs/format/audit.md): "I executed
 * entries {@code [from.size, to.size)} of the log whose first {@code to.size} entries have the root
 * {@code to.root}, by the rules of this program, and all was as it must be".
 *
 * <pre>
 * [log: tstr, fromSize: uint, fromRoot: bstr .size 32, toSize: uint, toRoot: bstr .size 32,
 *  programId: bstr .size 32]
 * </pre>
 *
 * <p>It says nothing about what the log's owner has signed. Decoded and not judged: {@link
 * AuditRule} says what counts.
 *
 * @param log of the audited node
 * @param from where the replay began: {@link TreeHead#EMPTY}, or after a STATE
 * @param to where it ended, after a STATE or GENESIS
 */
public record AuditStatement(Origin log, TreeHead from, TreeHead to, Hash programId) {
  public static final String TYP = "probity/audit";

  /** Of the signed statement; the longest origin leaves room to spare. */
  public static final int MAX_STATEMENT_BYTES = 1024;

  /** The replay of a log from its very beginning. */
  public static AuditStatement fromGenesis(Origin log, TreeHead to, Hash programId) {
    return new AuditStatement(log, TreeHead.EMPTY, to, programId);
  }

  /** Whether the entry at this index is among those replayed. */
  public boolean covers(long index) {
    return from.size() <= index && index < to.size();
  }

  /** The payload. */
  public Bytes encode() {
    return new CborWriter(256)
        .array(6)
        .text(log.format())
        .uint(from.size())
        .bytes(from.root().unsafeArray())
        .uint(to.size())
        .bytes(to.root().unsafeArray())
        .bytes(programId.unsafeArray())
        .toBytes();
  }

  /** Inverse of {@link #encode}. Codes: those of {@link CborReader}, {@code bad_origin}. */
  public static AuditStatement decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(6);
    AuditStatement decoded =
        new AuditStatement(
            Origin.parse(in.text(Origin.MAX_BYTES)),
            new TreeHead(in.uint(), Hash.read(in)),
            new TreeHead(in.uint(), Hash.read(in)),
            Hash.read(in));
    in.end();
    return decoded;
  }

  /**
   * The statement to give to others; {@code logKey} is the auditor's. Whoever signs has replayed
   * these entries itself: what is false in it is evidence against the signer.
   */
  public Statement sign(Hash networkId, Signer logKey) {
    return Statement.sign(networkId, TYP, encode(), logKey);
  }
}
