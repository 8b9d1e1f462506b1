package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Offences;
import org.probity.detector.evidence.Verification;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.SignedCheckpoint;

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
    assertEquals("alpha", evidence.node());
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
    return audit(log, checkpoint, entries).or(judged::candidate);
  }

  private static Optional<Bytes> audit(
      ByzantineLog log, SignedCheckpoint checkpoint, List<Bytes> entries) {
    ConformanceAudit audit = new ConformanceAudit(log.machine());
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), COURT.network().genesis().networkId());
    for (Bytes entry : entries) {
      if (audit.feed(Replay.prepare(entry, "alpha", statements)).isPresent()) {
        break;
      }
    }
    return audit.finding().flatMap(finding -> finding.candidate(checkpoint, log));
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
  void hasOffences() {
    assertTrue(offences().size() > 60);
  }
}
