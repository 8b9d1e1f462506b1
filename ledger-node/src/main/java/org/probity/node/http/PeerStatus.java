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
 * @param lane of its next audit: {@code floor}, {@code score} or empty when no ward
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
    String lane) {}
