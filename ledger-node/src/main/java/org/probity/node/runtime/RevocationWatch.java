package org.probity.node.runtime;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.probity.node.http.NodeHealth;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.LiveRevocations;

/**
 * Has a running node honour a revocation list as soon as it is there, and tells its operator when
 * the next one is due, when what is there cannot be taken up, and when the node's own certificates
 * are in it. Thread-safe.
 */
final class RevocationWatch {
  private static final String NAME = "revocation list";

  private final LiveRevocations revocations;
  private final Supplier<Map<String, X509Certificate>> own;
  private final Clock clock;
  private final Runnable arrived;
  private final Consumer<String> warned;
  private volatile String trouble = "";
  private Map<String, String> told = new HashMap<>();

  /**
   * @param own the certificates that this node shows, by what they are for
   * @param arrived ends what the list that has come does not allow any more
   * @param warned told once of each thing
   */
  RevocationWatch(
      LiveRevocations revocations,
      Supplier<Map<String, X509Certificate>> own,
      Clock clock,
      Runnable arrived,
      Consumer<String> warned) {
    this.revocations = revocations;
    this.own = own;
    this.clock = clock;
    this.arrived = arrived;
    this.warned = warned;
  }

  /** Looks once. */
  synchronized void look() {
    try {
      if (revocations.refresh()) {
        arrived.run();
      }
      revocations.keep();
      trouble = "";
    } catch (IdentityException e) {
      trouble = e.code() + ": " + e.getMessage();
    }
    Map<String, String> now = new TreeMap<>();
    for (NodeHealth.Warning warning : warnings()) {
      now.merge(warning.name(), warning.reason(), (one, other) -> one + "; " + other);
    }
    now.forEach(
        (name, reason) -> {
          if (!reason.equals(told.get(name))) {
            warned.accept(name + ": " + reason);
          }
        });
    told = now;
  }

  /** For {@code /readyz}. */
  List<NodeHealth.Warning> warnings() {
    List<NodeHealth.Warning> found = new ArrayList<>();
    String why = trouble;
    if (!why.isEmpty()) {
      found.add(new NodeHealth.Warning(NAME, "the former one stays in force: " + why));
    }
    revocations
        .inForce()
        .ifPresent(
            list -> {
              Instant now = clock.instant();
              if (now.isAfter(list.nextUpdate())) {
                found.add(
                    new NodeHealth.Warning(
                        NAME,
                        "the next one was due at "
                            + list.nextUpdate()
                            + "; this one stays in force, and later revocations are not known"
                            + " here: identity crl"));
              } else if (list.isDueSoon(now)) {
                found.add(
                    new NodeHealth.Warning(
                        NAME, "the next one is due by " + list.nextUpdate() + ": identity crl"));
              }
            });
    new TreeMap<>(own.get())
        .forEach(
            (use, certificate) -> {
              if (revocations.isRevoked(certificate)) {
                found.add(
                    new NodeHealth.Warning(
                        "certificate for " + use,
                        "the authority has revoked it, nobody accepts it: identity request"));
              }
            });
    return found;
  }
}
