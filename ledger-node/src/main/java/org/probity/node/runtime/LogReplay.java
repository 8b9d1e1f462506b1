package org.probity.node.runtime;

import java.util.Optional;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.LogReader;
import org.probity.detector.program.Program;

/** A whole log replayed as its witnesses do it, by whoever has it. */
public final class LogReplay {
  private LogReplay() {}

  /** What a node of this incarnation had to do. */
  public static Machine machine(DecisionChain decisions, NodeRecord author, Program program) {
    Incarnations writers = decisions.keys().log(author.node(), author.incarnation()).orElseThrow();
    return new Machine(decisions.genesis(), writers, program);
  }

  /**
   * The first entry that a correct node would not have logged; empty if there is none.
   *
   * @throws IllegalStateException if the program fails on an entry, which says nothing about the
   *     log
   */
  public static Optional<Finding> of(
      DecisionChain decisions, NodeRecord author, LogReader log, Program program) {
    Genesis genesis = decisions.genesis();
    ConformanceAudit audit = new ConformanceAudit(machine(decisions, author, program));
    StatementVerifier statements = new StatementVerifier(genesis.signatures(), genesis.networkId());
    for (long index = 0; index < log.size() && audit.goesOn(); index++) {
      audit.feed(Replay.prepare(log.entry(index), author.node(), statements));
    }
    audit
        .undecided()
        .ifPresent(
            failed -> {
              throw new IllegalStateException(
                  "undecided: the program fails on entry " + failed.index(), failed.cause());
            });
    return audit.finding();
  }
}
