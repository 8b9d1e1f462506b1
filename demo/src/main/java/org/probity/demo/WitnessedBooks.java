package org.probity.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.program.Program;
import org.probity.detector.state.StateView;
import org.probity.ledger.audit.Books;
import org.probity.ledger.audit.Sums;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AssetId;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.cli.LogSource;
import org.probity.node.cli.NodeApi;

/**
 * The sums over all banks, recomputed by somebody who believes no bank about itself: every log
 * comes from a witness of its bank, is checked against the signed checkpoint and replayed from its
 * first entry with the true rules. A log that breaks the rules counts up to the last state before
 * that.
 */
final class WitnessedBooks {
  private final Genesis genesis;
  private final Program program = new LedgerProgram();
  private final StatementVerifier statements;

  WitnessedBooks(Genesis genesis) {
    this.genesis = genesis;
    this.statements = new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
  }

  /**
   * One bank's log as a witness has it.
   *
   * @param fault where it leaves the rules, if it does
   */
  record Audited(
      String node,
      String witness,
      DownloadedLog log,
      long entriesAudited,
      Optional<Finding> fault,
      StateView state) {
    long size() {
      return log.size();
    }
  }

  /** All banks. */
  record Result(List<Audited> logs, Sums sums) {
    /** By bank. */
    SortedMap<String, DownloadedLog> byNode() {
      SortedMap<String, DownloadedLog> byNode = new TreeMap<>();
      logs.forEach(audited -> byNode.put(audited.node(), audited.log()));
      return byNode;
    }

    /** A bank's ledger up to the end of its log, or to where it leaves the rules. */
    StateView state(String node) {
      return logs.stream()
          .filter(log -> log.node().equals(node))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no log of " + node))
          .state();
    }
  }

  /**
   * Fetches and replays.
   *
   * @param believed the nodes that may be asked, by id: the correct ones
   */
  Result recompute(Map<String, NodeApi> believed, AssetId asset) throws DownloadedLog.Mismatch {
    List<Audited> logs = new ArrayList<>();
    SortedMap<String, StateView> states = new TreeMap<>();
    for (NodeRecord ward : genesis.nodes()) {
      Map.Entry<String, NodeApi> witness = witness(ward, believed);
      Audited audited = audit(ward, witness.getKey(), witness.getValue());
      logs.add(audited);
      states.put(ward.node(), audited.state());
    }
    return new Result(logs, Books.of(states).sums(asset));
  }

  private Map.Entry<String, NodeApi> witness(NodeRecord ward, Map<String, NodeApi> believed) {
    List<String> seats =
        Seating.founding(genesis).witnessesOf(ward.node()).stream().map(NodeRecord::node).toList();
    return believed.entrySet().stream()
        .filter(candidate -> seats.contains(candidate.getKey()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no correct witness of " + ward.node()));
  }

  private Audited audit(NodeRecord ward, String witness, NodeApi api)
      throws DownloadedLog.Mismatch {
    DownloadedLog log =
        DownloadedLog.fetch(
            LogSource.ofReplica(api, genesis.origin(ward)), genesis, Optional.of(ward.node()));
    ConformanceAudit audit = new ConformanceAudit(new Machine(genesis, ward, program));
    for (long index = 0; index < log.size() && audit.goesOn(); index++) {
      audit.feed(Replay.prepare(log.entry(index), ward.node(), statements));
    }
    return new Audited(
        ward.node(),
        witness,
        log,
        audit.auditedSize(),
        audit.finding(),
        Machine.application(audit.auditedState()));
  }
}
