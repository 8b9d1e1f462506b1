package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Offences;
import org.probity.detector.evidence.Verification;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.state.StateTree;

/** A witness follows a Byzantine log and comes back with a proof (protocol.md §6.3, §6.4). */
class ByzantineAuditTest {
  private static final Court COURT = new Court();

  static List<Offences.Offence> offences() {
    return Offences.all(COURT).stream()
        .filter(offence -> offence.kind() != FaultKind.FORK)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("offences")
  void provesWhatItFinds(Offences.Offence offence) {
    Evidence evidence = proven(witness(offence.log()).orElseThrow());
    assertEquals("alpha", evidence.accused());
    assertEquals(offence.kind(), evidence.faultId().kind());
    assertEquals(offence.position(), evidence.faultId().position());
    if (!offence.code().equals("sequence_backwards")) {
      assertEquals(offence.code(), evidence.code());
    }
  }

  /** Follows the whole log in one step, as far as anything is wrong with it. */
  private static Optional<Bytes> witness(ByzantineLog log) {
    SignedCheckpoint checkpoint = log.checkpoint();
    Replica replica = replica();
    List<Bytes> entries = new ArrayList<>();
    for (long index = 0; index < log.size(); index++) {
      entries.add(log.entry(index));
    }
    Replica.Growth.Extends growth =
        assertInstanceOf(Replica.Growth.Extends.class, replica.grow(checkpoint, entries));
    assertEquals(log.completedSince(0), growth.append().completed());
    assertEquals(List.of(checkpoint), replica.stored(growth));
    Replica.Judged judged = replica.judge(checkpoint, checkpoint, log);
    assertEquals(Replica.Comparison.CONSISTENT, judged.comparison());
    return audit(log, checkpoint).or(judged::candidate);
  }

  private static Optional<Bytes> audit(ByzantineLog log, SignedCheckpoint checkpoint) {
    ConformanceAudit audit = audited(new ConformanceAudit(log.machine()), log);
    return audit
        .finding()
        .flatMap(finding -> finding.prove(checkpoint, log, COURT.verifier()).evidence())
        .map(Evidence::encoded);
  }

  private static Replica replica() {
    return new Replica(
        COURT.machine("alpha").origin(),
        COURT.network().node("alpha").logKey(),
        SignatureRule.fastest(),
        Frontier.EMPTY);
  }

  private static Evidence proven(Bytes candidate) {
    Verification verification = COURT.verifier().verify(candidate);
    return assertInstanceOf(Verification.Proven.class, verification, verification.toString())
        .evidence();
  }

  @Test
  void goesOnFromAnAuditedState() throws Exception {
    for (Offences.Offence offence : offences()) {
      ByzantineLog log = offence.log();
      ConformanceAudit whole = audited(new ConformanceAudit(log.machine()), log);
      if (whole.auditedSize() < 2) {
        continue;
      }
      Entry last = Entry.decode(log.entry(whole.auditedSize() - 1));
      assertEquals(((StateEntry) last.body()).stateRoot(), whole.auditedState().root());
      ConformanceAudit resumed =
          audited(ConformanceAudit.resume(log.machine(), last, whole.auditedState()), log);
      assertEquals(whole.finding(), resumed.finding());
      assertEquals(whole.auditedSize(), resumed.auditedSize());
      assertEquals(log.size() - whole.auditedSize(), resumed.lagEntries(log.size()));
      assertThrows(
          IllegalArgumentException.class,
          () -> ConformanceAudit.resume(log.machine(), last, StateTree.EMPTY));
    }
  }

  @Test
  void waitsForACheckpointThatCoversTheProof() {
    // A batch too large shows by the STATE that ends it, and not before.
    ByzantineLog log = COURT.log("alpha");
    for (int i = 0; i < 40; i++) {
      log.transaction(COURT.put("alpha", "k" + i + "=v"));
    }
    long open = log.size();
    Finding finding =
        audited(new ConformanceAudit(log.machine()), log.endState()).finding().orElseThrow();
    assertEquals("batch_too_large", finding.violation().code());
    assertEquals(new Proof.NotCovered(), prove(finding, log, finding.index()));
    Evidence early = prove(finding, log, open).evidence().orElseThrow();
    assertEquals("checkpoint_not_on_state", early.code());
    Evidence late = prove(finding, log, log.size()).evidence().orElseThrow();
    assertEquals("batch_too_large", late.code());
  }

  @Test
  void aBatchTooLargeWhoseStateLiesIsProvenByTheLie() {
    assertLie("state_wrong_previous", log -> new StateEntry(Hash.sha256(), 1, log.batchBytes()));
    assertLie("state_wrong_previous", log -> new StateEntry(Hash.sha256(), 90, log.batchBytes()));
    assertLie("batch_too_large", log -> new StateEntry(Hash.sha256(), 3, 10_000));
    assertLie("state_wrong_bytes", log -> new StateEntry(Hash.sha256(), 3, 1L << 40));
    assertLie("wrong_index", null);
  }

  private static void assertLie(String code, @Nullable Function<ByzantineLog, EntryBody> state) {
    ByzantineLog log = COURT.log("alpha", 1);
    for (int i = 0; i < 40; i++) {
      log.transaction(COURT.put("alpha", "k" + i + "=v"));
    }
    if (state == null) {
      log.raw(Entry.of(7, log.lastLeaf(), new TickEntry(1)).bytes());
    } else {
      log.body(state.apply(log));
    }
    Finding finding = audited(new ConformanceAudit(log.machine()), log).finding().orElseThrow();
    assertEquals("batch_too_large", finding.violation().code());
    Evidence evidence = prove(finding, log, log.size()).evidence().orElseThrow();
    assertEquals(code, evidence.code());
    assertEquals(log.size() - 1, evidence.faultId().position());
  }

  private static Proof prove(Finding finding, ByzantineLog log, long size) {
    return finding.prove(log.checkpoint(size), log, COURT.verifier());
  }

  private static ConformanceAudit audited(ConformanceAudit audit, ByzantineLog log) {
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), COURT.network().genesis().networkId());
    while (audit.finding().isEmpty() && audit.nextIndex() < log.size()) {
      audit.feed(Replay.prepare(log.entry(audit.nextIndex()), "alpha", statements));
    }
    return audit;
  }

  @Test
  void hasOffences() {
    assertTrue(offences().size() > 60);
  }
}
