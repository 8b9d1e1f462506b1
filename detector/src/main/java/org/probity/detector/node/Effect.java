package org.probity.detector.node;

import java.util.List;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Violation;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What the shell is to do now. Nothing here promises anything about the own log that is not durable
 * yet; what does is a {@link Release} and stays inside its {@link Commit} until then.
 */
public sealed interface Effect
    permits Effect.Transmit,
        Effect.Forward,
        Effect.Examine,
        Effect.LogRefused,
        Effect.DecisionRefused,
        Effect.ReturnRefused,
        Effect.Spread,
        Effect.Raise,
        Effect.Put,
        Effect.Produced,
        Release {

  /** Send an envelope; report {@link Input.AckArrived} or {@link Input.EnvelopeFailed}. */
  record Transmit(String to, Envelope envelope) implements Effect {}

  /** Show a witness a checkpoint of its ward. */
  record Forward(String witness, SignedCheckpoint checkpoint) implements Effect {}

  /**
   * Take what may be a proof through the verifier; report {@link Input.EvidenceFound} if it is one.
   */
  record Examine(Bytes candidate) implements Effect {}

  /**
   * A message was turned away because too many checkpoints of its log could not be linked
   * (protocol.md §5.2): for counters and the operator.
   *
   * @param node whose log it is
   * @param total such messages since the start
   */
  record LogRefused(String node, long total) implements Effect {}

  /**
   * A decision whose turn it was does not follow this log: the members' chain of decisions has
   * split, or this software cannot do what was decided. For the operator.
   */
  record DecisionRefused(ValidDecision decision, Violation violation) implements Effect {}

  /**
   * Messages to a revoked node cannot be taken back into this log. It is tried again; what they
   * carry waits meanwhile. For the operator.
   */
  record ReturnRefused(String to, Violation violation) implements Effect {}

  /** Give a proof to every other node. */
  record Spread(Evidence evidence) implements Effect {}

  /**
   * Sign a challenge with the log key; report {@link Input.ChallengeRaised}. If nothing comes of
   * it, it is asked for again.
   */
  record Raise(Challenge challenge) implements Effect {}

  /**
   * Put a challenge to its target, or to another node, which may have the answer or is to put it to
   * the target itself; report {@link Input.ChallengeAnswered}, {@link Input.ChallengeConfirmed} or
   * {@link Input.ChallengeUnanswered}.
   */
  record Put(String to, ValidChallenge challenge) implements Effect {}

  /**
   * A ward has produced these entries after all, from {@code claim.from()} on.
   *
   * @param multiproof of them, under the claim's checkpoint
   */
  record Produced(Claim.Audit claim, List<Bytes> entries, List<Hash> multiproof) implements Effect {
    public Produced {
      entries = List.copyOf(entries);
      multiproof = List.copyOf(multiproof);
    }
  }
}
