package org.probity.node.http;

import java.util.List;
import java.util.stream.Collectors;

/**
 * How the node is, for {@code /readyz} and status.
 *
 * @param checks one line per thing that must hold to be ready
 * @param warnings what keeps no transaction out but wants an operator's attention
 */
public record NodeHealth(Phase phase, List<Check> checks, List<Warning> warnings) {
  public NodeHealth {
    checks = List.copyOf(checks);
    warnings = List.copyOf(warnings);
  }

  public NodeHealth(Phase phase, List<Check> checks) {
    this(phase, checks, List.of());
  }

  /** Where in its life the node is. */
  public enum Phase {
    /** Asking others how much of its log they know; serves reads, signs nothing. */
    STARTING,
    RUNNING,
    /** Told to stop: takes nothing new, finishes what it has. */
    DRAINING,
    /** Stopped itself for good after a fault of its own; serves reads. */
    LATCHED
  }

  /**
   * One condition.
   *
   * @param reason why it does not hold; empty when it does
   */
  public record Check(String name, boolean ok, String reason) {}

  /**
   * Something that does not go as it should.
   *
   * @param name of the part that it happens in, for example {@code audit of bank-b}
   */
  public record Warning(String name, String reason) {}

  /** Why it is not ready, as far as a check says so; empty if it is. */
  public String reason() {
    return checks.stream()
        .filter(check -> !check.ok())
        .map(Check::reason)
        .collect(Collectors.joining("; "));
  }

  /** Whether transactions are accepted. */
  public boolean ready() {
    return phase == Phase.RUNNING && checks.stream().allMatch(Check::ok);
  }
}
