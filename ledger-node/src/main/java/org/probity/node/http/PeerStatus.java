package org.probity.node.http;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * This node's view of another.
 *
 * @param verdict {@code trusted}, {@code suspected} or {@code exposed}
 * @param since when the verdict began, by this node's clock; empty for the trust that every node
 *     begins with
 * @param reason why, empty when trusted
 * @param auditedSize entries of its log replayed here
 * @param lag entries known to exist and not yet replayed
 * @param score how much a model would like it to be audited first; empty without a model
 * @param lane why its log was last replayed: {@code floor}, its turn had come, or {@code score};
 *     empty if it was not yet, or is not witnessed here
 */
public record PeerStatus(
    String node,
    String member,
    String verdict,
    Optional<Instant> since,
    String reason,
    long auditedSize,
    long lag,
    OptionalDouble score,
    String lane) {

  /** The same with another score and lane. */
  public PeerStatus ranked(OptionalDouble newScore, String newLane) {
    return new PeerStatus(
        node, member, verdict, since, reason, auditedSize, lag, newScore, newLane);
  }
}
