package org.probity.detector.node;

import java.util.List;
import java.util.OptionalLong;
import org.probity.detector.audit.EmbeddedRelay;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.challenge.VerifiedConfirmation;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Everything that can happen to a node. Time, chance, disks and networks enter the core here and
 * nowhere else. {@code ticket} is the shell's name for whoever waits for an answer.
 */
public sealed interface Input {

  /**
   * Time passes.
   *
   * @param wallMillis this machine's clock, milliseconds since 1970-01-01 UTC; may jump either way,
   *     and moves nothing but ledger time
   * @param elapsedMillis since some fixed moment, never goes back; for pauses and intervals
   */
  record Clock(long wallMillis, long elapsedMillis) implements Input {}

  /** A client's transaction, verified on a worker. */
  record Submitted(TransactionRule.Checked transaction, long ticket) implements Input {}

  /** An envelope, its signature verified on a worker. */
  record EnvelopeArrived(VerifiedEnvelope envelope, long ticket) implements Input {}

  /** The answer to the envelope last transmitted to its author, verified on a worker. */
  record AckArrived(VerifiedAck ack) implements Input {}

  /**
   * The envelope last transmitted to {@code to} was not acknowledged.
   *
   * @param heldSize what the peer says it holds of our log, if that is why
   */
  record EnvelopeFailed(String to, OptionalLong heldSize) implements Input {}

  /**
   * Checkpoints found inside a log that is replicated here ({@link
   * org.probity.detector.audit.EmbeddedCheckpoints}), to be shown to one witness of their logs.
   * Answered by {@link Release.Overheard} once that witness has confirmed all of them. The core
   * does not keep them durable, since the entries they are in are: after a crash they are handed
   * over again.
   */
  record Overheard(String witness, List<VerifiedCheckpoint> checkpoints, long ticket)
      implements Input {
    public static final int MAX_CHECKPOINTS = EmbeddedRelay.MAX_PART_CHECKPOINTS;

    public Overheard {
      checkpoints = List.copyOf(checkpoints);
    }
  }

  /** A witness confirmed that this checkpoint lies on the log it holds. */
  record CheckpointConfirmed(SignedCheckpoint checkpoint, String witness) implements Input {}

  /** Close what has been executed and make a commit of it, if there is anything. */
  record Seal() implements Input {}

  /** A commit is on disk. Commits become durable in the order they were sealed. */
  record CommitDurable(Commit commit, Durable durable) implements Input {}

  /** A challenge of ours, as {@link Effect.Raise} asked for or a client, signed and valid. */
  record ChallengeRaised(ValidChallenge challenge) implements Input {}

  /** Somebody puts a challenge to us, whomever it is for; checked on a worker. */
  record ChallengeArrived(ValidChallenge challenge, long ticket) implements Input {}

  /** What {@link Effect.Put} brought is the answer; checked on a worker. */
  record ChallengeAnswered(VerifiedAnswer answer) implements Input {}

  /**
   * What {@link Effect.Put} brought is the word of witnesses that they hold what is asked for;
   * checked on a worker.
   *
   * @param from whom it was put to
   */
  record ChallengeConfirmed(VerifiedConfirmation confirmation, String from) implements Input {}

  /**
   * What {@link Effect.Put} brought is no answer, or nothing came.
   *
   * @param from whom it was put to
   */
  record ChallengeUnanswered(Hash challenge, String from) implements Input {}

  /**
   * A ward has signed {@code promised}, and for too long nothing of its log has come from entry
   * {@code from} on.
   */
  record EntriesMissing(VerifiedCheckpoint promised, long from) implements Input {}

  /**
   * Whether a ward has had all the time there is for what it has signed and not produced, by
   * whatever way and in whatever parts. Told when that changes.
   */
  record EntriesOverdue(String node, boolean isOverdue) implements Input {}

  /**
   * For too long the log of {@code sender}, a ward, has had messages to {@code receiver} that are
   * not acknowledged there.
   *
   * @param receiver may be this node
   * @param body the oldest of them, as they are to be put to the receiver
   */
  record MessagesUndelivered(String sender, String receiver, Challenge.Message body)
      implements Input {}

  /**
   * For too long {@code node} has not logged what the members have decided, as far as its log is
   * known here; counts once the decision is in our own log.
   */
  record DecisionMissing(String node, ValidDecision decision) implements Input {}

  /**
   * The members took a decision. The same decision again, by whatever ballots, changes nothing; one
   * of a later epoch waits for those before it.
   */
  record DecisionTaken(ValidDecision decision) implements Input {}

  /** A proof, from our own audit or from a peer; it came through the one verifier either way. */
  record EvidenceFound(Evidence evidence) implements Input {}
}
