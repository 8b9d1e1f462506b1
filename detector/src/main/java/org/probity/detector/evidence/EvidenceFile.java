package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Decision;
import org.probity.detector.log.SignedCheckpoint;

/**
 * An evidence file, decoded and not judged (docs/format/evidence.md):
 *
 * <pre>{@code [version: 1, network: bstr .size 32, kind: uint, decisions: [* bstr], content]}</pre>
 *
 * @param decisions every decision up to the one that brought in the accused's keys; none for a
 *     founding node or member
 */
record EvidenceFile(Hash networkId, List<Bytes> decisions, Content content) {
  static final int VERSION = 1;
  static final int MAX_CODE_BYTES = 64;

  EvidenceFile {
    decisions = List.copyOf(decisions);
  }

  /** By the keys in genesis. */
  EvidenceFile(Hash networkId, Content content) {
    this(networkId, List.of(), content);
  }

  /** What a kind of evidence consists of. */
  sealed interface Content {
    FaultKind kind();

    void writeTo(CborWriter out);
  }

  /** {@code [smaller: bstr, larger: bstr, path: [* bstr .size 32]]}. */
  record Fork(Bytes smaller, Bytes larger, List<Hash> path) implements Content {
    Fork {
      path = List.copyOf(path);
    }

    static Fork read(CborReader in) throws DecodeException {
      in.arrayHeader(3);
      return new Fork(readCheckpoint(in), readCheckpoint(in), readHashes(in));
    }

    @Override
    public FaultKind kind() {
      return FaultKind.FORK;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(3).bytes(smaller).bytes(larger);
      writeHashes(out, path);
    }
  }

  /** What entries show, under whatever root: all of a content but who is to blame. */
  sealed interface Shown {
    FaultKind kind();

    /** How many items {@link #writeItems} writes. */
    int items();

    void writeItems(CborWriter out);
  }

  /** {@code code: tstr, exhibits: [1* [index: uint, entry: bstr]], multiproof: [* hash]}. */
  record Entries(String code, List<Exhibit> exhibits, List<Hash> multiproof) implements Shown {
    Entries {
      exhibits = List.copyOf(exhibits);
      multiproof = List.copyOf(multiproof);
    }

    static Entries read(CborReader in) throws DecodeException {
      return new Entries(in.text(MAX_CODE_BYTES), readExhibits(in), readHashes(in));
    }

    private static List<Exhibit> readExhibits(CborReader in) throws DecodeException {
      int count = in.arrayHeader();
      List<Exhibit> exhibits = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        in.arrayHeader(2);
        exhibits.add(new Exhibit(in.uint(), in.bytes()));
      }
      return exhibits;
    }

    @Override
    public FaultKind kind() {
      return FaultKind.INVALID_ENTRY;
    }

    @Override
    public int items() {
      return 3;
    }

    @Override
    public void writeItems(CborWriter out) {
      out.text(code).array(exhibits.size());
      for (Exhibit exhibit : exhibits) {
        out.array(2).uint(exhibit.index()).bytes(exhibit.bytes());
      }
      writeHashes(out, multiproof);
    }
  }

  /** {@code first: uint, entries: [2* bstr], multiproof: [* hash], witness: bstr}. */
  record Batch(long firstIndex, List<Bytes> entries, List<Hash> multiproof, Bytes witness)
      implements Shown {
    Batch {
      entries = List.copyOf(entries);
      multiproof = List.copyOf(multiproof);
    }

    static Batch read(CborReader in) throws DecodeException {
      long firstIndex = in.uint();
      int count = in.arrayHeader();
      List<Bytes> entries = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        entries.add(in.bytes());
      }
      return new Batch(firstIndex, entries, readHashes(in), in.bytes());
    }

    @Override
    public FaultKind kind() {
      return FaultKind.INVALID_TRANSITION;
    }

    @Override
    public int items() {
      return 4;
    }

    @Override
    public void writeItems(CborWriter out) {
      out.uint(firstIndex).array(entries.size());
      entries.forEach(out::bytes);
      writeHashes(out, multiproof);
      out.bytes(witness);
    }

    /** The entries with their positions, none of which wraps around. */
    List<Exhibit> exhibits() throws DecodeException {
      if (firstIndex > Long.MAX_VALUE - entries.size()) {
        throw new DecodeException("bad_index", "entries beyond the last possible index");
      }
      List<Exhibit> exhibits = new ArrayList<>(entries.size());
      for (Bytes entry : entries) {
        exhibits.add(new Exhibit(firstIndex + exhibits.size(), entry));
      }
      return exhibits;
    }
  }

  /** {@code [checkpoint: bstr, }{@link Entries}{@code ]}. */
  record InvalidEntry(Bytes checkpoint, Entries shown) implements Content {
    static InvalidEntry read(CborReader in) throws DecodeException {
      in.arrayHeader(4);
      return new InvalidEntry(readCheckpoint(in), Entries.read(in));
    }

    @Override
    public FaultKind kind() {
      return shown.kind();
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(1 + shown.items()).bytes(checkpoint);
      shown.writeItems(out);
    }
  }

  /** {@code [checkpoint: bstr, }{@link Batch}{@code ]}. */
  record InvalidTransition(Bytes checkpoint, Batch shown) implements Content {
    static InvalidTransition read(CborReader in) throws DecodeException {
      in.arrayHeader(5);
      return new InvalidTransition(readCheckpoint(in), Batch.read(in));
    }

    @Override
    public FaultKind kind() {
      return shown.kind();
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(1 + shown.items()).bytes(checkpoint);
      shown.writeItems(out);
    }
  }

  /**
   * {@code [audit: bstr, shown: [kind: 2 / 3, }{@link Shown}{@code ]]}; the statement is of typ
   * probity/audit.
   */
  record FalseAudit(Bytes audit, Shown shown) implements Content {
    static FalseAudit read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      Bytes audit = in.bytesUpTo(AuditStatement.MAX_STATEMENT_BYTES);
      int items = in.arrayHeader();
      long kind = in.uint();
      Shown shown;
      if (kind == FaultKind.INVALID_ENTRY.code()) {
        shown = Entries.read(in);
      } else if (kind == FaultKind.INVALID_TRANSITION.code()) {
        shown = Batch.read(in);
      } else {
        throw new DecodeException("unknown_kind", "entries do not show a fault of kind " + kind);
      }
      if (items != 1 + shown.items()) {
        throw new DecodeException("cbor_wrong_length", items + " items of what is shown");
      }
      return new FalseAudit(audit, shown);
    }

    @Override
    public FaultKind kind() {
      return FaultKind.FALSE_AUDIT;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(2).bytes(audit).array(1 + shown.items()).uint(shown.kind().code());
      shown.writeItems(out);
    }
  }

  /** {@code [first: bstr, second: bstr]}, statements of typ probity/ballot. */
  record DoubleBallot(Bytes first, Bytes second) implements Content {
    static DoubleBallot read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      return new DoubleBallot(
          in.bytesUpTo(Ballot.MAX_STATEMENT_BYTES), in.bytesUpTo(Ballot.MAX_STATEMENT_BYTES));
    }

    @Override
    public FaultKind kind() {
      return FaultKind.DOUBLE_BALLOT;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(2).bytes(first).bytes(second);
    }
  }

  Bytes encode() {
    CborWriter out = new CborWriter(1024);
    out.array(5).uint(VERSION).bytes(networkId.unsafeArray()).uint(content.kind().code());
    out.array(decisions.size());
    decisions.forEach(out::bytes);
    content.writeTo(out);
    return out.toBytes();
  }

  /**
   * Inverse of {@link #encode}. Codes: those of {@link CborReader}, {@code unknown_version}, {@code
   * unknown_kind}.
   */
  static EvidenceFile decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(5);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "the version of evidence must be " + VERSION);
    }
    Hash networkId = Hash.read(in);
    long kind = in.uint();
    int count = in.arrayHeader();
    List<Bytes> decisions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      decisions.add(in.bytesUpTo(Decision.MAX_BYTES));
    }
    Content content = content(kind, in);
    in.end();
    return new EvidenceFile(networkId, decisions, content);
  }

  private static Content content(long kind, CborReader in) throws DecodeException {
    if (kind == FaultKind.FORK.code()) {
      return Fork.read(in);
    }
    if (kind == FaultKind.INVALID_ENTRY.code()) {
      return InvalidEntry.read(in);
    }
    if (kind == FaultKind.INVALID_TRANSITION.code()) {
      return InvalidTransition.read(in);
    }
    if (kind == FaultKind.FALSE_AUDIT.code()) {
      return FalseAudit.read(in);
    }
    if (kind == FaultKind.DOUBLE_BALLOT.code()) {
      return DoubleBallot.read(in);
    }
    throw new DecodeException("unknown_kind", "no kind of evidence has number " + kind);
  }

  private static Bytes readCheckpoint(CborReader in) throws DecodeException {
    return in.bytesUpTo(SignedCheckpoint.MAX_BYTES);
  }

  private static List<Hash> readHashes(CborReader in) throws DecodeException {
    int count = in.arrayHeader();
    List<Hash> hashes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      hashes.add(Hash.read(in));
    }
    return hashes;
  }

  private static void writeHashes(CborWriter out, List<Hash> hashes) {
    out.array(hashes.size());
    for (Hash hash : hashes) {
      out.bytes(hash.unsafeArray());
    }
  }
}
