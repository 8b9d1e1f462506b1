package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.audit.Proof;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Subject;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** protocol.md §2.4, §8.1: a file brings the decisions that say whose word it shows. */
class LaterIncarnationTest {
  private static final Hash ONE = Hash.sha256(new byte[] {1});
  private static final Hash OTHER = Hash.sha256(new byte[] {2});
  private static final Signer NEW_KEY = TestNetwork.signer("log alpha/1");

  private final Court court = new Court();
  private final Hash networkId = court.network.genesis().networkId();
  private final Polity polity = new Polity(court.network);
  private final NodeRecord founding = court.network.node("alpha");
  private final NodeRecord later = Polity.next(founding);
  private final Origin origin = new Origin(networkId, "alpha", 1);
  private final DecisionChain suspended =
      polity.decide(polity.chain(), new Action.SuspendNode("beta"));
  private final DecisionChain approved = polity.decide(suspended, approval(later));

  private Action approval(NodeRecord record) {
    return new Action.ApproveIncarnation(
        polity.enrolment(record, Polity.signer(record.member())),
        Polity.HEAD,
        Polity.ROOT,
        TestNetwork.FOUNDED_MILLIS,
        List.of());
  }

  private static List<Bytes> files(DecisionChain chain) {
    return chain.decisions().stream().map(ValidDecision::encoded).toList();
  }

  private static SignedCheckpoint sign(Signer key, Origin origin, Hash root) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED)
                .sign(new TreeHead(5, root)))
        .checkpoint();
  }

  private Bytes fork(Signer key, Origin log, List<Bytes> decisions) {
    return new EvidenceBuilder(networkId, decisions)
        .fork(sign(key, log, ONE), sign(key, log, OTHER));
  }

  @Test
  void provesAForkUnderTheKeysThatADecisionBroughtIn() {
    Bytes file = fork(NEW_KEY, origin, files(approved));
    Evidence evidence =
        assertInstanceOf(Verification.Proven.class, court.verifier.verify(file)).evidence();
    assertEquals(new FaultId(origin, FaultKind.FORK, 5), evidence.faultId());
    assertEquals("m-alpha", evidence.member());
    assertEquals(Optional.of("alpha"), evidence.node());
    Tampering.assertEveryByteMatters(court.verifier, file);
    Tampering.assertLengthMatters(court.verifier, file);
  }

  @Test
  void needsEveryDecisionInOrder() {
    List<Bytes> all = files(approved);
    court.assertRejected("unknown_incarnation", fork(NEW_KEY, origin, List.of()));
    court.assertRejected("unknown_incarnation", fork(NEW_KEY, origin, files(suspended)));
    court.assertRejected("wrong_epoch", fork(NEW_KEY, origin, all.subList(1, 2)));
    court.assertRejected("wrong_epoch", fork(NEW_KEY, origin, List.of(all.get(1), all.get(0))));
  }

  @Test
  void takesNoDecisionThatIsNotNeeded() {
    DecisionChain revoked =
        polity.decide(
            polity.decide(approved, new Action.SuspendNode("alpha")),
            new Action.RevokeNode("alpha", Polity.HEAD, List.of()));
    court.assertRejected("decisions_not_needed", fork(NEW_KEY, origin, files(revoked)));
    Signer foundingKey = court.network.logKey("alpha");
    Origin first = new Origin(networkId, "alpha", 0);
    court.assertRejected("decisions_not_needed", fork(foundingKey, first, files(approved)));
    // Nor is a fork of the founding log shed by what came after it.
    assertInstanceOf(
        Verification.Proven.class, court.verifier.verify(fork(foundingKey, first, List.of())));
  }

  @Test
  void aDecisionAloneAttributesNothing() {
    // Everybody but alpha votes a key of their own under alpha's name.
    NodeRecord planted =
        new NodeRecord(
            "alpha", "m-alpha", 1, TestNetwork.signer("planted").publicKey(), later.cosignerKey());
    Action action =
        new Action.ApproveIncarnation(
            polity.enrolment(planted, Polity.signer("m-beta")),
            Polity.HEAD,
            Polity.ROOT,
            TestNetwork.FOUNDED_MILLIS,
            List.of());
    Decision decision = polity.confirmed(polity.chain().state(), action);
    court.assertRejected(
        "enrolment_invalid",
        fork(TestNetwork.signer("planted"), origin, List.of(decision.encode())));
  }

  @Test
  void theOldKeyDoesNotSpeakForTheNewLog() {
    court.assertRejected(
        "checkpoint_bad_signature", fork(court.network.logKey("alpha"), origin, files(approved)));
    court.assertRejected(
        "checkpoint_bad_signature",
        fork(NEW_KEY, new Origin(networkId, "alpha", 0), files(approved)));
  }

  // A log that goes on.

  /** Alpha's log of two batches, closed, and what the members decide about it. */
  private final ByzantineLog closed = court.log("alpha", 2);

  private final DecisionChain reopened =
      polity.decide(
          suspended,
          new Action.ApproveIncarnation(
              polity.enrolment(later, Polity.signer(later.member())),
              closed.checkpoint().head(),
              closed.state().root(),
              TestNetwork.FOUNDED_MILLIS + 5,
              List.of()));

  private Machine machine(DecisionChain chain) {
    return new Machine(
        court.network.genesis(),
        Incarnations.of(chain.state(), "alpha").orElseThrow(),
        court.program);
  }

  private ByzantineLog next(ByzantineLog before) {
    return before.succeed(machine(reopened), NEW_KEY);
  }

  /** A log of two incarnations, and a batch of the second. */
  private ByzantineLog honest() {
    return next(closed)
        .genesis()
        .tick(TestNetwork.FOUNDED_MILLIS + 5)
        .transaction(court.put("alpha", "beta/more=1"))
        .endState();
  }

  private Optional<Finding> audit(ByzantineLog log) {
    ConformanceAudit audit = new ConformanceAudit(machine(reopened));
    StatementVerifier statements = new StatementVerifier(SignatureRule.fastest(), networkId);
    for (long i = 0; i < log.size() && audit.finding().isEmpty(); i++) {
      audit.feed(Replay.prepare(log.entry(i), "alpha", statements));
      assertTrue(audit.goesOn() || audit.finding().isPresent(), String.valueOf(audit.undecided()));
    }
    return audit.finding();
  }

  /** What an auditor finds, and what the verifier says of the file that it makes of it. */
  private void assertExposed(FaultKind kind, String code, long position, ByzantineLog log) {
    Finding finding = audit(log).orElseThrow();
    assertEquals(position, finding.index());
    Proof proof = finding.prove(log.checkpoint(), log, court.verifier, reopened);
    Evidence evidence = proof.evidence().orElseThrow(() -> new AssertionError(code + ": " + proof));
    assertEquals(new FaultId(origin, kind, position), evidence.faultId());
    assertEquals(code, evidence.code());
    assertEquals("m-alpha", evidence.member());
    Tampering.assertLengthMatters(court.verifier, evidence.encoded());
    court.assertRejected(
        "unknown_incarnation",
        new EvidenceBuilder(networkId)
            .invalidEntry(log.checkpoint(), code, List.of(position), log));
  }

  @Test
  void aLogThatGoesOnUnderNewKeysIsClean() {
    assertEquals(Optional.empty(), audit(honest()));
  }

  @Test
  void whatTheOldKeysWroteIsJudgedByTheirRules() {
    // The first incarnation took in what was sent to the second: before that had begun.
    ByzantineLog log = court.log("alpha", 2);
    ByzantineLog beta = court.log("beta").tick(TestNetwork.FOUNDED_MILLIS + 1);
    beta.body(new SendEntry("alpha", 1, 0, Bytes.utf8("early"))).endState();
    log.body(beta.envelope(2)).endState();
    DecisionChain chain =
        polity.decide(
            suspended,
            new Action.ApproveIncarnation(
                polity.enrolment(later, Polity.signer(later.member())),
                log.checkpoint().head(),
                log.state().root(),
                TestNetwork.FOUNDED_MILLIS,
                List.of()));
    ByzantineLog next = log.succeed(machine(chain), NEW_KEY).genesis();
    Bytes file =
        new EvidenceBuilder(networkId, files(chain))
            .invalidEntry(next.checkpoint(), "receive_wrong_addressee", List.of(6L), next);
    Verification.Proven proven =
        assertInstanceOf(Verification.Proven.class, court.verifier.verify(file));
    assertEquals("receive_wrong_addressee", proven.evidence().code());
  }

  @Test
  void aLieAfterTheCloseIsATransitionThatExecutionDoesNotMake() {
    ByzantineLog log = next(closed).genesis().tick(TestNetwork.FOUNDED_MILLIS + 5).endState(OTHER);
    long at = closed.size();
    assertExposed(FaultKind.INVALID_TRANSITION, "state_root_differs", at + 2, log);
  }

  @Test
  void itBeginsWithGenesis() {
    ByzantineLog log = next(closed).tick(TestNetwork.FOUNDED_MILLIS + 5).endState();
    assertExposed(FaultKind.INVALID_ENTRY, "genesis_missing", closed.size(), log);
  }

  @Test
  void itBeginsOnce() {
    ByzantineLog log = honest();
    long at = log.size();
    log.body(log.machine().genesisBody()).endBatch();
    assertExposed(FaultKind.INVALID_ENTRY, "genesis_misplaced", at, log);
  }

  @Test
  void itBeginsAsTheMembersDecided() {
    ByzantineLog log = next(closed);
    GenesisEntry right = log.machine().genesisBody();
    log.body(new GenesisEntry("alpha", 1, right.programId(), OTHER)).endBatch();
    assertExposed(FaultKind.INVALID_ENTRY, "genesis_differs", closed.size(), log);
  }

  @Test
  void itGoesOnWithTheLogThatWasClosed() {
    ByzantineLog other = court.log("alpha", 1).transaction(court.put("alpha", "x=y")).endState();
    assertEquals(closed.size(), other.size());
    ByzantineLog log = next(other);
    log.body(log.machine().genesisBody()).endBatch();
    Bytes file =
        new EvidenceBuilder(networkId, files(reopened))
            .invalidEntry(log.checkpoint(), "genesis_wrong_close", List.of(closed.size()), log);
    Verification.Proven proven =
        assertInstanceOf(Verification.Proven.class, court.verifier.verify(file));
    assertEquals(
        new FaultId(origin, FaultKind.INVALID_ENTRY, closed.size()), proven.evidence().faultId());
    assertExposed(FaultKind.INVALID_ENTRY, "genesis_wrong_close", closed.size(), log);
    ByzantineLog honest = honest();
    court.assertRejected(
        "no_fault",
        new EvidenceBuilder(networkId, files(reopened))
            .invalidEntry(
                honest.checkpoint(), "genesis_wrong_close", List.of(closed.size()), honest));
  }

  @Test
  void itGoesOnWithTheStateThatTheClosedLogEndsOn() {
    // What the members decided does not fit the log: nobody correct would have begun.
    DecisionChain wrong =
        polity.decide(
            suspended,
            new Action.ApproveIncarnation(
                polity.enrolment(later, Polity.signer(later.member())),
                closed.checkpoint().head(),
                OTHER,
                TestNetwork.FOUNDED_MILLIS,
                List.of()));
    ByzantineLog log = closed.succeed(machine(wrong), NEW_KEY).genesis();
    Bytes file =
        new EvidenceBuilder(networkId, files(wrong))
            .invalidEntry(
                log.checkpoint(),
                "genesis_wrong_state",
                List.of(closed.size() - 1, closed.size()),
                log);
    Verification.Proven proven =
        assertInstanceOf(Verification.Proven.class, court.verifier.verify(file));
    assertEquals("genesis_wrong_state", proven.evidence().code());
  }

  @Test
  void itsTimeDoesNotGoBackBeyondWhatTheMembersFixed() {
    ByzantineLog log = next(closed).genesis().tick(TestNetwork.FOUNDED_MILLIS + 4).endState();
    assertExposed(FaultKind.INVALID_ENTRY, "tick_before_beginning", closed.size() + 1, log);
  }

  @Test
  void whoAttestsALogOfSeveralIncarnationsAnswersForAllOfIt() throws Exception {
    ByzantineLog log = next(closed).genesis().tick(TestNetwork.FOUNDED_MILLIS + 5).endState(OTHER);
    Bytes attested =
        new AuditStatement(
                origin,
                TreeHead.EMPTY,
                log.checkpoint().head(),
                court.network.genesis().programId())
            .sign(networkId, court.network.logKey("beta"))
            .encoded();
    AuditRule rule =
        new AuditRule(court.network.genesis(), KeyHistory.of(reopened), SignatureRule.fastest());
    Proof proof =
        audit(log)
            .orElseThrow()
            .proveFalseAudit(rule.verify(attested), log, court.verifier, reopened);
    Evidence evidence =
        proof.evidence().orElseThrow(() -> new AssertionError(String.valueOf(proof)));
    assertEquals("m-beta", evidence.member());
    assertEquals("false_audit", evidence.code());
  }

  // An auditor whose key a decision has brought in: what beta's second one has signed about alpha.

  private static final Signer BETAS_KEY = TestNetwork.signer("log beta/1");

  /** There is a wrong entry in alpha's log, and somebody has signed that there is none. */
  private Bytes falseAudit(Signer auditor, DecisionChain chain) throws Exception {
    Offences.Offence offence =
        Offences.all(court).stream()
            .filter(one -> one.kind() == FaultKind.INVALID_TRANSITION)
            .findFirst()
            .orElseThrow();
    EvidenceFile.InvalidTransition content =
        (EvidenceFile.InvalidTransition) EvidenceFile.decode(offence.file()).content();
    AuditStatement statement =
        new AuditStatement(
            new Origin(networkId, "alpha", 0),
            TreeHead.EMPTY,
            offence.log().checkpoint().head(),
            court.program.id());
    return new EvidenceFile(
            networkId,
            files(chain),
            new EvidenceFile.FalseAudit(
                statement.sign(networkId, auditor).encoded(), content.shown()))
        .encode();
  }

  @Test
  void anAuditorAnswersForWhatALaterKeyOfItsHasSigned() throws Exception {
    DecisionChain chain =
        polity.decide(suspended, approval(Polity.next(court.network.node("beta"))));
    Bytes file = falseAudit(BETAS_KEY, chain);
    Evidence evidence =
        assertInstanceOf(Verification.Proven.class, court.verifier.verify(file)).evidence();
    assertEquals("m-beta", evidence.member());
    assertEquals("false_audit", evidence.code());
    assertEquals(new Subject.OfLog(new Origin(networkId, "beta", 1)), evidence.faultId().subject());
    Tampering.assertLengthMatters(court.verifier, file);
    // Without the decision nobody can tell whose key it is.
    court.assertRejected("audit_unknown_signer", falseAudit(BETAS_KEY, polity.chain()));
    court.assertRejected("audit_unknown_signer", falseAudit(BETAS_KEY, suspended));
    // And it brings in this one and no other, and is no part of a file that does not need it.
    court.assertRejected("audit_unknown_signer", falseAudit(TestNetwork.signer("stranger"), chain));
    court.assertRejected("decisions_not_needed", falseAudit(court.network.logKey("beta"), chain));
  }

  @Test
  void aLogOfTheFoundingKeysTakesNoDecisions() throws Exception {
    for (Offences.Offence offence : Offences.all(court)) {
      if (offence.kind() != FaultKind.FORK) {
        EvidenceFile file = EvidenceFile.decode(offence.file());
        court.assertRejected(
            "decisions_not_needed",
            new EvidenceFile(networkId, files(approved), file.content()).encode());
      }
    }
  }
}
