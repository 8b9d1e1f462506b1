package org.probity.node.access;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.probity.detector.crypto.Hash;

/**
 * Somebody whom the operator has given roles. Immutable.
 *
 * @param name for people and records; unique in a file
 * @param proof what has to be shown
 * @param digest SHA-256 of the token's text, or of the certificate's DER
 * @param expires from when on it is nobody any more; of a certificate, its own end counts as well
 * @param perSecond requests, if other than what callers have
 * @param inFlight requests under way, if other than what callers have
 */
public record KnownCaller(
    String name,
    Proof proof,
    Hash digest,
    Set<Role> roles,
    Optional<Instant> expires,
    OptionalInt perSecond,
    OptionalInt inFlight) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,63}");

  /** What proves who is calling. */
  public enum Proof {
    TOKEN,
    CERTIFICATE
  }

  public KnownCaller {
    roles = Set.copyOf(roles);
    if (!isName(name)) {
      throw new IllegalArgumentException("no name of a caller: " + name);
    }
  }

  /** What this caller may ask for. */
  public RequestLimits limits(RequestLimits others) {
    return new RequestLimits(
        perSecond.orElse(others.perSecond()), inFlight.orElse(others.inFlight()));
  }

  /** Whether callers may be called this. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  boolean isOver(Instant now) {
    return expires.filter(end -> !now.isBefore(end)).isPresent();
  }
}
