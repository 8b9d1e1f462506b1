package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.Verdict;

/**
 * protocol.md §6.6, §8.1: FALSE_AUDIT names the auditor that signed for entries that are not as
 * they must be, and nobody who signed for what is. Here alpha is the ward and beta the auditor.
 */
class FalseAuditTest {
  private static final Court COURT = new Court();
  private static final Hash OTHER = Hash.sha256(new byte[] {42});
  private static final Hash NETWORK = COURT.network.genesis().networkId();
  private static final AuditRule RULE = AuditRule.founding(COURT.network.genesis());

  /** What one offence of alpha looks like if beta has signed that it is not there. */
  record Lie(Offences.Offence offence, Bytes file) {
    @Override
    public String toString() {
      return offence.name();
    }
  }

  private static final List<Lie> LIES =
      Offences.all(COURT).stream()
          .filter(offence -> offence.kind() != FaultKind.FORK)
          .filter(offence -> !offence.code().equals("checkpoint_not_on_state"))
          .map(offence -> new Lie(offence, accuse(offence.file(), lazy(offence.log()))))
          .toList();

  static List<Lie> lies() {
    return LIES;
  }

  static List<Lie> smallestOfEachKind() {
    Map<FaultKind, Lie> smallest = new TreeMap<>();
    for (Lie lie : LIES) {
      smallest.merge(
          lie.offence().kind(),
          lie,
          (one, other) -> one.file().size() <= other.file().size() ? one : other);
    }
    return List.copyOf(smallest.values());
  }

  /** Signed without looking, over everything there is. */
  private static Bytes lazy(ByzantineLog log) {
    return audit(log, 0, log.size());
  }

  private static Bytes audit(ByzantineLog log, long from, long to) {
    return sign(
        new AuditStatement(
            log.machine().origin(), head(log, from), head(log, to), COURT.program.id()),
        "beta");
  }

  private static TreeHead head(ByzantineLog log, long size) {
    return Frontier.read(log, size).head();
  }

  private static Bytes sign(AuditStatement statement, String auditor) {
    return statement.sign(NETWORK, COURT.network.logKey(auditor)).encoded();
  }

  private static VerifiedAudit verified(Bytes statement) {
    return RULE.check(statement).valid().orElseThrow();
  }

  /** The same exhibits, with a statement in the place of the checkpoint. */
  private static Bytes accuse(Bytes file, Bytes statement) {
    return COURT.underAudit(file, statement);
  }

  private static Bytes accuse(Bytes statement, EvidenceFile.Shown shown) {
    return new EvidenceFile(NETWORK, new EvidenceFile.FalseAudit(statement, shown)).encode();
  }

  private static Verification.Proven assertProven(
      Bytes file, String auditor, Origin ward, long index, String rule) {
    long position = FaultId.falseAuditPosition(ward, index);
    Verification.Proven proven =
        COURT.assertProven(file, auditor, FaultKind.FALSE_AUDIT, "false_audit", position);
    FalselyAudited audited = proven.explanation().audited().orElseThrow();
    assertEquals(rule, audited.code());
    assertEquals(index, audited.index());
    assertEquals(ward, audited.audit().log());
    return proven;
  }

  // What is proven

  @ParameterizedTest
  @MethodSource("lies")
  void provesEveryOffenceThatSomebodySignedWasNone(Lie lie) {
    Offences.Offence offence = lie.offence();
    Verification.Proven proven =
        assertProven(
            lie.file(),
            "beta",
            COURT.machine("alpha").origin(),
            offence.position(),
            offence.code());
    EvidenceExplanation explanation = proven.explanation();
    EvidenceExplanation ofWard =
        assertInstanceOf(
                Verification.Proven.class, COURT.verifier.verify(offence.file()), offence.name())
            .explanation();
    assertEquals(offence.kind(), explanation.audited().orElseThrow().kind());
    assertEquals(ofWard.exhibits(), explanation.exhibits());
    assertEquals(ofWard.logged(), explanation.logged());
    assertEquals(ofWard.expected(), explanation.expected());
    assertEquals(ofWard.execution(), explanation.execution());
    assertEquals(List.of(), explanation.checkpoints());
    assertEquals(Optional.empty(), ofWard.audited());
  }

  @ParameterizedTest
  @MethodSource("lies")
  void provesNothingOnceAByteIsChanged(Lie lie) {
    Tampering.assertEveryByteMatters(COURT.verifier, lie.file());
  }

  @ParameterizedTest
  @MethodSource("smallestOfEachKind")
  void provesNothingOnceABitIsFlipped(Lie lie) {
    Tampering.assertEveryBitMatters(COURT.verifier, lie.file());
  }

  @ParameterizedTest
  @MethodSource("lies")
  void provesNothingWithBytesMissingOrAdded(Lie lie) {
    Tampering.assertLengthMatters(COURT.verifier, lie.file());
  }

  @Test
  void isNoLargerThanTheProofAgainstTheWard() {
    for (Lie lie : LIES) {
      int more = lie.file().size() - lie.offence().file().size();
      assertTrue(more < 200, lie + ": " + more + " bytes more");
    }
  }

  @Test
  void provesAnAuditThatEndsInMidBatch() {
    // Alpha has done nothing wrong: it never signed that root, and has finished its batch since.
    ByzantineLog log = COURT.log("alpha", 2);
    VerifiedAudit audit = verified(audit(log, 0, 2));
    EntryExhibits.Selection shown = EntryExhibits.misplacedAudit(log, 2).orElseThrow();
    Bytes file = COURT.builder.falseAudit(audit, shown.code(), shown.indices(), log);
    assertProven(file, "beta", log.machine().origin(), 1, "audit_not_on_state");
    Tampering.assertEveryBitMatters(COURT.verifier, file);
    COURT.assertRejected(
        "no_fault",
        COURT.builder.falseAudit(verified(audit(log, 0, 4)), shown.code(), List.of(3L), log));
    COURT.assertRejected(
        "code_differs",
        COURT.builder.falseAudit(audit, "checkpoint_not_on_state", shown.indices(), log));
  }

  @Test
  void provesALieAboutARange() {
    ByzantineLog log = lying();
    Bytes file = accuse(COURT.transition(log, 5, 6), audit(log, 6, log.size()));
    assertProven(file, "beta", log.machine().origin(), 6, "outcome_differs");
    Tampering.assertEveryBitMatters(COURT.verifier, file);
  }

  /** GENESIS, TICK TRANSACTION STATE, TRANSACTION STATE, a lie, STATE. */
  private static ByzantineLog lying() {
    return lie(COURT.log("alpha", 2));
  }

  private static ByzantineLog lie(ByzantineLog log) {
    Statement statement = COURT.put(log.machine().self().node(), "a=b");
    log.execute(statement);
    return log.body(
            new TransactionEntry(
                statement.encoded(), TransactionOutcome.executed(Bytes.utf8("lost")).encode()))
        .endState();
  }

  // Whose lie, and which

  @Test
  void isOneFaultHoweverOftenItIsTold() {
    ByzantineLog log = lying();
    long shorter = log.size();
    log.transaction(COURT.put("alpha", "c=d")).endState();
    FaultId one = fault(accuse(shown(log, shorter, 5, 6), audit(log, 0, shorter)));
    FaultId other = fault(accuse(shown(log, log.size(), 5, 6), audit(log, 0, log.size())));
    assertEquals(one, other);
  }

  private static EvidenceFile.Shown shown(ByzantineLog log, long size, long first, long last) {
    Bytes file = COURT.transition(log, log.checkpoint(size), first, last);
    try {
      return ((EvidenceFile.InvalidTransition) EvidenceFile.decode(file).content()).shown();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private static Bytes accuse(EvidenceFile.Shown shown, Bytes statement) {
    return accuse(statement, shown);
  }

  private static FaultId fault(Bytes file) {
    return assertInstanceOf(Verification.Proven.class, COURT.verifier.verify(file))
        .evidence()
        .faultId();
  }

  @Test
  void liesAboutTwoLogsOrTwoEntriesAreTwo() {
    ByzantineLog alpha = lying();
    ByzantineLog gamma = lie(COURT.log("gamma", 2));
    Set<FaultId> faults = new HashSet<>();
    faults.add(fault(accuse(COURT.transition(alpha, 5, 6), lazy(alpha))));
    faults.add(fault(accuse(COURT.transition(gamma, 5, 6), lazy(gamma))));
    ByzantineLog later = lie(COURT.log("alpha", 3));
    faults.add(fault(accuse(COURT.transition(later, 7, 8), lazy(later))));
    assertEquals(3, faults.size());
    for (FaultId fault : faults) {
      assertTrue(fault.position() >= 0 && fault.position() < 1L << 48, fault.toString());
    }
  }

  @Test
  void namesTheAuditorAndNotTheWard() {
    Trust trust = new Trust();
    assertTrue(trust.learn(proven(LIES.get(0).file())));
    assertEquals(Verdict.EXPOSED, trust.verdict("beta"));
    assertEquals(Verdict.TRUSTED, trust.verdict("alpha"));
  }

  private static Evidence proven(Bytes file) {
    return assertInstanceOf(Verification.Proven.class, COURT.verifier.verify(file)).evidence();
  }

  // Framing: what an honest auditor signed proves nothing, whatever the ward does

  @ParameterizedTest
  @MethodSource("lies")
  void whoSignedForThePrefixDidNotSignForWhatFollowed(Lie lie) {
    Offences.Offence offence = lie.offence();
    ByzantineLog log = offence.log();
    for (long size = 1; size <= offence.position(); size++) {
      Bytes honest = audit(log, 0, size);
      // Under the prefix's own root the entry does not exist.
      COURT.assertRejected("not_included", accuse(offence.file(), honest));
    }
  }

  @Test
  void aForkOfTheWardNeverBlamesTheAuditor() {
    ByzantineLog clean = COURT.log("alpha", 3);
    ByzantineLog other = lie(clean.fork(COURT.network, 6));
    assertEquals(clean.size(), other.size());
    Bytes honest = lazy(clean);
    // The ward has signed both; what is wrong on one branch is not on the other.
    COURT.assertProven(
        COURT.transition(other, 5, 6), "alpha", FaultKind.INVALID_TRANSITION, "outcome_differs", 6);
    COURT.assertRejected("not_included", accuse(COURT.transition(other, 5, 6), honest));
    COURT.assertRejected("no_fault", accuse(COURT.transition(clean, 5, 6), honest));
  }

  @Test
  void entriesOfAnHonestLogBreakNoRule() {
    ByzantineLog log = COURT.log("alpha", 3);
    VerifiedAudit audit = verified(lazy(log));
    for (String code : List.of("encoding", "wrong_prev", "audit_not_on_state", "")) {
      for (long i = 0; i < log.size(); i++) {
        COURT.assertRejected("no_fault", COURT.builder.falseAudit(audit, code, List.of(i), log));
        for (long j = i + 1; j < log.size(); j++) {
          COURT.assertRejected(
              "no_fault", COURT.builder.falseAudit(audit, code, List.of(i, j), log));
        }
      }
    }
    for (long last : new long[] {4, 5}) {
      COURT.assertRejected(
          "no_fault", COURT.builder.falseAudit(audit, 3, last, log, log.witness(3, last)));
    }
  }

  @Test
  void onlyWhatCountsAsAnAuditIncriminates() {
    ByzantineLog log = lying();
    Bytes proof = COURT.transition(log, 5, 6);
    AuditStatement said = verified(lazy(log)).content();
    assertProven(accuse(proof, sign(said, "beta")), "beta", said.log(), 6, "outcome_differs");

    assertRejected("audit_wrong_program", proof, with(said.log(), said.from(), said.to(), OTHER));
    assertRejected(
        "unknown_incarnation",
        proof,
        with(new Origin(NETWORK, "alpha", 1), said.from(), said.to(), said.programId()));
    assertRejected(
        "wrong_network",
        proof,
        with(new Origin(OTHER, "alpha", 0), said.from(), said.to(), said.programId()));
    assertRejected(
        "audit_bad_range", proof, with(said.log(), said.to(), said.to(), said.programId()));
    assertRejected(
        "not_included",
        proof,
        with(said.log(), said.from(), new TreeHead(said.to().size(), OTHER), said.programId()));
    assertRejected(
        "not_included", proof, with(said.log(), said.from(), head(log, 6), said.programId()));
    COURT.assertRejected("audit_by_owner", accuse(proof, sign(said, "alpha")));
    COURT.assertRejected(
        "audit_unknown_signer",
        accuse(proof, said.sign(NETWORK, TestNetwork.signer("cosigner beta")).encoded()));
    COURT.assertRejected(
        "statement_wrong_network",
        accuse(proof, said.sign(OTHER, COURT.network.logKey("beta")).encoded()));
    COURT.assertRejected(
        "statement_wrong_typ",
        accuse(
            proof,
            Statement.sign(
                    NETWORK, "probity/challenge", said.encode(), COURT.network.logKey("beta"))
                .encoded()));
  }

  private static AuditStatement with(Origin log, TreeHead from, TreeHead to, Hash programId) {
    return new AuditStatement(log, from, to, programId);
  }

  private static void assertRejected(String code, Bytes proof, AuditStatement said) {
    COURT.assertRejected(code, accuse(proof, sign(said, "beta")));
  }

  @Test
  void anotherLogsEntriesSayNothingAboutThisOne() {
    // The same root under gamma's name: its entries are alpha's, whoever wrote that down lied.
    ByzantineLog log = COURT.log("alpha", 2);
    AuditStatement mixed =
        AuditStatement.fromGenesis(
            COURT.machine("gamma").origin(), head(log, log.size()), COURT.program.id());
    Bytes file = accuse(COURT.entry(log, "genesis_wrong_node", 0L), sign(mixed, "beta"));
    assertProven(file, "beta", COURT.machine("gamma").origin(), 0, "genesis_wrong_node");
    // Who names the log right is not touched by it.
    COURT.assertRejected("no_fault", accuse(COURT.entry(log, "genesis_wrong_node", 0L), lazy(log)));
  }

  @Test
  void nobodyAnswersForWhatItHasNotReplayed() {
    ByzantineLog log = lying();
    log.transaction(COURT.put("alpha", "c=d")).endState();
    Bytes proof = COURT.transition(log, 5, 6);
    COURT.assertRejected("not_audited", accuse(proof, audit(log, 8, log.size())));
    assertProven(
        accuse(proof, audit(log, 6, log.size())),
        "beta",
        log.machine().origin(),
        6,
        "outcome_differs");
    // From here on the batch starts before the replay does.
    COURT.assertRejected("not_audited", accuse(proof, audit(log, 7, log.size())));
  }

  @Test
  void theEntryThatAReplayStartsFromIsNotReplayed() {
    Offences.Offence offence =
        Offences.all(COURT).stream()
            .filter(it -> it.name().equals("a transaction for beta"))
            .findFirst()
            .orElseThrow();
    ByzantineLog log = offence.log();
    assertEquals(1, offence.position());
    COURT.assertRejected("not_audited", accuse(offence.file(), audit(log, 2, log.size())));
    assertProven(
        accuse(offence.file(), audit(log, 1, log.size())),
        "beta",
        log.machine().origin(),
        1,
        offence.code());
  }

  @Test
  void anEarlierEntryThanTheReplayStartsFromIsNotHeldAgainstIt() {
    Offences.Offence offence =
        Offences.all(COURT).stream()
            .filter(it -> it.name().equals("TICK backwards, far apart"))
            .findFirst()
            .orElseThrow();
    ByzantineLog log = offence.log();
    COURT.assertRejected("not_audited", accuse(offence.file(), audit(log, 6, log.size())));
    COURT.assertRejected("not_audited", accuse(offence.file(), audit(log, 4, log.size())));
    assertProven(
        accuse(offence.file(), audit(log, 2, log.size())),
        "beta",
        log.machine().origin(),
        6,
        "tick_backwards");
  }

  @Test
  void whatIsShownMustHangTogether() {
    ByzantineLog log = COURT.log("alpha").transaction(COURT.put("alpha", "a=1"));
    log.transaction(COURT.put("alpha", "a")).endState();
    Bytes statement = lazy(log);
    EvidenceFile.Batch whole = (EvidenceFile.Batch) shown(log, log.size(), 0, 3);
    COURT.assertRejected("no_fault", accuse(statement, whole));
    COURT.assertRejected(
        "not_included",
        accuse(
            statement,
            new EvidenceFile.Batch(
                0,
                List.of(whole.entries().get(0), whole.entries().get(2), whole.entries().get(3)),
                whole.multiproof(),
                whole.witness())));
    COURT.assertRejected(
        "not_from_state",
        COURT.builder.falseAudit(verified(statement), 1, 2, log, log.witness(0, 3)));
    ByzantineLog lying = lying();
    COURT.assertRejected(
        "more_than_a_batch",
        COURT.builder.falseAudit(verified(lazy(lying)), 3, 6, lying, lying.witness(3, 6)));
  }

  @Test
  void aCheckpointIsNoAuditAndAnAuditNoCheckpoint() {
    ByzantineLog log = lying();
    EvidenceFile.Batch shown = (EvidenceFile.Batch) shown(log, log.size(), 5, 6);
    COURT.assertRejected("cbor_unexpected_type", accuse(log.checkpoint().bytes(), shown));
    Bytes file =
        new EvidenceFile(NETWORK, new EvidenceFile.InvalidTransition(lazy(log), shown)).encode();
    assertInstanceOf(Verification.Rejected.class, COURT.verifier.verify(file));
  }

  @Test
  void needsNoDecisionsAndTakesNone() {
    ByzantineLog log = lying();
    Polity polity = new Polity(COURT.network());
    Bytes unneeded =
        polity.unanimous(polity.chain().state(), new Action.SuspendNode("gamma")).encode();
    EvidenceBuilder later = new EvidenceBuilder(NETWORK, List.of(unneeded));
    COURT.assertRejected(
        "decisions_not_needed",
        later.falseAudit(verified(lazy(log)), 5, 6, log, log.witness(5, 6)));
  }

  @Test
  void provesNothingElsewhere() {
    Court other = new Court(Parameters.of(0, 2));
    other.assertRejected("wrong_network", LIES.get(0).file());
    EvidenceVerifier without = new EvidenceVerifier(COURT.network.genesis(), Map.of());
    assertEquals(
        "unknown_program", ((Verification.Rejected) without.verify(LIES.get(0).file())).code());
  }

  @Test
  void whatIsShownHasAKind() {
    byte[] file = accuse(lazy(lying()), shown(lying(), 8, 5, 6)).toArray();
    int at = 1 + 1 + 2 + Hash.BYTES + 1 + 1 + 1 + 3 + lazy(lying()).size() + 1;
    assertEquals(FaultKind.INVALID_TRANSITION.code(), file[at]);
    for (int kind = 0; kind < 24; kind++) {
      if (kind != FaultKind.INVALID_TRANSITION.code()) {
        byte[] relabelled = Arrays.copyOf(file, file.length);
        relabelled[at] = (byte) kind;
        Tampering.assertRejected(COURT.verifier, Bytes.wrap(relabelled), "relabelled as " + kind);
      }
    }
  }

  /** An auditor is only ever as guilty as the tree it signed for: any leaf, any root, any range. */
  @Test
  void entriesOfAnyBytesNeverMakeTheVerifierStumble() {
    Seeded.run(
        300,
        random -> {
          Lie lie = LIES.get(random.nextInt(LIES.size()));
          ByzantineLog model = lie.offence().log();
          ByzantineLog log = COURT.empty("alpha");
          long damaged = random.nextLong(model.size());
          for (long index = 0; index < model.size(); index++) {
            byte[] entry = model.entry(index).toArray();
            if (index == damaged && entry.length > 0) {
              entry[random.nextInt(entry.length)] ^= (byte) (1 << random.nextInt(8));
            }
            log.raw(Bytes.wrap(entry));
          }
          long from = random.nextLong(log.size());
          Bytes statement = audit(log, from, log.size());
          List<Long> indices = new ArrayList<>(List.of(damaged));
          Bytes file =
              COURT.builder.falseAudit(
                  verified(statement), random.nextBoolean() ? "encoding" : "", indices, log);
          if (COURT.verifier.verify(file) instanceof Verification.Rejected reason) {
            assertNotEquals("verifier_failed", reason.code(), reason.message());
          } else {
            assertTrue(damaged >= from);
          }
        });
  }

  @Test
  void explainsWhatWasSignedAndWhatIsThere() {
    ByzantineLog log = lying();
    EvidenceExplanation explanation =
        assertProven(
                accuse(COURT.transition(log, 5, 6), lazy(log)),
                "beta",
                log.machine().origin(),
                6,
                "outcome_differs")
            .explanation();
    assertEquals(
        "entry 6: TRANSACTION with outcome EXECUTED 0x" + Bytes.utf8("lost").toHex(),
        explanation.logged());
    assertEquals(log.size(), explanation.audited().orElseThrow().audit().content().to().size());
  }
}
