package org.probity.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Origin;

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
    KnownDecisions known = decisions(genesis);
    List<Seating> seatings = known.seatings();
    for (NodeRecord record : genesis.nodes()) {
      List<String> reasons = new ArrayList<>();
      Optional<DownloadedLog> log = own(record, known.chain(), reasons);
      List<NodeRecord> seats =
          seatings.stream()
              .flatMap(seating -> seating.witnessesOf(record.node()).stream())
              .distinct()
              .toList();
      for (int i = 0; log.isEmpty() && i < seats.size(); i++) {
        log = replica(record, seats.get(i), known.chain(), reasons);
      }
      log.ifPresent(found -> logs.put(record.node(), found));
      if (log.isEmpty()) {
        terminal.say("no log of " + record.node() + ": " + String.join("; ", reasons));
      }
    }
    return logs;
  }

  /** By the decisions of whoever can be asked. */
  private KnownDecisions decisions(Genesis genesis) {
    KnownDecisions decisions = KnownDecisions.none(genesis);
    for (NodeRecord node : genesis.nodes()) {
      try {
        decisions.learn(target.api(terminal, node.node()));
      } catch (CliException e) {
        // Not running here: said where its log is asked for.
      }
    }
    return decisions;
  }

  private Optional<DownloadedLog> own(
      NodeRecord record, DecisionChain decisions, List<String> reasons) {
    return fetch(record, decisions, reasons, api -> LogSource.of(api, "/log"), record.node());
  }

  /** Of the newest incarnation that the witness has a copy of. */
  private Optional<DownloadedLog> replica(
      NodeRecord record, NodeRecord witness, DecisionChain decisions, List<String> reasons) {
    List<Incarnations.Part> parts =
        Incarnations.of(decisions.state(), record.node()).orElseThrow().parts();
    Optional<DownloadedLog> log = Optional.empty();
    for (int i = parts.size() - 1; log.isEmpty() && i >= 0; i--) {
      Origin origin = parts.get(i).origin(decisions.genesis().networkId());
      log =
          fetch(
              record, decisions, reasons, api -> LogSource.ofReplica(api, origin), witness.node());
    }
    return log;
  }

  private interface Place {
    LogSource at(NodeApi api);
  }

  private Optional<DownloadedLog> fetch(
      NodeRecord record,
      DecisionChain decisions,
      List<String> reasons,
      Place place,
      String server) {
    try {
      LogSource source = place.at(target.api(terminal, server));
      return Optional.of(DownloadedLog.fetch(source, decisions, Optional.of(record.node())));
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
