package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Transcript;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.ChallengeEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.StateTree;

/** Rules are those of the program id: protocol.md §3.4, and what §1 says of an upgrade. */
class SystemRulesTest {
  private static final long NOW = TestNetwork.FOUNDED_MILLIS;
  private static final Signer CLIENT = TestNetwork.signer("client");

  private final ObjectStore program = new ObjectStore();
  private final TestNetwork network =
      TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "a", "b", "c");

  private ByzantineLog log(String node) {
    return new ByzantineLog(network, new Machine(network.genesis(), network.node(node), program));
  }

  private Statement put(String node, long notAfter, long id, String submitter, String body) {
    Transaction transaction =
        new Transaction(
            node, Transaction.clientId(notAfter, id), Bytes.utf8(submitter), Bytes.utf8(body));
    return Statement.sign(
        network.genesis().networkId(), Transaction.TYP, transaction.encode(), CLIENT);
  }

  /** Every kind of entry there is, every standing of a transaction, limits on both sides. */
  @Test
  void theSameInputsGiveTheSameLogsUnderTheSameId() throws Exception {
    ByzantineLog a = log("a").genesis().tick(NOW + 1);
    ByzantineLog b = log("b").genesis().tick(NOW + 1).endState();
    a.transaction(put("a", NOW + 5, 1, "c", "k=v"));
    a.transaction(put("a", NOW + 5, 1, "c", "k=v"));
    a.transaction(put("a", NOW + 5, 1, "c", "k=other"));
    a.transaction(put("a", NOW, 2, "c", "late=v"));
    a.transaction(put("a", NOW + (1L << 50), 3, "c", "early=v"));
    a.transaction(put("a", NOW + 5, 4, "nobody", "k=w"));
    a.transaction(put("a", NOW + 5, 5, "c", "k"));
    a.transaction(put("a", NOW + 50, 6, "c", "k=undo")).endState();
    a.tick(NOW + 6).transaction(put("a", NOW + 50, 7, "c", "b/1=ping")).endState();
    for (int i = 0; i <= AckRule.MAX_CLOSED; i++) {
      a.transaction(put("a", NOW + 50, 100 + i, "c", "b/" + i + "=v"));
    }
    a.endState();
    b.receive(a.envelope(sends(a))).endState();
    a.receive(b.envelope(sends(b))).endState();
    a.acknowledge(b.ackFor(a.machine())).endState();
    a.acknowledge(b.ackFor(a.machine())).endState();
    b.acknowledge(a.ackFor(b.machine())).tick(NOW + 100).endState();
    decisions(a, b);
    Transcript transcript = new Transcript().log("a", a).log("b", b);
    for (EntryType type : EntryType.values()) {
      transcript.line("type " + type + " " + type.role() + " " + type.completesBatch());
    }
    transcript
        .line("transaction " + TransactionRule.MAX_STATEMENT_BYTES)
        .line("entry " + Entry.MAX_BYTES)
        .line("receive " + ReceiveEntry.MAX_BODY_BYTES)
        .line("send " + SendEntry.MAX_PAYLOAD_BYTES)
        .line("state " + StateTree.MAX_KEY_BYTES + " " + StateTree.MAX_VALUE_BYTES)
        .line("closed " + AckRule.MAX_CLOSED)
        .line(
            "footprint "
                + SystemRules.MAX_FOOTPRINT_BYTES
                + " "
                + SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES)
        .assertUnchanged(program);
  }

  /** What each decision does, and what a stopped node may still do. */
  private void decisions(ByzantineLog a, ByzantineLog b) {
    Polity polity = new Polity(network);
    List<Action> actions =
        List.of(
            polity.evidence("m-b", "b", 3),
            new Action.SuspendNode("b"),
            new Action.ReadmitNode("b", true),
            new Action.SuspendNode("b"),
            new Action.RevokeNode(
                "b",
                b.checkpoint().head(),
                List.of(new Action.Taken(new Action.LogName("a", 0), 33))));
    a.transaction(put("a", NOW + 50, 150, "c", "b/taken=v"));
    a.transaction(put("a", NOW + 50, 151, "c", "b/absent=v")).endState();
    DecisionChain chain = polity.chain();
    for (Action action : actions) {
      Decision decision = polity.unanimous(chain.state(), action);
      a.decide(decision).endState();
      a.transaction(put("a", NOW + 50, 200 + chain.decisions().size(), "c", "b/x=v")).endState();
      b.decide(decision).endState();
      b.transaction(put("b", NOW + 150, 300 + chain.decisions().size(), "c", "k=v")).endState();
      chain = polity.decide(chain, action);
    }
    ChannelId channel = ChannelId.to(network.node("b"));
    SystemState system = Machine.system(a.state());
    List<Long> open = system.openSends(channel, system.outgoing(channel).acked(), 8);
    a.receive(a.envelope(open.stream().mapToLong(Long::longValue).toArray())).endState();
  }

  private static long[] sends(ByzantineLog log) {
    return log.sends().stream().mapToLong(Long::longValue).toArray();
  }

  @Test
  void aProgramIdCoversTheSystemsRulesAndTheProgramsOwn() {
    assertEquals(SystemRules.programId("object-store/1"), program.id());
    assertNotEquals(program.id(), SystemRules.programId("object-store/2"));
    assertNotEquals(program.id(), Hash.sha256(Bytes.utf8("object-store/1").unsafeArray()));
  }

  @Test
  void aNodeDoesNotStartUnderRulesItDoesNotKnow() {
    TestNetwork other = yesterday();
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Machine(other.genesis(), other.node("a"), program));
    assertEquals(
        "the genesis names program "
            + other.genesis().programId()
            + "; this software runs "
            + program.id()
            + " (object-store/1 under "
            + SystemRules.VERSION
            + ") and would do something else: run the release that the genesis names",
        refusal.getMessage());
  }

  @Test
  void softwareWithoutTheRulesOfALogConvictsNobodyOverWhatTheyAllow() {
    ByzantineLog log = log("a").genesis();
    log.transaction(put("a", NOW + 5, 1, "c", "k=v")).endState(Hash.sha256(new byte[] {1}));
    log.body(new ChallengeEntry(Bytes.EMPTY)).endState();
    EvidenceBuilder builder = new EvidenceBuilder(network.genesis().networkId());
    List<Bytes> candidates =
        List.of(
            builder.invalidTransition(log.checkpoint(), 0, 2, log, log.witness(0, 2)),
            builder.invalidEntry(log.checkpoint(), "type_unsupported", List.of(3L), log));
    for (Bytes candidate : candidates) {
      assertEquals(
          Verification.Proven.class,
          verifier(Map.of(program.id(), program)).verify(candidate).getClass());
      Verification.Rejected rejected =
          assertInstanceOf(Verification.Rejected.class, verifier(Map.of()).verify(candidate));
      assertEquals("unknown_program", rejected.code());
    }
  }

  private EvidenceVerifier verifier(Map<Hash, Program> programs) {
    return new EvidenceVerifier(network.genesis(), programs);
  }

  /** A consortium of the rules before these. */
  private TestNetwork yesterday() {
    return TestNetwork.of(
        Parameters.of(1, 2),
        Hash.sha256(Bytes.utf8("probity-system/1").unsafeArray()),
        Bytes.EMPTY,
        "a",
        "b",
        "c");
  }
}
