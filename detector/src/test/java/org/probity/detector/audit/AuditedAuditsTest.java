package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.audit.AuditBook.Standing;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Offences;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** protocol.md §6.6: who signs without looking is found out by who looks, and nobody else is. */
class AuditedAuditsTest {
  private static final Court COURT = new Court();
  private static final Hash NETWORK = COURT.network().genesis().networkId();
  private static final Hash OTHER = Hash.sha256(new byte[] {42});
  private static final AuditRule RULE = AuditRule.founding(COURT.network().genesis());

  private static VerifiedAudit audit(String auditor, ByzantineLog log, long size) {
    return audit(auditor, log, Frontier.read(log, size).head());
  }

  private static VerifiedAudit audit(String auditor, ByzantineLog log, TreeHead to) {
    AuditStatement statement =
        AuditStatement.fromGenesis(
            log.machine().origin(), to, COURT.network().genesis().programId());
    return signed(auditor, statement);
  }

  private static VerifiedAudit signed(String auditor, AuditStatement statement) {
    Bytes signed = statement.sign(NETWORK, COURT.network().logKey(auditor)).encoded();
    return RULE.check(signed).valid().orElseThrow();
  }

  private static ConformanceAudit replay(ByzantineLog log) {
    ConformanceAudit audit = new ConformanceAudit(log.machine());
    StatementVerifier statements = new StatementVerifier(SignatureRule.fastest(), NETWORK);
    for (long index = 0; index < log.size() && audit.goesOn(); index++) {
      audit.feed(Replay.prepare(log.entry(index), log.machine().self().node(), statements));
    }
    return audit;
  }

  /** What it signed before it lost its store, it holds no more. */
  @Test
  void whatAnAuditorSignedBeforeItBeganAgainGivesWayToWhatItSignsNow() {
    ByzantineLog log = COURT.log("alpha", 4);
    Polity polity = new Polity(COURT.network());
    NodeRecord next = Polity.next(COURT.network().node("beta"));
    DecisionChain approved =
        polity.decide(
            polity.chain(),
            new Action.ApproveIncarnation(
                polity.enrolment(next, Polity.signer(next.member())),
                Polity.HEAD,
                Polity.ROOT,
                TestNetwork.FOUNDED_MILLIS,
                List.of()));
    AuditStatement statement =
        AuditStatement.fromGenesis(
            log.machine().origin(),
            Frontier.read(log, 4).head(),
            COURT.network().genesis().programId());
    VerifiedAudit now =
        AuditRule.by(approved)
            .check(statement.sign(NETWORK, TestNetwork.signer("log beta/1")).encoded())
            .valid()
            .orElseThrow();
    VerifiedAudit before = audit("beta", log, log.size());
    AuditBook book = new AuditBook(log.machine().origin());
    assertEquals(Standing.KEPT, book.take(before, log));
    assertEquals(Standing.KEPT, book.take(now, log), "although it covers less");
    assertEquals(Standing.KNOWN, book.take(before, log));
    assertEquals(List.of(now), book.newest());
  }

  static List<Offences.Offence> offences() {
    return Offences.all(COURT).stream()
        .filter(offence -> offence.kind() != FaultKind.FORK)
        .filter(offence -> !offence.code().equals("checkpoint_not_on_state"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("offences")
  void whoSignsWithoutLookingIsFoundOut(Offences.Offence offence) {
    ByzantineLog log = offence.log();
    Finding finding = replay(log).finding().orElseThrow();
    AuditBook book = new AuditBook(log.machine().origin());
    VerifiedAudit lie = audit("beta", log, log.size());
    assertEquals(Standing.KEPT, book.take(lie, log));
    Evidence evidence =
        assertInstanceOf(
                Proof.Proven.class,
                book.accuse(
                    lie, Optional.of(finding), log, COURT.verifier(), COURT.verifier().founding()))
            .proof();
    assertEquals("beta", evidence.accused());
    assertEquals("m-beta", evidence.member());
    assertEquals(FaultKind.FALSE_AUDIT, evidence.faultId().kind());
    assertEquals(COURT.machine("beta").origin().format(), evidence.faultId().subject().format());
  }

  /** A1: whatever the ward goes on to do, nothing is proven to who signs what it has replayed. */
  @ParameterizedTest
  @MethodSource("offences")
  void whoSignsWhatItHasReplayedIsSafe(Offences.Offence offence) {
    ByzantineLog log = offence.log();
    ConformanceAudit own = replay(log);
    assertTrue(own.auditedSize() <= offence.position());
    if (own.auditedSize() == 0) {
      return;
    }
    VerifiedAudit honest = audit("beta", log, own.auditedSize());
    AuditBook book = new AuditBook(log.machine().origin());
    assertEquals(Standing.KEPT, book.take(honest, log));
    assertInstanceOf(
        Proof.NotCovered.class,
        book.accuse(honest, own.finding(), log, COURT.verifier(), COURT.verifier().founding()));
    // Nor by anybody who is less careful: what proves the offence is none under that AUDIT.
    COURT.assertRejected("not_included", COURT.underAudit(offence.file(), honest.encoded()));
  }

  @Test
  void bothOrdersLeadToTheProof() {
    ByzantineLog log = offences().get(0).log();
    AuditBook book = new AuditBook(log.machine().origin());
    VerifiedAudit lie = audit("beta", log, log.size());
    book.take(lie, log);
    assertInstanceOf(
        Proof.NotCovered.class,
        book.accuse(lie, Optional.empty(), log, COURT.verifier(), COURT.verifier().founding()));
    Optional<Finding> finding = replay(log).finding();
    assertInstanceOf(
        Proof.Proven.class,
        book.accuse(lie, finding, log, COURT.verifier(), COURT.verifier().founding()));
    // Told once.
    assertInstanceOf(
        Proof.NotCovered.class,
        book.accuse(lie, finding, log, COURT.verifier(), COURT.verifier().founding()));
  }

  @Test
  void whoEndsInMidBatchIsFoundOutWithoutAFinding() {
    ByzantineLog log = COURT.log("alpha", 2);
    VerifiedAudit early = audit("beta", log, 2);
    AuditBook book = new AuditBook(log.machine().origin());
    assertEquals(Standing.KEPT, book.take(early, log));
    Proof proof =
        book.accuse(early, Optional.empty(), log, COURT.verifier(), COURT.verifier().founding());
    assertEquals("beta", proof.evidence().orElseThrow().accused());
  }

  @Test
  void keepsTheNewestOfEachAuditor() {
    ByzantineLog log = COURT.log("alpha", 3);
    AuditBook book = new AuditBook(log.machine().origin());
    VerifiedAudit first = audit("beta", log, 4);
    VerifiedAudit second = audit("beta", log, 6);
    VerifiedAudit other = audit("gamma", log, 4);
    assertEquals(Standing.KEPT, book.take(first, log));
    assertEquals(Standing.KNOWN, book.take(first, log));
    assertEquals(Standing.KEPT, book.take(second, log));
    assertEquals(Standing.KNOWN, book.take(first, log));
    assertEquals(Standing.KEPT, book.take(other, log));
    assertEquals(List.of(second, other), book.newest());
    assertEquals(Optional.of(second), book.by("beta"));
    assertEquals(Optional.empty(), book.by("delta"));
    assertEquals(List.of(second, other), book.covering(3));
    assertEquals(List.of(second), book.covering(4));
    assertEquals(List.of(), book.covering(6));
  }

  @Test
  void aLieIsNotReplacedByWhatNobodyCanJudge() {
    ByzantineLog log = offences().get(0).log();
    AuditBook book = new AuditBook(log.machine().origin());
    VerifiedAudit lie = audit("beta", log, log.size());
    book.take(lie, log);
    assertEquals(
        Standing.AHEAD, book.take(audit("beta", log, new TreeHead(log.size() + 100, OTHER)), log));
    log.tick(TestNetwork.FOUNDED_MILLIS + 5_000);
    assertEquals(
        Standing.OTHER_LOG, book.take(audit("beta", log, new TreeHead(log.size(), OTHER)), log));
    assertEquals(Optional.of(lie), book.by("beta"));
    AuditStatement partial =
        new AuditStatement(
            log.machine().origin(),
            Frontier.read(log, log.size() - 1).head(),
            Frontier.read(log, log.size()).head(),
            COURT.network().genesis().programId());
    assertEquals(Standing.PARTIAL, book.take(signed("beta", partial), log));
    assertEquals(Optional.of(lie), book.by("beta"));
  }

  @Test
  void whatIsAheadWaitsUntilTheLogGetsThere() {
    ByzantineLog log = COURT.log("alpha", 3);
    LogReader behind = prefix(log, 4);
    AuditBook book = new AuditBook(log.machine().origin());
    VerifiedAudit right = audit("beta", log, 6);
    VerifiedAudit wrong = audit("gamma", log, new TreeHead(6, OTHER));
    assertEquals(Standing.AHEAD, book.take(right, behind));
    assertEquals(Standing.AHEAD, book.take(right, behind));
    assertEquals(Standing.AHEAD, book.take(wrong, behind));
    AuditBook.Reached nothing = new AuditBook.Reached(List.of(), List.of());
    assertEquals(nothing, book.grown(behind));
    assertEquals(List.of(), book.newest());
    assertEquals(new AuditBook.Reached(List.of(right), List.of(wrong)), book.grown(log));
    assertEquals(List.of(right), book.newest());
    assertEquals(nothing, book.grown(log));
  }

  private static LogReader prefix(ByzantineLog log, long size) {
    return new LogReader() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public Bytes entry(long index) {
        return log.entry(index);
      }

      @Override
      public Hash node(int level, long index) {
        return log.node(level, index);
      }
    };
  }

  @Test
  void theNearestOfThoseAheadStay() {
    ByzantineLog log = COURT.log("alpha", 3);
    LogReader behind = prefix(log, 1);
    AuditBook book = new AuditBook(log.machine().origin());
    for (int i = 0; i < AuditBook.MAX_AHEAD; i++) {
      assertEquals(
          Standing.AHEAD, book.take(audit("beta", log, new TreeHead(100 + i, OTHER)), behind));
    }
    assertEquals(Standing.CROWDED, book.take(audit("beta", log, new TreeHead(200, OTHER)), behind));
    VerifiedAudit near = audit("beta", log, 6);
    assertEquals(Standing.AHEAD, book.take(near, behind));
    assertEquals(List.of(near), book.grown(log).kept());
  }

  @Test
  void survivesOnDiskAndIsNotBelieved() throws DecodeException {
    ByzantineLog log = COURT.log("alpha", 3);
    AuditBook book = new AuditBook(log.machine().origin());
    book.take(audit("gamma", log, 4), log);
    book.take(audit("beta", log, 6), log);
    AuditBook again = new AuditBook(log.machine().origin());
    again.recall(book.encode(), RULE, log);
    assertEquals(book.newest(), again.newest());
    // On another past of the log none of it stands.
    ByzantineLog other = COURT.log("alpha", 1).endState().endState().endState();
    AuditBook elsewhere = new AuditBook(log.machine().origin());
    elsewhere.recall(book.encode(), RULE, other);
    assertEquals(List.of(), elsewhere.newest());
    byte[] damaged = book.encode().toArray();
    damaged[damaged.length - 1] ^= 1;
    // One that is damaged takes nothing away from the others.
    AuditBook rest = new AuditBook(log.machine().origin());
    rest.recall(Bytes.wrap(damaged), RULE, log);
    assertEquals(1, rest.newest().size());
    assertTrue(book.newest().containsAll(rest.newest()));
    // One about another log is left out, and the others stand.
    ByzantineLog betas = COURT.log("beta", 3);
    CborWriter mixed =
        new CborWriter()
            .array(2)
            .bytes(audit("gamma", betas, betas.size()).encoded())
            .bytes(audit("gamma", log, 4).encoded());
    AuditBook left = new AuditBook(log.machine().origin());
    left.recall(mixed.toBytes(), RULE, log);
    assertEquals(List.of(audit("gamma", log, 4)), left.newest());
  }

  @Test
  void isAboutOneLog() {
    ByzantineLog log = COURT.log("alpha", 1);
    AuditBook book = new AuditBook(COURT.machine("gamma").origin());
    VerifiedAudit audit = audit("beta", log, log.size());
    assertThrows(IllegalArgumentException.class, () -> book.take(audit, log));
  }
}
