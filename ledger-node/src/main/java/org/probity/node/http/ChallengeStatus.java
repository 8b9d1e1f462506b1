package org.probity.node.http;

import java.time.Instant;
import java.util.Optional;
import org.probity.detector.crypto.Hash;

/**
 * A challenge that is open here.
 *
 * @param kind {@code message}, {@code audit}, {@code consistency}, {@code client} or {@code
 *     decision}
 * @param since when it was first put to the target from here, by this node's clock; empty if it
 *     waits for that
 * @param isOverdue whether the target is suspected for it
 */
public record ChallengeStatus(
    Hash id,
    String kind,
    String target,
    String challenger,
    Optional<Instant> since,
    boolean isOverdue) {}
