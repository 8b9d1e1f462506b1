package org.probity.node.runtime;

import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TreeHead;

/** A log that this node cosigns: whose signature counts, and what else it takes. */
interface WitnessedLog {

  /** The log's key; its name is the log's origin. */
  NoteVerifierKey key();

  /**
   * The node whose log it is, which has its checkpoints cosigned itself and decides when; empty if
   * anybody may bring them.
   */
  Optional<String> owner();

  /** Whether what a head commits to is here. */
  Entries entries(TreeHead head);

  /** Calls {@code listener} whenever {@link #entries} may have come to say more. */
  void onGrowth(Runnable listener);

  /**
   * The log's key has signed a checkpoint that is not cosigned here, and why is for others to find
   * out: half of a fork, or the junk proof of somebody else.
   *
   * @param held what is cosigned and does not fit, if it is known not to
   */
  void shown(SignedNote checkpoint, Optional<SignedNote> held);

  /** Its owner has shown a head of which entries are missing here. */
  void missing();

  /** How the entries that are durable here stand to a head. */
  enum Entries {
    /** They have its root. */
    HERE,
    /** Some have not come. */
    MISSING,
    /** They have another root. */
    DIFFERENT
  }

  /**
   * SPEC protocol.md §6.6: a ward's checkpoint is cosigned when the entries up to it are durable in
   * the copy here, and the same.
   *
   * @param missing run when the ward shows more than is here
   */
  static WitnessedLog of(Ward ward, NoteVerifierKey key, Runnable missing) {
    ShownCheckpoints shown =
        new ShownCheckpoints(note -> ward.compare(signed(note, key)).thenApply(compared -> null));
    return new WitnessedLog() {
      @Override
      public NoteVerifierKey key() {
        return key;
      }

      @Override
      public Optional<String> owner() {
        return Optional.of(ward.node());
      }

      @Override
      public Entries entries(TreeHead head) {
        if (ward.stored().size() < head.size()) {
          return Entries.MISSING;
        }
        return MerkleProofs.rootAt(ward.stored(), head.size()).equals(head.root())
            ? Entries.HERE
            : Entries.DIFFERENT;
      }

      @Override
      public void onGrowth(Runnable listener) {
        ward.onProgress(listener);
      }

      @Override
      public void shown(SignedNote checkpoint, Optional<SignedNote> held) {
        // Most are honest, with somebody's junk proof: nothing the ward's thread has to see.
        if (entries(signed(checkpoint, key).head()) != Entries.HERE) {
          shown.show(checkpoint);
        }
      }

      @Override
      public void missing() {
        missing.run();
      }
    };
  }

  private static SignedCheckpoint signed(SignedNote checkpoint, NoteVerifierKey key) {
    try {
      return SignedCheckpoint.extract(checkpoint, key.publicKey());
    } catch (DecodeException e) {
      throw new IllegalStateException("it was of this form before", e);
    }
  }

  /** A log of somebody else, in plain C2SP: no entries, and nobody here who could accuse it. */
  static WitnessedLog foreign(NoteVerifierKey key, RejectedNotes rejected) {
    return new WitnessedLog() {
      @Override
      public NoteVerifierKey key() {
        return key;
      }

      @Override
      public Optional<String> owner() {
        return Optional.empty();
      }

      @Override
      public Entries entries(TreeHead head) {
        return Entries.HERE;
      }

      @Override
      public void onGrowth(Runnable listener) {}

      @Override
      public void shown(SignedNote checkpoint, Optional<SignedNote> held) {
        held.ifPresent(note -> rejected.keep(key.name(), checkpoint, note));
      }

      @Override
      public void missing() {}
    };
  }
}
