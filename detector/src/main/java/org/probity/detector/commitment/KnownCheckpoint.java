package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/** Whose checkpoint this is, by the keys in the state. Thread-safe. */
record KnownCheckpoint(Origin self, SignatureRule rule) {

  /** Asks for the author of one checkpoint. */
  interface Authorship {
    /** The peer that signed, by the keys in {@code system}, if it is one. */
    Optional<NodeRecord> author(SystemState system) throws DecodeException;
  }

  /**
   * The node that signed, if that is a peer whose log key verifies the signature: in its present
   * incarnation, or in a closed one and not beyond the close. One verification.
   */
  Authorship of(Bytes checkpoint) {
    return system -> {
      SignedCheckpoint signed = SignedCheckpoint.parse(checkpoint);
      return peer(signed, system).filter(peer -> signed.isSignedBy(rule, peer.logKey()));
    };
  }

  /**
   * The same answer for a checkpoint that was verified before; nothing is verified again unless the
   * key in the state is another one than it was verified with.
   */
  Authorship of(VerifiedCheckpoint checkpoint) {
    return system ->
        peer(checkpoint.signed(), system)
            .filter(
                peer ->
                    peer.logKey().equals(checkpoint.author().logKey())
                        || checkpoint.signed().isSignedBy(rule, peer.logKey()));
  }

  private Optional<NodeRecord> peer(SignedCheckpoint checkpoint, SystemState system) {
    Origin origin = checkpoint.origin();
    if (!origin.networkId().equals(self.networkId()) || origin.node().equals(self.node())) {
      return Optional.empty();
    }
    return system
        .node(origin.node())
        .filter(peer -> peer.incarnation() == origin.incarnation())
        .or(() -> closed(checkpoint, system));
  }

  /** SPEC protocol.md §11.3: what an incarnation signed up to its close stands. */
  private Optional<NodeRecord> closed(SignedCheckpoint checkpoint, SystemState system) {
    Origin origin = checkpoint.origin();
    TreeHead head = checkpoint.head();
    return system
        .governance(self.networkId())
        .closed(origin.node(), origin.incarnation())
        .filter(closed -> Incarnations.stands(head, closed.last()))
        .map(GovernanceState.Closed::record);
  }
}
