package org.probity.node.runtime;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.probity.node.http.NodeHealth;
import org.probity.node.identity.ExpiryStep;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.OwnCertificates;

/**
 * Has a running node show its certificates as soon as they were renewed, and tells its operator
 * when they have to be. Files are looked at instead of a signal awaited: it works the same in a
 * container, under any supervisor and as any user. Thread-safe.
 */
final class CertificateWatch {
  private final OwnCertificates certificates;
  private final Clock clock;
  private final Runnable renewed;
  private final Consumer<String> warned;
  private final Map<String, ExpiryStep> told = new HashMap<>();
  private volatile String trouble = "";

  /**
   * @param renewed has the certificates shown that were taken up
   * @param warned told once of each step towards an end, and once of what cannot be taken up
   */
  CertificateWatch(
      OwnCertificates certificates, Clock clock, Runnable renewed, Consumer<String> warned) {
    this.certificates = certificates;
    this.clock = clock;
    this.renewed = renewed;
    this.warned = warned;
  }

  /** Looks once. */
  synchronized void look() {
    try {
      if (certificates.refresh(clock.instant())) {
        renewed.run();
      }
      trouble = "";
    } catch (IdentityException e) {
      String found = e.code() + ": " + e.getMessage();
      if (!found.equals(trouble)) {
        warned.accept("the former certificates go on being shown: " + found);
      }
      trouble = found;
    }
    certificates
        .ends()
        .forEach(
            (use, end) -> {
              ExpiryStep step = ExpiryStep.of(end, clock.instant());
              ExpiryStep before = told.getOrDefault(use, ExpiryStep.FAR);
              told.put(use, step);
              if (step.compareTo(before) > 0) {
                warned.accept(name(use) + ": " + reason(end, step));
              }
            });
  }

  /** For {@code /readyz}. */
  List<NodeHealth.Warning> warnings() {
    List<NodeHealth.Warning> found = new ArrayList<>();
    new TreeMap<>(certificates.ends())
        .forEach(
            (use, end) -> {
              ExpiryStep step = ExpiryStep.of(end, clock.instant());
              if (step != ExpiryStep.FAR) {
                found.add(new NodeHealth.Warning(name(use), reason(end, step)));
              }
            });
    String why = trouble;
    if (!why.isEmpty()) {
      found.add(new NodeHealth.Warning("renewed certificates", why));
    }
    return found;
  }

  private static String name(String use) {
    return "certificate for " + use;
  }

  private static String reason(Instant end, ExpiryStep step) {
    String left =
        switch (step) {
          case FAR, MONTH -> "less than 30 days are left";
          case FORTNIGHT -> "less than 14 days are left";
          case DAYS -> "less than 3 days are left";
          case OVER -> "it is over, nobody accepts it any more";
        };
    return "valid until " + end + ", " + left + ": identity request";
  }
}
