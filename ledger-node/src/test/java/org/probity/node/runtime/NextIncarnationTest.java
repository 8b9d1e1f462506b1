package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.runtime.SeatedBanks.await;

import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.ClosedLog;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.Subject;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.client.Assurance;
import org.probity.ledger.client.ReceiptVerifier;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.EvidenceFile;
import org.probity.node.http.HandedOver;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.api.ApiClient;

/**
 * protocol.md §11.3 on running nodes: one loses its store and its keys, its members close its log
 * where its witnesses have it, and it goes on from there under new keys.
 */
@Timeout(240)
class NextIncarnationTest {
  private static final List<String> NAMES = List.of("h", "i", "j", "k", "l");
  private static final String LOST = "h";
  private static final String OTHER = "i";

  @TempDir Path directory;

  private SeatedBanks running() throws Exception {
    SeatedBanks seated = new SeatedBanks(directory, LOST, NAMES);
    seated.banks.cosigning = Duration.ofMillis(100);
    for (String name : NAMES) {
      seated.banks.start(name);
    }
    seated.openAll();
    return seated;
  }

  private static Hash hash(Origin origin) {
    return Hash.sha256(Bytes.utf8(origin.format()).unsafeArray());
  }

  private static NodeRecord present(SeatedBanks seated) {
    return seated.chain().keys().present(LOST).orElseThrow();
  }

  /** What a witness holds of the log as it is written now, or was last; nothing as yet at first. */
  private static Optional<PublishedLog> copy(SeatedBanks seated, String witness) {
    Origin origin = seated.banks.network.genesis().origin(present(seated));
    return seated.banks.node(witness).facade().replica(hash(origin));
  }

  private static long copied(SeatedBanks seated, String witness) {
    return copy(seated, witness).map(PublishedLog::size).orElse(0L);
  }

  private static boolean isHeld(SeatedBanks seated, String witness, Origin log) {
    return seated.banks.node(witness).facade().replica(hash(log)).isPresent();
  }

  private record Prefix(LogReader log, long size) implements LogReader {
    @Override
    public Bytes entry(long index) {
      return log.entry(index);
    }

    @Override
    public Hash node(int level, long index) {
      return log.node(level, index);
    }
  }

  /** The node is gone; its log is closed where a witness has it. */
  private ClosedLog.Clean close(SeatedBanks seated) throws Exception {
    ClosedLog.Clean closed = closed(seated);
    seated.decide(approval(seated, closed), OTHER);
    seated.awaitDecisions(OTHER, "j", "k", "l");
    return closed;
  }

  private static Action approval(SeatedBanks seated, ClosedLog.Clean closed) {
    NodeRecord next = Polity.next(present(seated));
    return closed.approval(
        new Polity(seated.banks.network).enrolment(next, Polity.signer(next.member())));
  }

  private ClosedLog.Clean closed(SeatedBanks seated) throws Exception {
    long size = seated.size();
    String witness = seated.seats().get(0);
    await(() -> copied(seated, witness) >= size, "the witness has all of it");
    seated.banks.stop(LOST);
    PublishedLog held = copy(seated, witness).orElseThrow();
    Incarnations writers = seated.chain().keys().log(LOST).orElseThrow();
    Machine machine = new Machine(seated.banks.network.genesis(), writers, new LedgerProgram());
    return assertInstanceOf(
        ClosedLog.Clean.class, ClosedLog.replay(machine, new Prefix(held.entries(), held.size())));
  }

  /** And begins again, with the closed log out of a witness's copy. */
  private void begin(SeatedBanks seated, ClosedLog.Clean closed) throws Exception {
    Origin former =
        new Origin(
            seated.banks.network.genesis().networkId(), LOST, present(seated).incarnation() - 1);
    PublishedLog held =
        seated.banks.node(seated.seats().get(0)).facade().replica(hash(former)).orElseThrow();
    NextIncarnation.fill(
        seated.banks.renew(LOST),
        seated.banks.network.genesis().origin(present(seated)),
        new Prefix(held.entries(), held.size()),
        closed.close(),
        seated.chain());
    seated.banks.start(LOST);
  }

  private static void assertTrustedByAll(SeatedBanks seated) throws Exception {
    for (String name : NAMES) {
      assertEquals(List.of(), seated.banks.node(name).facade().evidenceFiles(), name);
      for (PeerStatus peer : seated.banks.node(name).facade().peers()) {
        await(
            () ->
                seated.banks.node(name).facade().peers().stream()
                    .filter(it -> it.node().equals(peer.node()))
                    .allMatch(it -> it.verdict().equals("trusted")),
            () -> name + " trusts " + peer.node());
      }
    }
  }

  private static ReceiptVerifier.Verdict worth(SeatedBanks seated, long index) {
    try {
      Bytes receipt =
          ApiClient.of(seated.banks.node(LOST).urls().client(), List.of(seated.banks.authority()))
              .receipt(index);
      return new ReceiptVerifier(seated.chain()).verify(receipt);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isAudited(SeatedBanks seated, long index) {
    return worth(seated, index) instanceof ReceiptVerifier.Valid valid
        && valid.assurance() == Assurance.AUDITED
        && valid.isWitnessed();
  }

  private static long recorded(SeatedBanks seated) throws Exception {
    return seated
        .banks
        .submit(LOST, seated.plan.issues(LOST, seated.banks.crowns.id(), 1))
        .get(0)
        .recorded()
        .orElseThrow()
        .index();
  }

  @Test
  void aNodeThatHasLostItsStoreAndItsKeysGoesOnWhereItsWitnessesHaveItsLog() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      ClosedLog.Clean closed = close(seated);
      begin(seated, closed);
      assertEquals(1, seated.banks.node(LOST).identity().incarnation());
      for (int round = 1; round < 4; round++) {
        seated.pay(round);
      }
      long index = recorded(seated);
      assertTrue(index > closed.close().size(), "indices go on");
      long size = seated.size();
      await(
          () -> seated.signedUpTo(size).containsAll(seated.seats()),
          () -> "its witnesses have replayed all of it, from entry 0: " + seated.signedUpTo(size));
      await(() -> isAudited(seated, index), "a receipt of it is witnessed and audited");
      assertTrustedByAll(seated);

      // As it is after a restart of everybody concerned.
      seated.banks.stop(LOST);
      seated.banks.stop(OTHER);
      seated.banks.start(OTHER);
      seated.banks.start(LOST);
      seated.pay(4);
      long later = seated.size();
      await(
          () -> seated.signedUpTo(later).containsAll(seated.seats()),
          () -> "its witnesses go on: " + seated.signedUpTo(later));
      assertTrustedByAll(seated);
    }
  }

  /** SPEC protocol.md §7.1: whoever drops a transaction is asked for it under its present keys. */
  @Test
  void whatItsCustomersHandToAWitnessItIsAskedFor() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      begin(seated, close(seated));
      HandedOver said =
          get(
              seated
                  .banks
                  .node(seated.seats().get(0))
                  .facade()
                  .handOver(
                      seated
                          .banks
                          .sign(
                              LOST,
                              List.of(
                                  new Operation.OpenAccount(
                                      AccountId.named("late"),
                                      seated.banks.crowns.id(),
                                      KeyPolicy.single(seated.banks.bankKey.publicKey().toBytes()),
                                      AccountFlags.NONE)))
                          .get(0)));
      assertEquals("recorded", said.state());
      assertEquals(LOST, said.target());
    }
  }

  @Test
  void itsSeatsMoveAsAnybodysAndItMayBeginOnceMore() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      begin(seated, close(seated));
      seated.pay(1);
      List<String> former = List.copyOf(new TreeSet<>(seated.seats()));
      seated.decide(new Action.ReassignWitnesses(), OTHER);
      seated.awaitDecisions(NAMES.toArray(String[]::new));
      assertTrue(!former.equals(List.copyOf(new TreeSet<>(seated.seats()))), "the seats move");
      long moved = seated.size();
      await(
          () -> seated.signedUpTo(moved).containsAll(seated.seats()),
          () -> "the next ones sign for both incarnations: " + seated.signedUpTo(moved));
      seated.pay(2);
      begin(seated, close(seated));
      assertEquals(2, seated.banks.node(LOST).identity().incarnation());
      seated.pay(3);
      long size = seated.size();
      await(
          () -> seated.signedUpTo(size).containsAll(seated.seats()),
          () -> "and for the third: " + seated.signedUpTo(size));
      assertTrustedByAll(seated);
    }
  }

  /** Its first knowledge of the decision may be somebody's challenge to log it. */
  @Test
  void aWitnessThatIsChallengedToLogTheApprovalFollowsTheNextOne() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      String witness = seated.seats().get(0);
      ClosedLog.Clean closed = closed(seated);
      Action approval = approval(seated, closed);
      DecisionChain approved = seated.after(approval);
      String challenger = "k".equals(witness) ? "j" : "k";
      Bytes challenge =
          new Challenge(
                  Challenge.Target.of(seated.banks.network.node(witness)),
                  challenger,
                  new Challenge.Decided(approved.decisions().get(0).encoded()))
              .sign(
                  seated.banks.network.genesis().networkId(),
                  seated.banks.network.logKey(challenger))
              .encoded();
      // Nobody else knows of it, so this is how it hears.
      get(seated.banks.node(witness).facade().challenge(challenger, challenge));
      await(() -> seated.loggedEpoch(witness) == 1, "it logs the decision");
      seated.isDecided(approved);
      seated.awaitDecisions(OTHER, "j", "k", "l");
      begin(seated, closed);
      seated.pay(1);
      long size = seated.size();
      await(() -> seated.signedUpTo(size).containsAll(seated.seats()), "its witnesses follow it");
      assertTrustedByAll(seated);
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** What was sent before the close is there, and what was not is nobody's any more. */
  @Test
  void whatTheClosedOneHasSentIsNotTakenAgain() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      seated.pay(1);
      ClosedLog.Clean closed = close(seated);
      TestNetwork network = seated.banks.network;
      Origin former = new Origin(network.genesis().networkId(), LOST, 0);
      InProcessTransport.Sent sent =
          seated.banks.wire.envelopes.stream()
              .filter(one -> one.by().equals(LOST))
              .reduce((earlier, later) -> later)
              .orElseThrow();
      begin(seated, closed);
      seated.pay(2);
      assertTrustedByAll(seated);
      NodeFacade receiver = seated.banks.node(sent.to()).facade();
      long size = quiet(receiver);

      // To the byte, what stands: its receiver has it, and acknowledges it once more, or says how
      // far it knows that log by now.
      PeerReply again = get(receiver.envelope(LOST, sent.envelope()));
      assertTrue(
          Set.of(PeerReply.OK, PeerReply.WRONG_BASE).contains(again.status()), again::toString);
      // The same under what the old key has signed since: that cannot be linked to what stands.
      SignedCheckpoint beyond = other(network.logKey(LOST), former, closed.close().size() + 5);
      PeerReply later = get(receiver.envelope(LOST, under(sent.envelope(), beyond)));
      assertEquals(PeerReply.WRONG_BASE, later.status(), later::toString);
      // And a question to the one that is no more.
      Bytes question =
          new Challenge(
                  new Challenge.Target(LOST, 0),
                  "k",
                  new Challenge.Audit(
                      Envelope.decode(sent.envelope()).receive().checkpoint(), 0, 1))
              .sign(network.genesis().networkId(), network.logKey("k"))
              .encoded();
      assertEquals(PeerReply.refused("unknown_target"), get(receiver.challenge("k", question)));
      assertEquals(size, quiet(receiver), "nothing of it is logged");
      seated.pay(3);
      assertTrustedByAll(seated);
    }
  }

  private static Bytes under(Bytes envelope, SignedCheckpoint checkpoint) throws DecodeException {
    Envelope sent = Envelope.decode(envelope);
    return new Envelope(
            new ReceiveEntry(
                checkpoint.bytes(), sent.receive().sends(), sent.receive().multiproof()),
            sent.epoch(),
            sent.decision(),
            0,
            List.of(),
            sent.held())
        .encode();
  }

  /** Its size when it has not grown for a while. */
  private static long quiet(NodeFacade node) throws InterruptedException {
    long[] seen = {0, System.nanoTime()};
    await(
        () -> {
          long size = node.ownLog().size();
          if (size != seen[0]) {
            seen[0] = size;
            seen[1] = System.nanoTime();
          }
          return System.nanoTime() - seen[1] > 1_500_000_000L;
        },
        "it is quiet");
    return seen[0];
  }

  /** What nobody can compare any more must not hold up whoever shows it. */
  @Test
  void aCheckpointBeyondTheCloseIsTakenOnce() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      ClosedLog.Clean closed = close(seated);
      Origin former = new Origin(seated.banks.network.genesis().networkId(), LOST, 0);
      SignedCheckpoint beyond =
          other(seated.banks.network.logKey(LOST), former, closed.close().size() + 5);
      for (String name : NAMES) {
        if (!name.equals(LOST)) {
          PeerReply reply = get(seated.banks.node(name).facade().checkpoint("k", beyond.bytes()));
          // Nobody is shown anything but who has the seat, and nothing counts where none is held.
          assertEquals(
              seated.seats().contains(name)
                  ? PeerReply.ok(Bytes.utf8("KEPT"))
                  : PeerReply.refused("not_a_ward"),
              reply,
              name);
        }
      }
      begin(seated, closed);
      seated.pay(1);
      assertTrustedByAll(seated);
    }
  }

  /**
   * Whoever shows a checkpoint of it shows it to those who have the seat now, so they are to have
   * something to compare it with.
   */
  @Test
  void whoTakesASeatCompletesACopyOfTheClosedOneAndProvesAForkOfIt() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      List<String> former = seated.seats();
      ClosedLog.Clean closed = close(seated);
      Origin log = new Origin(seated.banks.network.genesis().networkId(), LOST, 0);
      do {
        seated.decide(new Action.ReassignWitnesses(), OTHER);
        seated.awaitDecisions(OTHER, "j", "k", "l");
      } while (former.contains(seated.seats().get(0)));
      String next = seated.seats().get(0);
      await(
          () -> heldOf(seated, next, log) == closed.close().size(),
          () -> next + " holds " + heldOf(seated, next, log));
      // Also one that is restarted before it has anything of it.
      seated.banks.stop(next);
      seated.banks.start(next);
      await(
          () -> heldOf(seated, next, log) == closed.close().size(), "after a restart it holds it");
      show(seated, next, other(seated.banks.network.logKey(LOST), log, closed.close().size()));
      awaitProof(seated, List.of(log));
    }
  }

  /** SPEC protocol.md §2.4: attribution is monotone; nobody sheds a crime by beginning again. */
  @Test
  void aForkOfTheClosedOneStandsAndSoDoesOneOfTheNext() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      ClosedLog.Clean closed = close(seated);
      begin(seated, closed);
      seated.pay(1);
      Origin former = new Origin(seated.banks.network.genesis().networkId(), LOST, 0);
      String witness = seated.seats().get(0);
      Origin present = seated.banks.network.genesis().origin(present(seated));
      await(() -> isHeld(seated, witness, present), "the witness follows the next one");
      long size = copied(seated, witness);
      show(
          seated, witness, other(seated.banks.network.logKey(LOST), former, closed.close().size()));
      awaitProof(seated, List.of(former));
      show(seated, witness, other(TestNetwork.signer("log " + LOST + "/1"), present, size));
      awaitProof(seated, List.of(former, present));
    }
  }

  /** Another history, signed by the keys that signed the one that is held. */
  private static SignedCheckpoint other(Signer key, Origin log, long size) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, log, SigningMark.NOTHING_SIGNED)
                .sign(new TreeHead(size, Hash.sha256(new byte[] {9}))))
        .checkpoint();
  }

  private static void show(SeatedBanks seated, String witness, SignedCheckpoint checkpoint)
      throws Exception {
    seated
        .banks
        .node(witness)
        .facade()
        .checkpoint("k", checkpoint.bytes())
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Everybody but the culprit holds a FORK of each of these logs, and nothing else. */
  private static void awaitProof(SeatedBanks seated, List<Origin> logs) throws Exception {
    EvidenceVerifier verifier =
        new EvidenceVerifier(
            seated.banks.network.genesis(), Map.of(new LedgerProgram().id(), new LedgerProgram()));
    for (String name : NAMES) {
      if (!name.equals(LOST)) {
        await(() -> proven(seated, name, verifier).equals(Set.copyOf(logs)), name + " knows");
      }
    }
  }

  private static Set<Origin> proven(SeatedBanks seated, String node, EvidenceVerifier verifier) {
    Set<Origin> logs = new HashSet<>();
    for (EvidenceFile file : seated.banks.node(node).facade().evidenceFiles()) {
      Verification.Proven proven =
          assertInstanceOf(Verification.Proven.class, verifier.verify(file.file()));
      assertEquals(FaultKind.FORK, proven.evidence().faultId().kind());
      assertEquals(Optional.of(LOST), proven.evidence().node());
      logs.add(((Subject.OfLog) proven.evidence().faultId().subject()).origin());
    }
    return logs;
  }

  /**
   * One witness was away while the log went on to where it is closed, and is the only one that is
   * shown another history of that part.
   */
  private ClosedLog.Clean closeWithAShortCopy(SeatedBanks seated) throws Exception {
    seated.pay(0);
    Origin former = new Origin(seated.banks.network.genesis().networkId(), LOST, 0);
    String whole = seated.seats().get(0);
    String brief = seated.seats().get(1);
    long early = seated.size();
    await(() -> heldOf(seated, brief, former) >= early, "both witnesses have the beginning");
    seated.banks.stop(brief);
    seated.pay(1);
    long later = seated.size();
    assertTrue(later > early + 1);
    await(() -> heldOf(seated, whole, former) >= later, "one has the rest");
    // The one that is away gets it from nobody before the log is closed.
    seated.banks.wire.withhold(whole, InProcessTransport.Message.ENTRIES);
    ClosedLog.Clean closed = closed(seated);
    seated.banks.start(brief);
    seated.decide(approval(seated, closed), OTHER);
    seated.awaitDecisions(OTHER, "j", "k", "l");
    long held = heldOf(seated, brief, former);
    assertTrue(held < closed.close().size() - 1, () -> held + " of " + closed.close());
    PeerReply reply =
        get(
            seated
                .banks
                .node(brief)
                .facade()
                .checkpoint(
                    "k",
                    other(seated.banks.network.logKey(LOST), former, closed.close().size() - 1)
                        .bytes()));
    assertEquals(Bytes.utf8("KEPT"), reply.body());
    // Whoever has shown it does not do so again: from here on it is up to this witness.
    seated.banks.stop(brief);
    seated.banks.start(brief);
    return closed;
  }

  private static long heldOf(SeatedBanks seated, String witness, Origin log) {
    return seated
        .banks
        .node(witness)
        .facade()
        .replica(hash(log))
        .map(PublishedLog::size)
        .orElse(0L);
  }

  @Test
  void aShortCopyOfTheClosedOneIsCompletedAndAForkBehindItsEndIsProven() throws Exception {
    try (SeatedBanks seated = running()) {
      ClosedLog.Clean closed = closeWithAShortCopy(seated);
      Origin former = new Origin(seated.banks.network.genesis().networkId(), LOST, 0);
      String brief = seated.seats().get(1);
      assertEquals(List.of(), seated.banks.node(brief).facade().evidenceFiles());
      seated.banks.wire.relent(seated.seats().get(0));
      await(
          () -> heldOf(seated, brief, former) == closed.close().size(),
          "it copies the rest from the other witness");
      awaitProof(seated, List.of(former));
    }
  }

  /** The other witness says nothing any more, so it is the next log that has the rest. */
  @Test
  void aShortCopyIsCompletedOutOfTheNextLog() throws Exception {
    try (SeatedBanks seated = running()) {
      ClosedLog.Clean closed = closeWithAShortCopy(seated);
      Origin former = new Origin(seated.banks.network.genesis().networkId(), LOST, 0);
      String brief = seated.seats().get(1);
      SignedCheckpoint last =
          SignedCheckpoint.parse(
              seated
                  .banks
                  .node(seated.seats().get(0))
                  .facade()
                  .replica(hash(former))
                  .orElseThrow()
                  .checkpoint());
      assertEquals(closed.close(), last.head());
      begin(seated, closed);
      await(
          () -> seated.banks.node(brief).stored(former) == closed.close().size(),
          "it has the entries");
      // What the old key has signed about them convicts it; others may have shown it before.
      show(seated, brief, last);
      assertEquals(closed.close().size(), heldOf(seated, brief, former));
      awaitProof(seated, List.of(former));
    }
  }

  /** What a witness holds may be of another past itself, which it alone was shown. */
  @Test
  void anotherPastThanWhatWasClosedIsShownToWhoeverHasThat() throws Exception {
    assertAnotherPastIsProven(2, 20);
  }

  /** That there are as many entries as were closed does not make them those. */
  @Test
  void aCopyOfAnotherPastIsNotCompleteBecauseItIsAsLong() throws Exception {
    assertAnotherPastIsProven(20, 20);
  }

  @Test
  void aCopyOfAnotherPastIsNotCompleteBecauseItIsLonger() throws Exception {
    assertAnotherPastIsProven(20, 2);
  }

  private void assertAnotherPastIsProven(int here, int closed) throws Exception {
    try (SeatedBanks seated = new SeatedBanks(directory, LOST, NAMES)) {
      TestNetwork network = seated.banks.network;
      Origin former = new Origin(network.genesis().networkId(), LOST, 0);
      String whole = seated.seats().get(0);
      String brief = seated.seats().get(1);
      ByzantineLog one = played(network, here, 7);
      ByzantineLog other = played(network, closed, 1_000);
      play(seated, one);
      seated.banks.start(brief);
      await(() -> heldOf(seated, brief, former) == one.size(), "it is shown one history");
      play(seated, other);
      for (String name : NAMES) {
        if (!name.equals(LOST) && !name.equals(brief)) {
          seated.banks.start(name);
        }
      }
      await(() -> heldOf(seated, whole, former) == other.size(), "and the other witness another");
      seated.decide(
          approval(
              seated,
              new ClosedLog.Clean(
                  other.checkpoint().head(), Hash.sha256(), network.genesis().foundedMillis())),
          OTHER);
      awaitProof(seated, List.of(former));
    }
  }

  private static List<String> founding(SeatedBanks seated, String ward) {
    return Seating.founding(seated.banks.network.genesis()).witnessesOf(ward).stream()
        .map(NodeRecord::node)
        .toList();
  }

  /**
   * What the next one has signed may stand in a ward's log before its witness knows that there is a
   * next one. Nobody shows it that again.
   */
  @Test
  void whatTheNextOneHasSignedIsPassedOnByAWitnessThatHearsOfItLater() throws Exception {
    try (SeatedBanks seated = new SeatedBanks(directory, LOST, NAMES)) {
      TestNetwork network = seated.banks.network;
      String ward = "k";
      String late =
          founding(seated, ward).stream().filter(it -> !it.equals(LOST)).findFirst().orElseThrow();
      List<String> others =
          NAMES.stream().filter(it -> !List.of(LOST, ward, late).contains(it)).toList();
      Origin next = new Origin(network.genesis().networkId(), LOST, 1);
      SignedCheckpoint signed = other(TestNetwork.signer("log " + LOST + "/1"), next, 50);
      ByzantineLog log =
          new ByzantineLog(
                  network, new Machine(network.genesis(), network.node(ward), new LedgerProgram()))
              .genesis();
      log.body(new ReceiveEntry(signed.bytes(), List.of(log.entry(0)), List.of())).endState();
      seated.banks.wire.play(
          ward,
          PublishedLog.of(log.checkpoint(), log),
          (from, body) -> PeerReply.refused("not_now"));
      seated.banks.wire.withhold(late, InProcessTransport.Message.GOVERNANCE);
      seated.banks.start(late);
      Origin origin = network.genesis().origin(network.node(ward));
      await(() -> heldOf(seated, late, origin) == log.size(), "it has the ward's log");
      for (String name : others) {
        seated.banks.start(name);
      }
      seated.decide(
          approval(
              seated,
              new ClosedLog.Clean(
                  new TreeHead(20, Hash.sha256()),
                  Hash.sha256(),
                  network.genesis().foundedMillis())),
          others.get(0));
      seated.awaitDecisions(others.get(0), others.get(1));
      assertEquals(0, seated.loggedEpoch(late));
      assertEquals(Set.of(), shownBy(seated, late, signed));
      // Also what it passes on after a restart.
      seated.banks.stop(late);
      seated.banks.start(late);
      seated.banks.wire.relent(late);
      Set<String> witnesses = new TreeSet<>(seated.seats());
      witnesses.removeAll(List.of(late, ward));
      assertTrue(!witnesses.isEmpty(), seated.seats()::toString);
      await(
          () -> shownBy(seated, late, signed).containsAll(witnesses),
          () -> "it shows it to " + witnesses);
    }
  }

  private static Set<String> shownBy(SeatedBanks seated, String by, SignedCheckpoint checkpoint) {
    Set<String> to = new TreeSet<>();
    for (InProcessTransport.Shown shown : seated.banks.wire.shown) {
      if (shown.by().equals(by) && shown.checkpoint().equals(checkpoint.bytes())) {
        to.add(shown.to());
      }
    }
    return to;
  }

  private static ByzantineLog played(TestNetwork network, int batches, long millis) {
    ByzantineLog log =
        new ByzantineLog(
                network, new Machine(network.genesis(), network.node(LOST), new LedgerProgram()))
            .genesis();
    for (int i = 0; i < batches; i++) {
      log.tick(network.genesis().foundedMillis() + millis + i).endState();
    }
    return log;
  }

  private static void play(SeatedBanks seated, ByzantineLog log) {
    seated.banks.wire.play(
        LOST, PublishedLog.of(log.checkpoint(), log), (from, body) -> PeerReply.refused("not_now"));
  }

  @Test
  void theClosedOneStopsByItselfAndDoesNotStartAgain() throws Exception {
    try (SeatedBanks seated = running()) {
      seated.pay(0);
      // It is not lost at all, and hears of the decision like everybody else.
      ClosedLog.Clean closed = close(seated);
      RunningNode again = seated.banks.start(LOST);
      assertEquals(
          "incarnation_closed", again.stopped().get(30, TimeUnit.SECONDS).split(":", 2)[0]);
      seated.banks.stop(LOST);
      StartException refused = assertThrows(StartException.class, () -> seated.banks.start(LOST));
      assertEquals("incarnation_closed", refused.code());
      begin(seated, closed);
      seated.pay(1);
      assertTrustedByAll(seated);
    }
  }

  @Test
  void withoutTheClosedLogNobodyBegins() throws Exception {
    try (SeatedBanks seated = running()) {
      ClosedLog.Clean closed = close(seated);
      NextIncarnation.fill(
          seated.banks.renew(LOST),
          seated.banks.network.genesis().origin(present(seated)),
          copyOfFormer(seated),
          closed.close(),
          new Polity(seated.banks.network).chain());
      // The decision that enrols its key is not there.
      assertEquals(
          "wrong_key", assertThrows(StartException.class, () -> seated.banks.start(LOST)).code());
    }
  }

  private static LogReader copyOfFormer(SeatedBanks seated) {
    Origin former = new Origin(seated.banks.network.genesis().networkId(), LOST, 0);
    PublishedLog held =
        seated.banks.node(seated.seats().get(0)).facade().replica(hash(former)).orElseThrow();
    return new Prefix(held.entries(), held.size());
  }
}
