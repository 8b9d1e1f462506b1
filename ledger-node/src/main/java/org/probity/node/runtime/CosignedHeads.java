package org.probity.node.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TreeHead;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;

/**
 * The largest head of each log that this node has promised to stand by as a witness, one durable
 * record per log: {@code cosigned/<hex SHA-256 of the origin>} to the checkpoint with the log's
 * signature.
 *
 * <p>A {@link Held} is the only thing that {@link WitnessDesk} signs, and there are two sources of
 * it: what was read from the disk and what was just written to it. So no cosignature can leave
 * before its head is durable, and after a crash at any point the disk holds every head that has
 * left, or a later one. Single owner.
 */
final class CosignedHeads {
  private static final String PREFIX = "cosigned/";

  private final Records records;
  private final Map<String, Held> known = new HashMap<>();

  CosignedHeads(Records records) {
    this.records = records;
  }

  /** Where the records are. */
  interface Records {
    Optional<Bytes> get(Bytes key);

    /** Durable when it returns; throws if it is not, or if nobody knows. */
    void put(Bytes key, Bytes value);

    static Records of(LmdbLogStore store) {
      return new Records() {
        @Override
        public Optional<Bytes> get(Bytes key) {
          return store.get(key);
        }

        @Override
        public void put(Bytes key, Bytes value) {
          store.commit(new LogWrites().put(key, value));
        }
      };
    }
  }

  /** A head that is on this node's disk. */
  static final class Held {
    private final TreeHead head;
    private final SignedNote note;

    private Held(TreeHead head, SignedNote note) {
      this.head = head;
      this.note = note;
    }

    TreeHead head() {
      return head;
    }

    /** The checkpoint with the log's signature alone. */
    SignedNote note() {
      return note;
    }
  }

  /** The head held of a log, if it was ever cosigned here. */
  Optional<Held> of(String origin) {
    Held held = known.get(origin);
    if (held != null) {
      return Optional.of(held);
    }
    Optional<Held> stored = records.get(key(origin)).map(CosignedHeads::read);
    stored.ifPresent(found -> known.put(origin, found));
    return stored;
  }

  private static Held read(Bytes bytes) {
    try {
      SignedNote note = SignedNote.parse(bytes);
      return new Held(Checkpoint.parse(note.text()).head(), note);
    } catch (DecodeException e) {
      throw new IllegalStateException("a cosigned head is damaged: " + e.getMessage(), e);
    }
  }

  /**
   * Replaces the head of a log by a checked extension of it; durable when it returns. If it throws,
   * the earlier head stays in force.
   *
   * @param checkpoint of that log, verified, with the log's signature alone
   */
  Held advance(Checkpoint checkpoint, SignedNote note) {
    records.put(key(checkpoint.origin()), note.bytes());
    Held held = new Held(checkpoint.head(), note);
    known.put(checkpoint.origin(), held);
    return held;
  }

  private static Bytes key(String origin) {
    return Bytes.utf8(PREFIX + Hash.sha256(Bytes.utf8(origin).unsafeArray()).toHex());
  }
}
