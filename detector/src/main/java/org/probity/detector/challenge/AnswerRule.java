package org.probity.detector.challenge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AckRule;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.IndexedLeaf;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.TransactionEntry;

/**
 * Whether bytes answer a challenge (protocol.md §7.1), whoever hands them over. The only door to a
 * {@link VerifiedAnswer}.
 *
 * <p>SPEC protocol.md §7.3: what is wrong is no answer, and never evidence. Total, stateless and
 * thread-safe. Cost: one signature at most, and hashing what the answer carries; for a decision as
 * many signatures as it has ballots.
 */
public final class AnswerRule {
  private final Genesis genesis;
  private final CheckpointVerifier checkpoints;

  public AnswerRule(Genesis genesis) {
    this.genesis = genesis;
    this.checkpoints = new CheckpointVerifier(genesis);
  }

  /** Either an answer or the reason why it is none. */
  public record Outcome(Optional<VerifiedAnswer> answer, Optional<Refusal> refusal) {}

  /**
   * Judges an answer. Codes: {@code answer_too_large}, those of decoding; then {@code
   * ack_unproven}, {@code ack_too_low} (message); {@code wrong_entries} (audit); {@code unlinked}
   * (consistency); {@code checkpoint_invalid}, {@code not_included}, {@code other_entry} (client,
   * decision).
   */
  public Outcome check(ValidChallenge challenge, Bytes answer) {
    try {
      if (answer.size() > Answer.MAX_BYTES) {
        throw new DecodeException(
            "answer_too_large", answer.size() + " bytes, at most " + Answer.MAX_BYTES);
      }
      return new Outcome(Optional.of(answered(challenge, answer)), Optional.empty());
    } catch (DecodeException e) {
      return new Outcome(
          Optional.empty(), Optional.of(new Refusal(e.code(), String.valueOf(e.getMessage()))));
    }
  }

  private VerifiedAnswer answered(ValidChallenge challenge, Bytes answer) throws DecodeException {
    Claim claim = challenge.claim();
    if (claim instanceof Claim.Message message) {
      return acknowledged(challenge, message, answer);
    }
    if (claim instanceof Claim.Audit audit) {
      return produced(challenge, audit, answer);
    }
    if (claim instanceof Claim.Consistency consistency) {
      return linked(challenge, consistency, answer);
    }
    Answer.Inclusion shown = included(challenge.target(), answer);
    boolean isIt =
        claim instanceof Claim.Client client
            ? isLogged(client, shown)
            : isLogged((Claim.Decided) claim, shown);
    require(isIt, "other_entry", "not the entry that was asked for");
    return new VerifiedAnswer(
        challenge, answer, Optional.empty(), List.of(shown.entry().bytes()), List.of());
  }

  private VerifiedAnswer acknowledged(ValidChallenge challenge, Claim.Message claim, Bytes answer)
      throws DecodeException {
    AckEntry ack = Answer.readAcknowledgement(answer);
    Optional<VerifiedAck> verified =
        Acknowledgements.verified(genesis, checkpoints, ack, challenge.target(), claim.sender());
    long received =
        verified.isPresent() ? AckRule.provenCount(ack, claim.sender()).orElse(-1L) : -1;
    require(received >= 0, "ack_unproven", "not an acknowledgement of the target");
    require(received >= claim.end(), "ack_too_low", "it covers not all of the messages");
    return new VerifiedAnswer(challenge, answer, verified, List.of(), List.of());
  }

  private static VerifiedAnswer produced(ValidChallenge challenge, Claim.Audit claim, Bytes answer)
      throws DecodeException {
    Answer.Production production = Answer.Production.read(answer);
    require(production.entries().size() == claim.count(), "wrong_entries", "not so many entries");
    List<IndexedLeaf> leaves = new ArrayList<>();
    for (Bytes entry : production.entries()) {
      leaves.add(new IndexedLeaf(claim.from() + leaves.size(), Rfc6962.leaf(entry)));
    }
    require(
        Multiproof.verify(claim.checkpoint().head(), leaves, production.multiproof()),
        "wrong_entries",
        "not what the checkpoint is over");
    return new VerifiedAnswer(challenge, answer, Optional.empty(), production.entries(), List.of());
  }

  private static VerifiedAnswer linked(
      ValidChallenge challenge, Claim.Consistency claim, Bytes answer) throws DecodeException {
    VerifiedAnswer linked =
        new VerifiedAnswer(challenge, answer, Optional.empty(), List.of(), Answer.readLink(answer));
    require(
        MerkleProofs.verifyConsistency(claim.older().head(), claim.newer().head(), linked.link()),
        "unlinked",
        "no proof between these two");
    return linked;
  }

  private Answer.Inclusion included(NodeRecord target, Bytes answer) throws DecodeException {
    Answer.Inclusion shown = Answer.Inclusion.read(answer);
    VerifiedCheckpoint checkpoint =
        checkpoints
            .verify(shown.checkpoint())
            .filter(signed -> signed.author().equals(target))
            .orElseThrow(
                () -> new DecodeException("checkpoint_invalid", "not a checkpoint of the target"));
    require(
        MerkleProofs.verifyInclusion(
            checkpoint.head(), shown.entry().index(), shown.entry().leafHash(), shown.path()),
        "not_included",
        "not under this checkpoint");
    return shown;
  }

  /** The exact statement: with fewer signatures the same content may be worth less. */
  private static boolean isLogged(Claim.Client claim, Answer.Inclusion shown) {
    return shown.entry().body() instanceof TransactionEntry logged
        && logged.statement().equals(claim.transaction().statement().encoded());
  }

  private static boolean isLogged(Claim.Decided claim, Answer.Inclusion shown)
      throws DecodeException {
    if (!(shown.entry().body() instanceof DecisionEntry logged)
        || Decision.decode(logged.content()).epoch() != claim.decision().decision().epoch()) {
      return false;
    }
    // SPEC protocol.md §7.1: any valid decision of that epoch; this throws for one that is not.
    claim.before().append(logged.content());
    return true;
  }

  private static void require(boolean condition, String code, String message)
      throws DecodeException {
    if (!condition) {
      throw new DecodeException(code, message);
    }
  }
}
