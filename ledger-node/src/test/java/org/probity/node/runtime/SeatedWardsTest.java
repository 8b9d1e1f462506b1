package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.runtime.SeatedBanks.await;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.ClosedLog;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.program.LedgerProgram;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.metrics.NodeMetrics;
import org.probity.node.scoring.PeerObserver;
import org.probity.node.store.NodeStore;

/**
 * Seats of one node and the logs it keeps for them, without anybody else: a seat that cannot be
 * taken when it moves is taken as soon as it can, and AUDITs are about logs that are written.
 */
@Timeout(60)
class SeatedWardsTest {
  private static final String WARD = "a";

  @TempDir Path directory;

  private final TestNetwork network =
      TestNetwork.of(Parameters.of(0, 2), new LedgerProgram().id(), Bytes.EMPTY, "a", "b", "c");
  private final Polity polity = new Polity(network);
  private final Seating founding = Seating.founding(network.genesis());
  private final NodeRecord self = founding.witnessesOf(WARD).get(0);
  private final Vertx vertx = Vertx.vertx();
  private final PeerTransport transport = new InProcessTransport().of(self.node());
  private final AuditRounds rounds = AuditRoundsTest.unhurried();
  private final List<Ward> opened = new CopyOnWriteArrayList<>();

  /** Later openings, and what follows one, that fail. */
  private final AtomicInteger openingsToFail = new AtomicInteger();

  private final AtomicInteger lastStepsToFail = new AtomicInteger();
  private final AtomicInteger movesToFail = new AtomicInteger();

  /** How often it was about to sign an AUDIT. */
  private final AtomicInteger asked = new AtomicInteger();

  private volatile DecisionChain chain = polity.chain();
  private NodeStore store;
  private WardOpening opening;
  private AuditDesk audits;
  private Wards wards;
  private SeatMoves moves;

  @BeforeEach
  void start() {
    NodeStore.Options options =
        new NodeStore.Options(
            directory.resolve("data"),
            directory.resolve("marks"),
            16 << 20,
            16 << 20,
            16 << 20,
            16);
    NodeStore.initialise(options);
    store = NodeStore.open(options);
    opening =
        new WardOpening(
            () -> chain,
            new LedgerProgram(),
            store,
            new RuntimeMetrics(NodeMetrics.forNode(self.node(), "test")),
            Runnable::run,
            CheckpointVerifier.founding(network.genesis()),
            (witness, found, answered) -> {},
            evidence -> {},
            (millis, task) -> {},
            rounds,
            PeerObserver.BLIND);
    moves =
        new SeatMoves(
            () -> chain, self, founding, store.replicas(), this::openWard, Endings.named("seats"));
    wards = new Wards(vertx, transport, moves.open().followed());
    wards.askInstead(ward -> moves.copies(ward, founding));
    Machine machine = new Machine(network.genesis(), self, new LedgerProgram());
    GatedSigner logKey = new GatedSigner(network.logKey(self.node()));
    logKey.open();
    audits =
        new AuditDesk(
            machine,
            () -> chain,
            logKey,
            (auditedSize, storedSize) -> {
              asked.incrementAndGet();
              return 0;
            },
            AuditDesk.PACE_MILLIS,
            new EvidenceVerifier(network.genesis(), Map.of()),
            evidence -> {},
            store.replicas(),
            store.own().log(machine.origin().format()),
            wards.kept(),
            founding,
            transport,
            Endings.named("audits"));
    audits.start();
    wards.start();
    moves.start(
        founding,
        wards,
        audits,
        rounds::forget,
        ward -> {
          fail(lastStepsToFail);
          opened.add(ward);
        },
        seats -> fail(movesToFail));
  }

  private Ward openWard(NodeRecord node) {
    fail(openingsToFail);
    return opening.open(node);
  }

  private static void fail(AtomicInteger left) {
    if (left.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
      throw new IllegalStateException("planted");
    }
  }

  @AfterEach
  void stop() throws Exception {
    moves.close();
    wards.stop();
    audits.close();
    opening.finish();
    wards.kept().forEach(Ward::close);
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    store.close();
  }

  /** The members let another incarnation of each of these begin. */
  private List<NodeRecord> begun(String... nodes) {
    List<NodeRecord> begun = new ArrayList<>();
    for (String node : nodes) {
      NodeRecord next = Polity.next(network.node(node));
      chain =
          polity.decide(
              chain,
              new ClosedLog.Clean(
                      new TreeHead(41, Hash.sha256()),
                      Hash.sha256(),
                      network.genesis().foundedMillis())
                  .approval(polity.enrolment(next, Polity.signer(next.member()))));
      begun.add(next);
    }
    return begun;
  }

  private Optional<NodeRecord> followed(String node) {
    return wards.followed(node).map(Ward::record);
  }

  private String another() {
    return network.genesis().nodes().stream()
        .map(NodeRecord::node)
        .filter(node -> !node.equals(WARD) && !node.equals(self.node()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aWardThatCannotBeOpenedIsOpenedLaterAndHoldsUpNoOther() throws Exception {
    String other = another();
    assertTrue(followed(other).isPresent(), "both are witnessed");
    List<NodeRecord> begun = begun(WARD, other);
    openingsToFail.set(1);
    moves.reached(Seating.of(chain.state()));
    await(() -> followed(other).equals(Optional.of(begun.get(1))), "the other one is there");
    await(() -> followed(WARD).equals(Optional.of(begun.get(0))), "it is opened at a later look");
    assertEquals(2, opened.size());
    assertKeptOnce();
  }

  @Test
  void oneThatIsOpenAlreadyIsNotClosedAgain() throws Exception {
    List<NodeRecord> begun = begun(WARD);
    lastStepsToFail.set(1);
    moves.reached(Seating.of(chain.state()));
    await(() -> followed(WARD).equals(Optional.of(begun.get(0))), "it is followed");
    assertKeptOnce();
    // What could not be told of it the first time is told later, once.
    assertEquals(begun, opened.stream().map(Ward::record).toList());
  }

  /** Nobody says it again: the next decision may be far. */
  @Test
  void seatsThatCouldNotBeToldOfMoveLater() throws Exception {
    List<NodeRecord> begun = begun(WARD);
    movesToFail.set(2);
    moves.reached(Seating.of(chain.state()));
    await(() -> followed(WARD).equals(Optional.of(begun.get(0))), "it is taken later");
    assertKeptOnce();
  }

  /** It is completed from others, also after a restart. */
  @Test
  void aClosedLogOfWhichNothingHasComeIsOpened() {
    begun(WARD);
    try (SeatMoves restarted =
        new SeatMoves(
            () -> chain,
            self,
            Seating.of(chain.state()),
            store.replicas(),
            opening::open,
            Endings.named("restarted"))) {
      assertEquals(
          List.of(new Origin(network.genesis().networkId(), WARD, 0)),
          restarted.open().closed().stream().map(Ward::origin).toList());
    }
  }

  private PeerReply replied(Bytes audit) throws Exception {
    return audits
        .take(another(), audit)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private boolean isListed(Ward ward) {
    return audits.ofWards().stream().anyMatch(it -> it.origin().equals(ward.stored().origin()));
  }

  /** protocol.md §6.6: who has signed what is not so about a log answers for it for ever. */
  @Test
  void auditsOfAClosedLogAreJudgedAndNotListed() throws Exception {
    Ward ward = wards.ward(WARD).orElseThrow();
    Bytes audit =
        AuditStatement.fromGenesis(
                ward.origin(), new TreeHead(9, Hash.sha256()), network.genesis().programId())
            .sign(network.genesis().networkId(), network.logKey(another()))
            .encoded();
    assertEquals(PeerReply.OK, replied(audit).status());
    assertTrue(isListed(ward));
    audits.rest(ward);
    assertEquals(PeerReply.refused("audit_not_kept_here").body(), replied(audit).body());
    assertFalse(isListed(ward), "handed over");
    audits.close(ward);
    assertEquals(PeerReply.OK, replied(audit).status());
    audits.resume(WARD);
    assertFalse(isListed(ward), "closed");
  }

  @Test
  void aboutAClosedLogNothingIsSignedAnyMore() throws Exception {
    Ward ward = wards.ward(WARD).orElseThrow();
    grow(ward, 1);
    assertTrue(asked.get() > 0);
    audits.close(ward);
    int before = asked.get();
    grow(ward, 2);
    assertEquals(before, asked.get());
  }

  /** One entry more, and everybody concerned has seen it. */
  private void grow(Ward ward, int size) throws Exception {
    List<Bytes> entries =
        IntStream.range(0, size).mapToObj(index -> Bytes.utf8("entry " + index)).toList();
    TreeHead head =
        Frontier.EMPTY.append(entries.stream().map(Rfc6962::leaf).toList()).frontier().head();
    SignedCheckpoint checkpoint =
        ((CheckpointSigner.Signed)
                CheckpointSigner.guarding(
                        network.logKey(WARD), ward.origin(), SigningMark.NOTHING_SIGNED)
                    .sign(head))
            .checkpoint();
    ward.frame(
        new LogFrame(checkpoint.bytes(), entries.subList(size - 1, size)),
        code -> {
          throw new AssertionError(code);
        },
        () -> {},
        () -> {});
    // First the ward's own thread, then that of the desk.
    ward.compare(checkpoint).get(10, TimeUnit.SECONDS);
    assertEquals(size, ward.stored().size());
    replied(Bytes.utf8("no AUDIT"));
  }

  /** The closed log and the one that goes on with it. */
  private void assertKeptOnce() {
    Hash id = network.genesis().networkId();
    List<Origin> kept =
        wards.kept().stream()
            .map(Ward::origin)
            .filter(log -> log.node().equals(WARD))
            .sorted((one, two) -> Long.compare(one.incarnation(), two.incarnation()))
            .toList();
    assertEquals(List.of(new Origin(id, WARD, 0), new Origin(id, WARD, 1)), kept);
    assertFalse(wards.ward(WARD).orElseThrow().isClosed());
  }
}
