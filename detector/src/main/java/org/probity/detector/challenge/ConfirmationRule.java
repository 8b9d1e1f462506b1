package org.probity.detector.challenge;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteVerdict;
import org.probity.detector.log.NoteVerifierKey;

/**
 * Who confirms that it holds what an audit challenge asks for (protocol.md §7.1), whoever hands
 * that over. The only door to a {@link VerifiedConfirmation}.
 *
 * <p>The whole tree of the challenged checkpoint must be under the cosigned one: a witness of
 * another branch of the log, or of a part of it, has said nothing about the entries asked for.
 *
 * <p>Total, stateless and thread-safe. Cost: hashing the path, and one signature per line that
 * claims the key of a node.
 */
public final class ConfirmationRule {
  private final Supplier<DecisionChain> decisions;

  /**
   * @param decisions as far as known here now, on any thread
   */
  public ConfirmationRule(Supplier<DecisionChain> decisions) {
    this.decisions = decisions;
  }

  /** Either a confirmation or the reason why it is none. */
  public record Outcome(Optional<VerifiedConfirmation> valid, Optional<Refusal> refusal) {}

  /**
   * Judges a confirmation. Codes: {@code not_an_audit}, those of {@link Checkpoint#parse}, {@code
   * not_of_target}, {@code unlinked}, {@code bad_signature}, {@code no_known_signature}.
   */
  public Outcome check(ValidChallenge challenge, Confirmation confirmation) {
    try {
      return new Outcome(Optional.of(valid(challenge, confirmation)), Optional.empty());
    } catch (DecodeException e) {
      return new Outcome(
          Optional.empty(), Optional.of(new Refusal(e.code(), String.valueOf(e.getMessage()))));
    }
  }

  private VerifiedConfirmation valid(ValidChallenge challenge, Confirmation confirmation)
      throws DecodeException {
    if (!(challenge.claim() instanceof Claim.Audit audit)) {
      throw new DecodeException("not_an_audit", "only entries are confirmed");
    }
    VerifiedCheckpoint asked = audit.checkpoint();
    Checkpoint cosigned = Checkpoint.parse(confirmation.cosigned().text());
    if (!cosigned.origin().equals(asked.origin().format())) {
      throw new DecodeException("not_of_target", "a checkpoint of another log");
    }
    if (!MerkleProofs.verifyConsistency(
        asked.head(), cosigned.head(), confirmation.consistency())) {
      throw new DecodeException("unlinked", "not shown to continue the challenged checkpoint");
    }
    return new VerifiedConfirmation(challenge, cosigners(confirmation));
  }

  private List<NodeRecord> cosigners(Confirmation confirmation) throws DecodeException {
    DecisionChain known = decisions.get();
    List<NodeRecord> nodes = known.keys().present();
    List<NoteVerifierKey> keys = nodes.stream().map(node -> cosigner(known, node)).toList();
    NoteVerdict verdict = confirmation.cosigned().verify(known.genesis().signatures(), keys);
    if (verdict instanceof NoteVerdict.Rejected rejected) {
      throw new DecodeException(rejected.code(), "not cosigned by a node");
    }
    NoteVerdict.Verified verified = verdict.verified().orElseThrow();
    return nodes.stream().filter(node -> verified.isBy(cosigner(known, node))).toList();
  }

  private static NoteVerifierKey cosigner(DecisionChain known, NodeRecord node) {
    return NoteVerifierKey.ofCosigner(known.genesis().origin(node).format(), node.cosignerKey());
  }
}
