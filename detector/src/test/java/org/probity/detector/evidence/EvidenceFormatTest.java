package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.detector.governance.Subject;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;

/** docs/format/evidence.md: its examples are what this code writes, and prove what it says. */
class EvidenceFormatTest {
  private static final Hash WRONG = Hash.sha256(Bytes.utf8("wrong").unsafeArray());

  private final GoldenFile document = GoldenFile.read("docs/format/evidence.md");
  private final Program program = ExampleConsortium.program();
  private final Genesis genesis = ExampleConsortium.genesis();
  private final Machine machine =
      new Machine(genesis, genesis.node("bank-1").orElseThrow(), program);
  private final EvidenceBuilder builder = new EvidenceBuilder(genesis.networkId());

  private ByzantineLog log() {
    return new ByzantineLog(machine, Signer.of(TestKeys.RFC_1)).genesis();
  }

  @Test
  void fork() {
    ByzantineLog log = log().tick(TestNetwork.FOUNDED_MILLIS + 1).endState();
    SignedCheckpoint smaller = log.sign(new TreeHead(1, WRONG));
    Bytes file = builder.fork(smaller, log.checkpoint(), log);
    document.assertText("Example: FORK", smaller.bytes());
    assertTrue(document.content().contains("`" + genesis.networkId() + "`"), "the network id");
    assertExample("Example: FORK", file, FaultKind.FORK, "fork", 1);
  }

  @Test
  void invalidEntry() {
    ByzantineLog log = log().body(new TickEntry(TestNetwork.FOUNDED_MILLIS + 2)).endState();
    log.body(new TickEntry(TestNetwork.FOUNDED_MILLIS + 1)).endState();
    Bytes file = builder.invalidEntry(log.checkpoint(), "tick_backwards", List.of(1L, 3L), log);
    assertExample("Example: INVALID_ENTRY", file, FaultKind.INVALID_ENTRY, "tick_backwards", 3);
  }

  @Test
  void invalidTransition() {
    ByzantineLog log = log().body(new StateEntry(WRONG, 0, 0));
    Bytes file = builder.invalidTransition(log.checkpoint(), 0, 1, log, log.witness(0, 1));
    assertExample(
        "Example: INVALID_TRANSITION", file, FaultKind.INVALID_TRANSITION, "state_root_differs", 1);
  }

  /** docs/format/audit.md: the statement itself. */
  @Test
  void audit() throws DecodeException {
    ByzantineLog log = log().tick(TestNetwork.FOUNDED_MILLIS + 1).endState();
    GoldenFile.read("docs/format/audit.md").assertExample("Example: AUDIT", audited(log).encoded());
    assertEquals(3, audited(log).content().to().size());
  }

  @Test
  void falseAudit() throws DecodeException {
    ByzantineLog log = log().body(new StateEntry(WRONG, 0, 0));
    Bytes file = builder.falseAudit(audited(log), 0, 1, log, log.witness(0, 1));
    FaultId id =
        new FaultId(
            genesis.origin(genesis.node("bank-2").orElseThrow()),
            FaultKind.FALSE_AUDIT,
            FaultId.falseAuditPosition(machine.origin(), 1));
    assertExample("Example: FALSE_AUDIT", file, id, "false_audit");
  }

  /** What bank-2 signs about all of bank-1's log. */
  private VerifiedAudit audited(ByzantineLog log) throws DecodeException {
    AuditStatement statement =
        AuditStatement.fromGenesis(machine.origin(), log.checkpoint().head(), genesis.programId());
    return AuditRule.founding(genesis)
        .verify(statement.sign(genesis.networkId(), TestNetwork.signer("log bank-2")).encoded());
  }

  @Test
  void doubleBallot() {
    Bytes file = doubleBallotFile();
    assertExample(
        "Example: DOUBLE_BALLOT",
        file,
        new FaultId(
            new Subject.OfMember(genesis.networkId(), "m-bank-1"), FaultKind.DOUBLE_BALLOT, 0),
        "double_ballot");
  }

  Bytes doubleBallotFile() {
    Hash networkId = genesis.networkId();
    StatementVerifier statements = new StatementVerifier(SignatureRule.fastest(), networkId);
    List<SignedBallot> ballots = new ArrayList<>();
    for (Stance stance : List.of(Stance.NONE, Stance.of(WRONG))) {
      Ballot ballot = new Ballot(0, networkId, 0, "m-bank-1", stance, "", Citations.NONE);
      try {
        ballots.add(
            SignedBallot.verify(
                SignedBallot.sign(networkId, ballot, TestNetwork.signer("governance bank-1"))
                    .encoded(),
                statements));
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }
    return builder.doubleBallot(ballots.get(0), ballots.get(1));
  }

  @Test
  void faultId() {
    FaultId id = new FaultId(machine.origin(), FaultKind.INVALID_ENTRY, 3);
    document.assertExample("Example: fault id", id.encode());
    assertEquals(document.sha256("Example: fault id"), id.hash());
  }

  private void assertExample(
      String heading, Bytes file, FaultKind kind, String code, long position) {
    assertExample(heading, file, new FaultId(machine.origin(), kind, position), code);
  }

  private void assertExample(String heading, Bytes file, FaultId faultId, String code) {
    EvidenceVerifier verifier = new EvidenceVerifier(genesis, Map.of(program.id(), program));
    Evidence evidence =
        assertInstanceOf(Verification.Proven.class, verifier.verify(file)).evidence();
    assertEquals(faultId, evidence.faultId());
    assertEquals(code, evidence.code());
    document.assertExample(heading, file);
    Tampering.assertEveryBitMatters(verifier, file);
  }
}
