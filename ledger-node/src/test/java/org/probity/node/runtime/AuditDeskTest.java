package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.AuditService;
import org.probity.node.http.EvidenceFile;
import org.probity.node.http.HeldAudit;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.WardAudits;
import org.probity.node.http.api.Polling;
import org.probity.node.testing.Generous;

/** protocol.md §6.6 on running nodes: what is replayed is signed, and who only signs is exposed. */
@Timeout(180)
class AuditDeskTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  @TempDir Path directory;
  private final OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40), NAMES);

  /** A receipt carries 64 at most. */
  @Test
  void whatWitnessesHaveSignedComesBeforeTheCrowd() {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d", "e", "f")) {
      Seating seating = Seating.founding(banks.network.genesis());
      Set<String> witnesses =
          seating.witnessesOf("a").stream().map(NodeRecord::node).collect(Collectors.toSet());
      List<HeldAudit> audits =
          Stream.of("b", "c", "d", "e", "f")
              .map(
                  node ->
                      new HeldAudit(
                          node,
                          node,
                          1,
                          Hash.sha256(new byte[0]),
                          Hash.sha256(new byte[0]),
                          Bytes.EMPTY))
              .toList();

      List<String> order =
          AuditDesk.seatedFirst(audits, seating, "a").stream().map(HeldAudit::auditor).toList();

      assertEquals(witnesses, Set.copyOf(order.subList(0, 2)), order::toString);
      assertEquals(5, order.size());
    }
  }

  @Test
  void whatIsReplayedIsSignedGivenAndKept() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      for (String name : NAMES) {
        banks.start(name);
      }
      openAndIssue(banks, "a");
      long size = banks.node("a").facade().ownLog().size();
      long last = size - 1;
      await(
          () -> audits(banks, "a").covering(last).size() == 2, "both witnesses have signed for a");

      Set<String> auditors = new TreeSet<>();
      AuditRule rule = AuditRule.founding(banks.network.genesis());
      for (Bytes statement : audits(banks, "a").covering(last)) {
        VerifiedAudit audit = rule.check(statement).valid().orElseThrow();
        auditors.add(audit.auditor().node());
        assertEquals(
            MerkleProofs.rootAt(
                banks.node("a").facade().ownLog().entries(), audit.content().to().size()),
            audit.content().to().root());
        assertEquals(TreeHead.EMPTY, audit.content().from());
      }
      assertEquals(new TreeSet<>(witnesses(banks, "a")), auditors);
      assertEquals(List.of(), audits(banks, "a").covering(1L << 40));

      String witness = witnesses(banks, "a").get(0);
      String other = witnesses(banks, "a").get(1);
      await(
          () -> ward(banks, witness, "a").others().stream().anyMatch(it -> it.toSize() >= size),
          "the witnesses tell each other");
      WardAudits seen = ward(banks, witness, "a");
      assertEquals(List.of(other), seen.others().stream().map(HeldAudit::auditor).toList());
      HeldAudit own = seen.own().orElseThrow();
      assertEquals(Optional.of(own.statement()), audits(banks, witness).ofWard(origin(banks, "a")));
      assertEquals(Optional.empty(), audits(banks, witness).ofWard(origin(banks, witness)));
      assertTrue(own.toSize() <= seen.auditedSize());

      // On disk, on both sides.
      banks.stop("a");
      banks.stop(witness);
      for (String name : NAMES) {
        if (!name.equals("a") && !name.equals(witness)) {
          banks.stop(name);
        }
      }
      banks.start("a");
      await(
          () -> audits(banks, "a").covering(last).size() == 2,
          "a remembers what was signed for it");
      banks.start(witness);
      await(
          () ->
              ward(banks, witness, "a").own().filter(it -> it.toSize() >= own.toSize()).isPresent(),
          "the witness remembers what it has signed");
      assertEquals(
          List.of(other),
          ward(banks, witness, "a").others().stream().map(HeldAudit::auditor).toList());
      for (String name : List.of("a", witness)) {
        assertEquals(List.of(), banks.node(name).facade().evidenceFiles());
      }
    }
  }

  @Test
  void aWitnessSignsOnceASecondAndNeverForgetsTheLastPart() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      String witness = witnesses(banks, "a").get(0);
      banks.start("a");
      banks.start(witness);
      long startNanos = System.nanoTime();
      openAndIssue(banks, "a");
      KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
      for (int i = 0; i < 20; i++) {
        // Refused one after the other, each in a batch of its own.
        banks.submit("a", plan.openings("a", banks.crowns.id(), owner));
      }
      long last = banks.node("a").facade().ownLog().size() - 1;
      await(() -> !audits(banks, "a").covering(last).isEmpty(), "the end is signed, too");

      AuditRule rule = AuditRule.founding(banks.network.genesis());
      Set<Long> sizes = new TreeSet<>();
      for (Bytes given : banks.wire.audits) {
        VerifiedAudit audit = rule.check(given).valid().orElseThrow();
        if (audit.auditor().node().equals(witness) && audit.ward().node().equals("a")) {
          sizes.add(audit.content().to().size());
        }
      }
      long seconds = (System.nanoTime() - startNanos) / 1_000_000_000L;
      assertTrue(sizes.size() <= seconds + 2, sizes + " in " + seconds + " s");
      assertTrue(last > 30, "there was more to sign than was signed: " + last);
    }
  }

  /** An overdraft, and a witness that signs for all it holds: two culprits, each proven. */
  @Test
  void aWitnessThatSignsWithoutLookingIsExposedBesideItsWard() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      String lazy = witnesses(banks, "a").get(0);
      for (String name : NAMES) {
        if (name.equals("a")) {
          banks.start(name, Generous::new);
        } else if (name.equals(lazy)) {
          banks.start(name, program -> program, (auditedSize, storedSize) -> storedSize);
        } else {
          banks.start(name);
        }
      }
      for (String name : NAMES) {
        openAndIssue(banks, name);
      }
      // Nobody was issued twice what the orders sum to.
      banks.submit("a", plan.payments("a", 0));
      banks.submit("a", plan.payments("a", 1));

      for (String name : NAMES) {
        if (!name.equals("a") && !name.equals(lazy)) {
          await(
              () ->
                  kinds(banks, name).equals(Set.of("INVALID_TRANSITION a", "FALSE_AUDIT " + lazy)),
              () -> "both culprits are exposed at " + name + ": " + kinds(banks, name));
          await(() -> exposed(banks, name).equals(Set.of("a", lazy)), "nobody else is");
        }
      }
    }
  }

  @Test
  void aStatementThatComesAfterTheFindingIsJudgedByIt() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      for (String name : NAMES) {
        banks.start(name, name.equals("a") ? Generous::new : program -> program);
      }
      for (String name : NAMES) {
        openAndIssue(banks, name);
      }
      banks.submit("a", plan.payments("a", 0));
      banks.submit("a", plan.payments("a", 1));
      String witness = witnesses(banks, "a").get(0);
      String liar = witnesses(banks, "a").get(1);
      await(
          () -> kinds(banks, witness).contains("INVALID_TRANSITION a"),
          "the witness has found it out");
      assertEquals(Set.of("INVALID_TRANSITION a"), kinds(banks, witness));

      Origin a = banks.network.genesis().origin(banks.network.node("a"));
      PublishedLog held = banks.node(witness).facade().replica(origin(banks, "a")).orElseThrow();
      Bytes lie =
          AuditStatement.fromGenesis(a, held.head(), banks.network.genesis().programId())
              .sign(banks.network.genesis().networkId(), banks.network.logKey(liar))
              .encoded();
      PeerReply reply =
          audits(banks, witness).take(liar, lie).toCompletionStage().toCompletableFuture().get();

      assertEquals(PeerReply.OK, reply.status());
      await(() -> kinds(banks, witness).contains("FALSE_AUDIT " + liar), "the statement is judged");
    }
  }

  @Test
  void aStatementThatComesBeforeTheFindingIsNotForgotten() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      String witness = witnesses(banks, "a").get(0);
      String liar = witnesses(banks, "a").get(1);
      Machine machine =
          new Machine(banks.network.genesis(), banks.network.node("a"), new LedgerProgram());
      ByzantineLog log = new ByzantineLog(banks.network, machine).genesis();
      log.tick(TestNetwork.FOUNDED_MILLIS + 1).endState();
      log.tick(TestNetwork.FOUNDED_MILLIS + 2).endState(machine.program().id());
      banks.start(witness);
      Bytes lie =
          AuditStatement.fromGenesis(
                  machine.origin(), log.checkpoint().head(), machine.program().id())
              .sign(banks.network.genesis().networkId(), banks.network.logKey(liar))
              .encoded();

      // Nothing of the log is here yet.
      PeerReply reply =
          audits(banks, witness).take(liar, lie).toCompletionStage().toCompletableFuture().get();
      assertEquals(PeerReply.OK, reply.status());
      assertEquals(Set.of(), kinds(banks, witness));
      banks.wire.play(
          "a",
          PublishedLog.of(log.checkpoint(), log),
          (from, body) -> PeerReply.refused("not_now"));

      Set<String> both = Set.of("INVALID_TRANSITION a", "FALSE_AUDIT " + liar);
      await(
          () -> kinds(banks, witness).equals(both),
          () -> "both are proven: " + kinds(banks, witness));
    }
  }

  /**
   * Two histories, one for each witness, and nobody else is shown anything: no two of the ward's
   * checkpoints ever meet, only what the two have signed about it.
   */
  @Test
  void aForkShownToWitnessesOnlyIsProven() throws Exception {
    assertForkIsProven(3, 20);
  }

  /** What is ahead of the copy here is of another past only once the copy gets there. */
  @Test
  void aForkShownToWitnessesOnlyIsProvenWhicheverIsLonger() throws Exception {
    assertForkIsProven(20, 3);
  }

  private void assertForkIsProven(int first, int second) throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      String one = witnesses(banks, "a").get(0);
      String other = witnesses(banks, "a").get(1);
      ByzantineLog shown = played(banks, first, 7);
      play(banks, shown);
      banks.start(one);
      await(() -> ward(banks, one, "a").auditedSize() == shown.size(), "one replays one history");
      ByzantineLog contrary = played(banks, second, 1_000);
      play(banks, contrary);
      banks.start(other);
      await(
          () -> ward(banks, other, "a").auditedSize() == contrary.size(),
          "and the other witness another");
      for (String witness : List.of(one, other)) {
        await(
            () -> kinds(banks, witness).equals(Set.of("FORK a")),
            () -> witness + " knows: " + kinds(banks, witness));
      }
    }
  }

  private static ByzantineLog played(TestBanks banks, int batches, long millis) {
    Machine machine =
        new Machine(banks.network.genesis(), banks.network.node("a"), new LedgerProgram());
    ByzantineLog log = new ByzantineLog(banks.network, machine).genesis();
    for (int i = 0; i < batches; i++) {
      log.tick(TestNetwork.FOUNDED_MILLIS + millis + i).endState();
    }
    return log;
  }

  private static void play(TestBanks banks, ByzantineLog log) {
    banks.wire.play(
        "a", PublishedLog.of(log.checkpoint(), log), (from, body) -> PeerReply.refused("not_now"));
  }

  private static Set<String> exposed(TestBanks banks, String name) {
    return new TreeSet<>(
        banks.node(name).facade().peers().stream()
            .filter(peer -> peer.verdict().equals("exposed"))
            .map(PeerStatus::node)
            .toList());
  }

  private static Set<String> kinds(TestBanks banks, String name) {
    Set<String> kinds = new TreeSet<>();
    for (EvidenceFile file : banks.node(name).facade().evidenceFiles()) {
      kinds.add(file.kind() + " " + file.node());
    }
    return kinds;
  }

  @Test
  void whatCannotBeKeptIsRefusedWithItsReason() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.start("a");
      String witness = witnesses(banks, "a").get(0);
      TreeHead head = banks.node("a").facade().ownLog().head();
      Hash programId = banks.network.genesis().programId();
      Origin a = banks.network.genesis().origin(banks.network.node("a"));
      AuditStatement good = AuditStatement.fromGenesis(a, head, programId);
      TreeHead other = new TreeHead(head.size(), programId);
      Origin elsewhere =
          banks.network.genesis().nodes().stream()
              .filter(
                  node ->
                      !Seats.witnessesOf(node.node(), 0, 2, nodes(banks)).contains(nodeA(banks)))
              .filter(node -> !node.node().equals("a") && !node.node().equals(witness))
              .map(node -> banks.network.genesis().origin(node))
              .findFirst()
              .orElse(null);

      assertEquals("200 ", take(banks, good, witness));
      assertEquals("200 ", take(banks, good, witness));
      assertEquals("422 audit_by_owner", take(banks, good, "a"));
      assertEquals(
          "422 audit_of_other_log",
          take(
              banks,
              AuditStatement.fromGenesis(a, other, programId),
              "b".equals(witness) ? "c" : "b"));
      assertEquals(
          "422 audit_not_from_genesis",
          take(
              banks,
              new AuditStatement(
                  a,
                  new TreeHead(1, programId),
                  new TreeHead(head.size() + 1, programId),
                  programId),
              witness));
      if (elsewhere != null) {
        assertEquals(
            "422 audit_not_kept_here",
            take(banks, AuditStatement.fromGenesis(elsewhere, head, programId), witness));
      }
      for (int ahead = 1; ahead <= 4; ahead++) {
        TreeHead far = new TreeHead(head.size() + 100 + ahead, programId);
        assertEquals("200 ", take(banks, AuditStatement.fromGenesis(a, far, programId), witness));
      }
      TreeHead farthest = new TreeHead(head.size() + 1_000, programId);
      assertEquals(
          "422 audit_too_far_ahead",
          take(banks, AuditStatement.fromGenesis(a, farthest, programId), witness));
      assertEquals(
          List.of(witness),
          audits(banks, "a").ofOwnLog().stream().map(HeldAudit::auditor).toList());
    }
  }

  private static List<NodeRecord> nodes(TestBanks banks) {
    return banks.network.genesis().nodes();
  }

  private static NodeRecord nodeA(TestBanks banks) {
    return banks.network.node("a");
  }

  private static String take(TestBanks banks, AuditStatement statement, String auditor)
      throws Exception {
    Signer key = banks.network.logKey(auditor);
    PeerReply reply =
        audits(banks, "a")
            .take(auditor, statement.sign(banks.network.genesis().networkId(), key).encoded())
            .toCompletionStage()
            .toCompletableFuture()
            .get();
    return reply.status() + " " + new String(reply.body().toArray(), StandardCharsets.UTF_8);
  }

  private static AuditService audits(TestBanks banks, String name) {
    return banks.node(name).facade().audits();
  }

  private static WardAudits ward(TestBanks banks, String witness, String ward) {
    return audits(banks, witness).ofWards().stream()
        .filter(it -> it.node().equals(ward))
        .findFirst()
        .orElseThrow();
  }

  private static Hash origin(TestBanks banks, String name) {
    String origin = banks.network.genesis().origin(banks.network.node(name)).format();
    return Hash.sha256(Bytes.utf8(origin).unsafeArray());
  }

  private static List<String> witnesses(TestBanks banks, String ward) {
    return Seats.witnessesOf(ward, 0, 2, nodes(banks)).stream().map(NodeRecord::node).toList();
  }

  private void openAndIssue(TestBanks banks, String name) throws Exception {
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    List<Operation> operations = new ArrayList<>(plan.openings(name, banks.crowns.id(), owner));
    operations.addAll(plan.issues(name, banks.crowns.id(), 1));
    banks
        .submit(name, operations)
        .forEach(reply -> assertTrue(reply.recorded().isPresent(), () -> "" + reply.refused()));
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    await(condition, () -> what);
  }

  private static void await(BooleanSupplier condition, Supplier<String> what)
      throws InterruptedException {
    // Sooner than everything is given again, which would hide that something was not given at all.
    assertTrue(
        Polling.LOCAL.await(Duration.ofMillis(AuditDesk.OFFER_MILLIS - 10_000), condition),
        () -> "not in time: " + what.get());
  }
}
