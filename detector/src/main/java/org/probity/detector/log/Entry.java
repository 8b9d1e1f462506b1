package org.probity.detector.log;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Memo;
import org.probity.detector.crypto.Hash;

/**
 * One entry of a log: {@code [index, prev, type, body]} in deterministic CBOR (protocol §4.1).
 *
 * <p>{@code prev} is the leaf hash of the entry before, for entry 0 the network id. Both stand
 * inside the bytes, so a tool that knows only C2SP tiles hashes entries correctly without knowing
 * what they are, and one hash per entry serves the chain and the tree.
 *
 * <p>The exact bytes are kept: what was received is what is hashed, stored and forwarded.
 * Immutable; equal if the bytes are. Making one costs one encoding or decoding, {@link #leafHash}
 * one hash when it is first asked for.
 */
public final class Entry {
  /** SPEC protocol.md §3.3; also what an entry bundle's two length bytes can say. */
  public static final int MAX_BYTES = 65_535;

  /**
   * Those decoded last, at most some 16 MiB. An entry is decoded where what it embeds is passed on,
   * where it is replayed and where it is judged.
   */
  private static final Memo<Entry> DECODED = new Memo<>(1 << 10, Entry::bytes);

  /** Longer than almost all entries. */
  private static final int MAX_REMEMBERED_BYTES = 4_096;

  /** For an entry with a checkpoint and a proof inside. */
  private static final int EMBEDDING_CAPACITY = 2_048;

  private final long index;
  private final Hash prev;
  private final EntryBody body;
  private final Bytes bytes;

  // Many readers of an entry never ask; two threads that do compute the same.
  private @Nullable Hash leafHash;

  private Entry(long index, Hash prev, EntryBody body, Bytes bytes) {
    this.index = index;
    this.prev = prev;
    this.body = body;
    this.bytes = bytes;
  }

  /**
   * A new entry of our own.
   *
   * @throws IllegalArgumentException if it would break a limit: that has to be known before logging
   */
  public static Entry of(long index, Hash prev, EntryBody body) {
    CborWriter out = new CborWriter(capacity(body.type())).array(4);
    out.uint(index).bytes(prev.unsafeArray()).uint(body.type().code());
    int start = out.size();
    body.writeTo(out);
    if (out.size() > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an entry of " + out.size() + " bytes, at most " + MAX_BYTES);
    }
    if (body.type() == EntryType.RECEIVE && out.size() - start > ReceiveEntry.MAX_BODY_BYTES) {
      throw new IllegalArgumentException("a RECEIVE body of " + (out.size() - start) + " bytes");
    }
    return new Entry(index, prev, body, out.toBytes());
  }

  /** In which an entry of this type has room, as a rule; most are small. */
  private static int capacity(EntryType type) {
    return type == EntryType.RECEIVE || type == EntryType.ACK
        ? EMBEDDING_CAPACITY
        : CborWriter.DEFAULT_CAPACITY;
  }

  /**
   * The inverse of {@link #bytes}. Refuses whatever does not re-encode to the same bytes. Costs a
   * comparison if it has been decoded a short while ago.
   *
   * <p>Codes: those of {@link CborReader}, {@code entry_too_large}, {@code unknown_entry_type},
   * {@code bad_id}, {@code transaction_too_large}, {@code send_too_large}, {@code
   * envelope_too_large}, {@code checkpoint_too_large}.
   */
  public static Entry decode(Bytes bytes) throws DecodeException {
    // SPEC protocol.md §3.3: first the size, so that nothing larger costs more than this.
    if (bytes.size() > MAX_BYTES) {
      throw new DecodeException("entry_too_large", "an entry of " + bytes.size() + " bytes");
    }
    Entry known = DECODED.find(bytes);
    if (known != null) {
      return known;
    }
    Entry decoded = decodeAnew(bytes);
    if (bytes.size() <= MAX_REMEMBERED_BYTES) {
      DECODED.keep(decoded);
    }
    return decoded;
  }

  private static Entry decodeAnew(Bytes bytes) throws DecodeException {
    CborReader in = new CborReader(bytes);
    in.arrayHeader(4);
    long index = in.uint();
    Hash prev = EntryFields.hash(in);
    long code = in.uint();
    EntryType type =
        EntryType.ofCode(code)
            .orElseThrow(() -> new DecodeException("unknown_entry_type", "entry type " + code));
    EntryBody body = readBody(type, in);
    in.end();
    return new Entry(index, prev, body, bytes);
  }

  /**
   * What an entry says it records; nothing where it cannot be read. Looks at its first bytes only:
   * the rest may be anything.
   */
  public static Optional<EntryType> typeOf(Bytes bytes) {
    try {
      CborReader in = new CborReader(bytes);
      in.arrayHeader(4);
      in.uint();
      in.skipBytes(Hash.BYTES);
      return EntryType.ofCode(in.uint());
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private static EntryBody readBody(EntryType type, CborReader in) throws DecodeException {
    return switch (type) {
      case GENESIS -> GenesisEntry.read(in);
      case TRANSACTION -> TransactionEntry.read(in);
      case SEND -> SendEntry.read(in);
      case RECEIVE -> ReceiveEntry.read(in);
      case ACK -> AckEntry.read(in);
      case TICK -> TickEntry.read(in);
      case CHALLENGE -> ChallengeEntry.read(in);
      case DECISION -> DecisionEntry.read(in);
      case FLOOR -> FloorEntry.read(in);
      case STATE -> StateEntry.read(in);
    };
  }

  public long index() {
    return index;
  }

  public Hash prev() {
    return prev;
  }

  public EntryType type() {
    return body.type();
  }

  public EntryBody body() {
    return body;
  }

  /** The exact bytes, at most {@link #MAX_BYTES}. */
  public Bytes bytes() {
    return bytes;
  }

  /** {@code SHA-256(0x00 || bytes)}: leaf of the tree and {@code prev} of the next entry. */
  public Hash leafHash() {
    Hash known = leafHash;
    if (known == null) {
      known = Rfc6962.leaf(bytes);
      leafHash = known;
    }
    return known;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry that && bytes.equals(that.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }

  @Override
  public String toString() {
    return index + " " + type() + " " + leafHash();
  }
}
