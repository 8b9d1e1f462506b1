package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.probity.detector.evidence.BlastRadius;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.program.LedgerReader;
import org.probity.node.cli.BlastRadiusReport;
import org.probity.node.cli.DownloadedLog;

/** What a proven fault has reached (protocol.md §8.3), by the logs that witnesses hold. */
final class Reach {
  private Reach() {}

  /**
   * Replays all logs. Empty where no proof names an entry of a log: a false AUDIT has reached none,
   * what it covers has a proof of its own.
   */
  static Optional<BlastRadiusReport> of(
      Consortium consortium,
      SortedMap<String, DownloadedLog> logs,
      List<EvidenceCheck.Checked> evidence) {
    List<BlastRadius.Source> sources =
        evidence.stream()
            .filter(EvidenceCheck.Checked::isProven)
            .filter(file -> !file.verdict().path("kind").asText().equals("FALSE_AUDIT"))
            .map(file -> source(file.verdict(), logs))
            .toList();
    if (sources.isEmpty()) {
      return Optional.empty();
    }
    BlastRadius radius =
        BlastRadius.of(
            consortium.genesis(), new LedgerProgram(), LedgerReader::carriesValue, logs, sources);
    return Optional.of(new BlastRadiusReport(radius, logs, List.of(consortium.asset())));
  }

  private static BlastRadius.Source source(
      JsonNode verdict, SortedMap<String, DownloadedLog> logs) {
    String node = verdict.path("node").asText();
    long position = verdict.path("position").asLong();
    return verdict.path("kind").asText().equals("FORK")
        ? BlastRadius.Source.ofFork(node, position, logs)
        : new BlastRadius.Source(node, position);
  }
}
