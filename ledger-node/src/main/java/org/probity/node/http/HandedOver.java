package org.probity.node.http;

import java.util.Optional;
import java.util.OptionalLong;
import org.probity.detector.crypto.Hash;
import org.probity.detector.program.TransactionOutcome.Status;

/**
 * A transaction that its home node is now asked for before everybody, and what has come of it so
 * far. Both answers were checked here: the one is an entry of its log, the other a state of it.
 *
 * @param challenge id of the challenge
 * @param target the home node
 * @param index of the transaction in the home node's log, if it is there
 * @param refusal why it is not executed there, if that is the answer
 */
public record HandedOver(
    Hash challenge, String target, OptionalLong index, Optional<Status> refusal) {

  /** The home node has not answered yet. */
  public static HandedOver asked(Hash challenge, String target) {
    return new HandedOver(challenge, target, OptionalLong.empty(), Optional.empty());
  }

  /** {@code asked}, {@code recorded} or {@code refused}. */
  public String state() {
    return refusal.isPresent() ? "refused" : index.isPresent() ? "recorded" : "asked";
  }
}
