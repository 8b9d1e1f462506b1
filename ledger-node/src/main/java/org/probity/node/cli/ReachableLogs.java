package org.probity.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;

/**
 * The logs of all nodes as far as anybody serves them: each from its node, or else from the first
 * witness that has a copy, those of the newest epoch first. Every log is checked against a
 * checkpoint of its node before it counts.
 */
final class ReachableLogs {
  private final Target target;
  private final Terminal terminal;

  ReachableLogs(Target target, Terminal terminal) {
    this.target = target;
    this.terminal = terminal;
  }

  /** By node; says on standard error which are missing, and why. */
  SortedMap<String, DownloadedLog> fetch(Genesis genesis) {
    SortedMap<String, DownloadedLog> logs = new TreeMap<>();
    List<Seating> seatings = seatings(genesis);
    for (NodeRecord record : genesis.nodes()) {
      List<String> reasons = new ArrayList<>();
      Optional<DownloadedLog> log = own(record, genesis, reasons);
      List<NodeRecord> seats =
          seatings.stream()
              .flatMap(seating -> seating.witnessesOf(record.node()).stream())
              .distinct()
              .toList();
      for (int i = 0; log.isEmpty() && i < seats.size(); i++) {
        log = replica(record, seats.get(i), genesis, reasons);
      }
      log.ifPresent(found -> logs.put(record.node(), found));
      if (log.isEmpty()) {
        terminal.say("no log of " + record.node() + ": " + String.join("; ", reasons));
      }
    }
    return logs;
  }

  /** By the decisions of whoever can be asked. */
  private List<Seating> seatings(Genesis genesis) {
    KnownDecisions decisions = KnownDecisions.none(genesis);
    for (NodeRecord node : genesis.nodes()) {
      try {
        decisions.learn(target.api(terminal, node.node()));
      } catch (CliException e) {
        // Not running here: said where its log is asked for.
      }
    }
    return decisions.seatings();
  }

  private Optional<DownloadedLog> own(NodeRecord record, Genesis genesis, List<String> reasons) {
    return fetch(record, genesis, reasons, api -> LogSource.of(api, "/log"), record.node());
  }

  private Optional<DownloadedLog> replica(
      NodeRecord record, NodeRecord witness, Genesis genesis, List<String> reasons) {
    return fetch(
        record,
        genesis,
        reasons,
        api -> LogSource.ofReplica(api, genesis.origin(record)),
        witness.node());
  }

  private interface Place {
    LogSource at(NodeApi api);
  }

  private Optional<DownloadedLog> fetch(
      NodeRecord record, Genesis genesis, List<String> reasons, Place place, String server) {
    try {
      LogSource source = place.at(target.api(terminal, server));
      return Optional.of(DownloadedLog.fetch(source, genesis, Optional.of(record.node())));
    } catch (DownloadedLog.Mismatch e) {
      reasons.add(server + ": " + e.code() + ", " + e.getMessage());
    } catch (CliException e) {
      if (e.status() == ExitStatus.USAGE || e.status() == ExitStatus.BAD_CONFIG) {
        throw e;
      }
      reasons.add(server + ": " + e.text());
    }
    return Optional.empty();
  }
}
