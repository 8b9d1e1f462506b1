package org.probity.detector.evidence;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Subject;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;

/** Whose word a checkpoint is (protocol.md §2.4). Thread-safe. */
final class Attribution {
  private final Genesis genesis;
  private final KeyHistory keys;
  private final SignatureRule rule;

  Attribution(Genesis genesis, KeyHistory keys, SignatureRule rule) {
    this.genesis = genesis;
    this.keys = keys;
    this.rule = rule;
  }

  /** A checkpoint and the node that answers for it. Made by {@link #attribute} only. */
  record Attributed(SignedCheckpoint checkpoint, Incarnations writers) {
    NodeRecord author() {
      return writers.present();
    }

    Culprit culprit() {
      return new Culprit(new Subject.OfLog(checkpoint.origin()), author().member());
    }
  }

  /**
   * One signature verification. Codes: those of {@link SignedCheckpoint#parse}, {@code
   * wrong_network}, {@code unknown_node}, {@code unknown_incarnation}, {@code
   * checkpoint_bad_signature}.
   */
  Attributed attribute(Bytes encoded) throws DecodeException {
    SignedCheckpoint checkpoint = SignedCheckpoint.parse(encoded);
    if (!checkpoint.origin().networkId().equals(genesis.networkId())) {
      throw new DecodeException("wrong_network", "a checkpoint of another network");
    }
    Origin origin = checkpoint.origin();
    if (genesis.node(origin.node()).isEmpty()) {
      throw new DecodeException("unknown_node", "no node " + origin.node() + " in genesis");
    }
    Incarnations writers =
        keys.log(origin.node(), origin.incarnation())
            .orElseThrow(
                () ->
                    new DecodeException(
                        "unknown_incarnation",
                        "nothing enrols incarnation " + origin.incarnation()));
    // SPEC protocol.md §2.4: only a key the owning member countersigned attributes.
    if (!checkpoint.isSignedBy(rule, writers.present().logKey())) {
      throw new DecodeException(
          "checkpoint_bad_signature", "not signed by the log key of node " + origin.node());
    }
    return new Attributed(checkpoint, writers);
  }
}
