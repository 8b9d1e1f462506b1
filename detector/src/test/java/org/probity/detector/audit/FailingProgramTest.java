package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.FailingProgram;

/** A program that throws is our bug: it ends the audit there and convicts nobody. */
class FailingProgramTest {
  private static final Court COURT = new Court();

  @Test
  void theAuditEndsUndecidedAtThatEntry() {
    Statement poison = COURT.put("alpha", FailingProgram.POISON);
    ByzantineLog log = COURT.log("alpha", 1);
    long at = log.size();
    log.body(new TransactionEntry(poison.encoded(), Bytes.EMPTY)).endState();
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), COURT.network().genesis().networkId());
    Machine machine =
        new Machine(COURT.network().genesis(), COURT.network().node("alpha"), new FailingProgram());
    ConformanceAudit audit = new ConformanceAudit(machine);
    while (audit.goesOn()) {
      audit.feed(Replay.prepare(log.entry(audit.nextIndex()), "alpha", statements));
    }
    assertEquals(at, audit.undecided().orElseThrow().index());
    assertInstanceOf(FailingProgram.Planted.class, audit.undecided().orElseThrow().cause());
    assertEquals(Optional.empty(), audit.finding());
    assertFalse(audit.goesOn());
    assertEquals(at, audit.auditedSize());
    Replay.Prepared next = Replay.prepare(log.entry(at + 1), "alpha", statements);
    assertThrows(IllegalStateException.class, () -> audit.feed(next));
  }
}
