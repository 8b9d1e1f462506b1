package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;

/** Whose checkpoint this is, by the keys in the state. Thread-safe. */
record KnownCheckpoint(Origin self, SignatureRule rule) {

  /**
   * The node that signed, if that is a peer in its present incarnation whose log key verifies the
   * signature.
   */
  Optional<NodeRecord> author(SignedCheckpoint checkpoint, SystemState system) {
    Origin origin = checkpoint.origin();
    if (!origin.networkId().equals(self.networkId()) || origin.node().equals(self.node())) {
      return Optional.empty();
    }
    return system
        .node(origin.node())
        .filter(peer -> peer.incarnation() == origin.incarnation())
        .filter(peer -> checkpoint.isSignedBy(rule, peer.logKey()));
  }
}
