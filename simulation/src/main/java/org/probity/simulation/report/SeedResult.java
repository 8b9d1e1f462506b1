package org.probity.simulation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.simulation.Incident;
import org.probity.simulation.Simulation;
import org.probity.simulation.oracle.Detection;
import org.probity.simulation.oracle.Excuse;

/**
 * What came of one seed, as a line in a campaign's file.
 *
 * @param seed which
 * @param software that it is of; a line of other software says nothing about this one
 * @param plan fingerprint of what was run
 * @param trace hash of all that happened
 * @param isRepeated whether it was run twice, with the same trace
 * @param violations promises that were broken, in words
 * @param accused correct nodes that were accused
 * @param kinds of the incidents that were planned, each as often as it was
 * @param faults that were done
 * @param simulatedSeconds of virtual time, of one run
 * @param events that happened
 * @param transactions that customers sent
 * @param begunAgain nodes that run in a later incarnation than the first in the end
 * @param suspectedAndCleared how often a correct node suspected a correct one and took that back
 * @param excused how often each excuse kept an oracle quiet
 */
public record SeedResult(
    long seed,
    String software,
    String plan,
    String trace,
    boolean isRepeated,
    List<String> violations,
    int accused,
    List<String> kinds,
    List<Done> faults,
    double simulatedSeconds,
    long events,
    long transactions,
    int begunAgain,
    int suspectedAndCleared,
    Map<String, Integer> excused) {
  public SeedResult {
    // Of a line that an older version has written.
    software = Objects.requireNonNullElse(software, "");
    excused = new TreeMap<>(Objects.requireNonNullElse(excused, Map.of()));
    violations = List.copyOf(violations);
    kinds = List.copyOf(kinds);
    faults = List.copyOf(faults);
  }

  /**
   * One fault.
   *
   * @param isAlone whether it is all that the node has done
   * @param exposedMillis until every correct node had exposed it; -1 if one has not
   * @param suspectedMillis the same of suspicion
   * @param evidenceBytes of the first proof; 0 if there is none
   */
  public record Done(
      String kind,
      String node,
      String expectation,
      boolean isAlone,
      long exposedMillis,
      long suspectedMillis,
      int evidenceBytes) {

    static Done of(Detection detection) {
      return new Done(
          detection.kind(),
          detection.node(),
          detection.expectation().name(),
          detection.isAlone(),
          detection.exposedMillis().orElse(-1),
          detection.suspectedMillis().orElse(-1),
          detection.evidenceBytes());
    }
  }

  /**
   * Of one simulation, or of two of the same plan.
   *
   * @param again the second run, if there was one
   */
  public static SeedResult of(Simulation.Outcome outcome, Optional<Simulation.Outcome> again) {
    List<String> violations =
        new ArrayList<>(outcome.violations().stream().map(Object::toString).toList());
    again
        .map(Simulation.Outcome::trace)
        .filter(trace -> !trace.equals(outcome.trace()))
        .ifPresent(trace -> violations.add("R all: a second run has trace " + trace));
    int accused =
        (int)
            outcome.violations().stream()
                .filter(violation -> violation.promise().isAboutAccusation())
                .map(violation -> violation.node())
                .distinct()
                .count();
    return new SeedResult(
        outcome.plan().seed(),
        Software.fingerprint(),
        outcome.plan().fingerprint(),
        outcome.trace(),
        again.isPresent(),
        violations,
        accused,
        outcome.plan().incidents().stream().map(Incident::kind).sorted().toList(),
        outcome.faults().stream().map(Done::of).toList(),
        outcome.simulatedSeconds(),
        outcome.events(),
        outcome.transactions(),
        outcome.begunAgain(),
        outcome.suspectedAndCleared(),
        byLabel(outcome.excused()));
  }

  private static Map<String, Integer> byLabel(Map<Excuse, Integer> excused) {
    Map<String, Integer> labels = new TreeMap<>();
    excused.forEach((excuse, times) -> labels.put(excuse.label(), times));
    return labels;
  }
}
