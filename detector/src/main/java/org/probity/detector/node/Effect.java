package org.probity.detector.node;

import org.probity.detector.commitment.Envelope;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What the shell is to do now. Nothing here promises anything about the own log that is not durable
 * yet; what does is a {@link Release} and stays inside its {@link Commit} until then.
 */
public sealed interface Effect permits Effect.Transmit, Effect.Forward, Effect.Spread, Release {

  /** Send an envelope; report {@link Input.AckArrived} or {@link Input.EnvelopeFailed}. */
  record Transmit(String to, Envelope envelope) implements Effect {}

  /** Show a witness a checkpoint of its ward. */
  record Forward(String witness, SignedCheckpoint checkpoint) implements Effect {}

  /** Give a proof to every other node. */
  record Spread(Evidence evidence) implements Effect {}
}
