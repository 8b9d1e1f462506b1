package org.probity.detector.challenge;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.AckRule;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.Origin;

/** What an acknowledgement says that is not in a log yet. */
final class Acknowledgements {
  /** Any position but 0, and any predecessor: what is looked at does not depend on them. */
  private static final long SOMEWHERE = 1;

  private Acknowledgements() {}

  /** What would convict {@code log} if it logged this, as far as it shows without state. */
  static Optional<EntryFault> fault(Origin log, EntryBody body) throws DecodeException {
    try {
      return EntryRules.alone(log, SOMEWHERE, Entry.of(SOMEWHERE, Hash.sha256(new byte[0]), body));
    } catch (IllegalArgumentException e) {
      throw new DecodeException("entry_too_large", "no entry has room for it");
    }
  }

  /** The acknowledgement, if {@code receiver} signed it and {@code sender} may log it. */
  static Optional<VerifiedAck> verified(
      Genesis genesis,
      CheckpointVerifier checkpoints,
      AckEntry ack,
      NodeRecord receiver,
      NodeRecord sender)
      throws DecodeException {
    return fault(genesis.origin(sender), ack).isPresent()
        ? Optional.empty()
        : checkpoints
            .ack(receiver.node(), new Ack(ack, 0, List.of()))
            // SPEC protocol.md §11.3: beyond its close the receiver remembers nothing, and nobody
            // who knows of the close may log it.
            .filter(verified -> checkpoints.stands(verified.checkpoint()));
  }

  /** How many SENDs of {@code sender} the receiver has received, if it says so itself. */
  static Optional<Long> count(
      Genesis genesis,
      CheckpointVerifier checkpoints,
      AckEntry ack,
      NodeRecord receiver,
      NodeRecord sender)
      throws DecodeException {
    return verified(genesis, checkpoints, ack, receiver, sender).isPresent()
        ? AckRule.provenCount(ack, sender)
        : Optional.empty();
  }
}
