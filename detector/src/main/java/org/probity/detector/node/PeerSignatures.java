package org.probity.detector.node;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.SignedCheckpoint;

/** Whether checkpoints are signed by the log keys of the consortium. Thread-safe. */
public final class PeerSignatures {
  private final Genesis genesis;
  private final SignatureRule rule = SignatureRule.fastest();

  public PeerSignatures(Genesis genesis) {
    this.genesis = genesis;
  }

  /** Parses bytes that must be a checkpoint of {@code author}. */
  Optional<SignedCheckpoint> checkpoint(Bytes encoded, NodeRecord author) {
    try {
      return Optional.of(SignedCheckpoint.parse(encoded))
          .filter(signed -> signed.origin().equals(genesis.origin(author)))
          .filter(signed -> signed.isSignedBy(rule, author.logKey()));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  /** The node whose log key made the signature, if it is one of ours. */
  public Optional<NodeRecord> author(SignedCheckpoint checkpoint) {
    return genesis
        .node(checkpoint.origin().node())
        .filter(node -> checkpoint.origin().equals(genesis.origin(node)))
        .filter(node -> checkpoint.isSignedBy(rule, node.logKey()));
  }
}
