package org.probity.demo.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.demo.objects.ObjectResult.Code;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.audit.Replica;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Tampering;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.Patience;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.trust.Verdict;

/**
 * The classes of faults of the paper, each planted into an object store and told by the real
 * detector (protocol.md §1; Haeberlen, Kouznetsov, Druschel, <i>The Case for Byzantine Fault
 * Detection</i>, HotDep 2006). One section per class; docs/build-applications.md has the table.
 */
class ObjectStoreFaultsTest {
  private static final String CULPRIT = "alpha";

  // Detectably faulty: an observable message whose history is invalid.

  @ParameterizedTest
  @EnumSource
  void whoDepartsFromTheProgramIsExposedByAll(LyingStore.Lie lie) {
    LyingStore lying = new LyingStore(lie);
    StoreConsortium stores = new StoreConsortium(Map.of(CULPRIT, lying));
    stores.put(CULPRIT, "greeting", "hello", "beta");
    stores.put("beta", "greeting", "salut", CULPRIT);
    stores.get(CULPRIT, "greeting");
    assertEquals(Optional.empty(), stores.audit(CULPRIT), "honest up to here");
    long honest = stores.nodes.member(CULPRIT).log().size();

    lying.lie();
    act(stores, lie);
    Bytes file = stores.audit(CULPRIT).orElseThrow();

    Evidence evidence = stores.proven(file);
    assertEquals(FaultKind.INVALID_TRANSITION, evidence.faultId().kind());
    assertEquals(Optional.of(CULPRIT), evidence.node());
    assertEquals("m-" + CULPRIT, evidence.member());
    assertEquals(lie.code, evidence.code());
    assertTrue(evidence.faultId().position() >= honest);
    assertEveryFlippedBitIsRejected(stores, file);
    stores.assertVerdicts(Verdict.TRUSTED, CULPRIT);
    stores.spread(file, CULPRIT);
    stores.assertVerdicts(Verdict.EXPOSED, CULPRIT);
    for (String name : StoreConsortium.correct(CULPRIT)) {
      assertEquals(
          List.of(CULPRIT + " exposed"), stores.nodes.member(name).opinions(), "told at " + name);
      assertEquals(Optional.empty(), stores.audit(name), name + " is correct");
    }
  }

  private static void act(StoreConsortium stores, LyingStore.Lie lie) {
    switch (lie) {
      case DENIES_OBJECTS ->
          assertEquals(Code.NO_SUCH_OBJECT, stores.get(CULPRIT, "greeting").code());
      case ALTERS_ANSWERS ->
          assertEquals(ObjectResult.found(Bytes.utf8("forged")), stores.get(CULPRIT, "greeting"));
      case FORGETS_PUTS -> assertEquals(Code.STORED, stores.put(CULPRIT, "new", "x").code());
      case IGNORES_OWNERS -> {
        Bytes put = StoreConsortium.putOf("greeting", "mine").encode();
        assertEquals(Code.STORED, stores.ask(CULPRIT, StoreConsortium.OTHER_CLIENT, put).code());
      }
      case KEEPS_COPIES, ALTERS_COPIES ->
          assertEquals(Code.STORED, stores.put(CULPRIT, "new", "x", "beta").code());
      case ALTERS_RECEIVED -> {
        stores.put("beta", "greeting", "ciao", CULPRIT);
        assertEquals(
            ObjectResult.found(Bytes.utf8("forged")), stores.get(CULPRIT, "beta", "greeting"));
      }
    }
  }

  private static void assertEveryFlippedBitIsRejected(StoreConsortium stores, Bytes file) {
    for (int bit = 0; bit < 8 * file.size(); bit += 97) {
      Tampering.assertRejected(
          StoreConsortium.stranger(stores.network.genesis()),
          Tampering.flip(file, bit),
          "bit " + bit);
    }
  }

  /** A copy is observed by a third node, which passes it on in good faith. */
  @Test
  void whoAnswersWithAForgedCopyInGoodFaithIsNotBlamed() {
    LyingStore lying = new LyingStore(LyingStore.Lie.ALTERS_COPIES);
    StoreConsortium stores = new StoreConsortium(Map.of(CULPRIT, lying));
    lying.lie();
    stores.put(CULPRIT, "greeting", "hello", "beta");

    assertEquals(ObjectResult.found(Bytes.utf8("forged")), stores.get("beta", CULPRIT, "greeting"));

    assertEquals(Optional.empty(), stores.audit("beta"));
    stores.spread(stores.audit(CULPRIT).orElseThrow(), CULPRIT);
    stores.assertVerdicts(Verdict.EXPOSED, CULPRIT);
  }

  // Detectably faulty: two observable messages whose histories are inconsistent.

  /** A culprit with two histories: the test writes its logs and plays it to the others. */
  private static final class TwoFaced {
    final StoreConsortium stores = new StoreConsortium();
    final List<String> witnesses = stores.witnessesOf(CULPRIT);
    final String outsider =
        StoreConsortium.NODES.stream()
            .filter(name -> !name.equals(CULPRIT) && !witnesses.contains(name))
            .findFirst()
            .orElseThrow();
    final ByzantineLog shown;
    final ByzantineLog hidden;

    TwoFaced() {
      // The culprit's own process says nothing.
      stores.nodes.reach((from, to) -> !from.equals(CULPRIT) && !to.equals(CULPRIT));
      ByzantineLog common =
          new ByzantineLog(stores.network, stores.machine(CULPRIT))
              .genesis()
              .tick(TestNetwork.FOUNDED_MILLIS + 1_000)
              .endState();
      shown = put(common, "hello");
      hidden = put(common, "good bye");
    }

    private ByzantineLog put(ByzantineLog common, String content) {
      return common
          .fork(stores.network, common.size())
          .transaction(
              stores.sign(
                  CULPRIT,
                  StoreConsortium.CLIENT,
                  StoreConsortium.putOf("greeting", content, outsider).encode()))
          .endState();
    }

    /** The hidden history reaches the one node that is no witness of the culprit. */
    void tellOutsider() {
      Envelope envelope =
          new Envelope(
              hidden.envelope(hidden.sends().get(0)),
              0,
              stores.network.genesis().networkId(),
              0,
              List.of(),
              0);
      stores.nodes.member(outsider).step(stores.nodes.arrived(CULPRIT, envelope, 4_711));
      stores.nodes.run();
    }

    /** What a witness that holds the shown history makes of a checkpoint. */
    Replica.Judged judged(SignedCheckpoint checkpoint) {
      StoreConsortium.Held held = stores.replicate(CULPRIT, shown, shown.checkpoint());
      return held.replica().judge(checkpoint, shown.checkpoint(), held.log());
    }
  }

  @Test
  void whoTellsTwoNodesDifferentThingsIsExposedByAll() {
    TwoFaced faces = new TwoFaced();
    faces.tellOutsider();
    assertEquals(
        ObjectResult.found(Bytes.utf8("good bye")),
        faces.stores.get(faces.outsider, CULPRIT, "greeting"));

    // Once per interval whoever has received a message shows its sender's witnesses what it holds.
    seconds(faces.stores, 10);
    List<SignedCheckpoint> heard =
        faces.stores.nodes.member(faces.witnesses.get(0)).heardAsWitness();
    assertEquals(List.of(faces.hidden.checkpoint()), ofCulprit(heard));
    Bytes file = faces.judged(faces.hidden.checkpoint()).candidate().orElseThrow();

    assertFork(faces, file);
  }

  private static List<SignedCheckpoint> ofCulprit(List<SignedCheckpoint> heard) {
    return heard.stream()
        .filter(checkpoint -> checkpoint.origin().node().equals(CULPRIT))
        .distinct()
        .toList();
  }

  private static void assertFork(TwoFaced faces, Bytes file) {
    Evidence evidence = faces.stores.proven(file);
    assertEquals(FaultKind.FORK, evidence.faultId().kind());
    assertEquals(Optional.of(CULPRIT), evidence.node());
    assertEquals(faces.shown.size(), evidence.faultId().position());
    assertEveryFlippedBitIsRejected(faces.stores, file);
    faces.stores.spread(file, CULPRIT);
    faces.stores.assertVerdicts(Verdict.EXPOSED, CULPRIT);
    // Each of the two histories obeys the program: there is nothing else to find.
    for (ByzantineLog history : List.of(faces.shown, faces.hidden)) {
      assertEquals(Optional.empty(), faces.stores.audit(CULPRIT, history, history.checkpoint()));
    }
  }

  // A fault that only an accomplice has seen.

  /** The accomplice shows nobody what it was told; its own witnesses find it in its log. */
  @Test
  void whatAnAccompliceWasToldIsFoundInItsLog() {
    TwoFaced faces = new TwoFaced();
    faces.tellOutsider();
    MemoryLog accomplice = faces.stores.nodes.member(faces.outsider).log();

    StoreConsortium.Held held =
        faces.stores.replicate(faces.outsider, accomplice, accomplice.newest().orElseThrow());
    List<VerifiedCheckpoint> found = new ArrayList<>();
    for (long index = 0; index < held.log().size(); index++) {
      EmbeddedCheckpoints.in(held.log().entry(index), faces.stores.nodes.checkpoints())
          .ifPresent(found::add);
    }

    assertEquals(
        List.of(faces.hidden.checkpoint()),
        found.stream().map(VerifiedCheckpoint::signed).toList());
    assertFork(faces, faces.judged(found.get(0).signed()).candidate().orElseThrow());
  }

  /** Or it hides what it was told: then what it says to a client has no cause in its log. */
  @Test
  void anAccompliceThatHidesWhatItWasToldIsExposedItself() {
    TwoFaced faces = new TwoFaced();
    String accomplice = faces.outsider;
    ByzantineLog log =
        new ByzantineLog(faces.stores.network, faces.stores.machine(accomplice))
            .genesis()
            .tick(TestNetwork.FOUNDED_MILLIS + 1_000)
            .endState();
    Statement get =
        faces.stores.sign(
            accomplice,
            StoreConsortium.CLIENT,
            new ObjectOperation.Get(CULPRIT, "greeting").encode());
    log.execute(get);
    log.body(
            new TransactionEntry(
                get.encoded(),
                TransactionOutcome.executed(ObjectResult.found(Bytes.utf8("good bye")).encode())
                    .encode()))
        .endState();

    Bytes file = faces.stores.audit(accomplice, log, log.checkpoint()).orElseThrow();

    Evidence evidence = faces.stores.proven(file);
    assertEquals(FaultKind.INVALID_TRANSITION, evidence.faultId().kind());
    assertEquals("outcome_differs", evidence.code());
    assertEquals(Optional.of(accomplice), evidence.node());
    faces.stores.spread(file, accomplice);
    faces.stores.assertVerdicts(Verdict.EXPOSED, accomplice);
  }

  // Detectably ignorant: suspected for as long as it lasts, and never more than that.

  private static void seconds(StoreConsortium stores, int seconds) {
    for (int i = 0; i < seconds; i++) {
      stores.nodes.advance(1_000);
      stores.nodes.run();
    }
  }

  /** Until what is not answered is overdue, and the news of it has gone round. */
  private static int patienceSeconds() {
    Patience patience = Patience.standard();
    return (int) (patience.unacknowledgedMillis() + patience.overdueMillis()) / 1_000 + 5;
  }

  @Test
  void whoIgnoresAMessageIsSuspectedByAllUntilItAnswers() {
    StoreConsortium stores = new StoreConsortium();
    stores.nodes.reach((from, to) -> !from.equals(CULPRIT) && !to.equals(CULPRIT));
    stores.put("beta", "greeting", "hello", CULPRIT);
    stores.assertVerdicts(Verdict.TRUSTED, CULPRIT);

    seconds(stores, patienceSeconds());

    stores.assertVerdicts(Verdict.SUSPECTED, CULPRIT);
    assertNothingProven(stores);
    seconds(stores, 300);
    stores.assertVerdicts(Verdict.SUSPECTED, CULPRIT);
    assertNothingProven(stores);
    stores.nodes.reach((from, to) -> true);
    seconds(stores, 30);
    stores.assertVerdicts(Verdict.TRUSTED, CULPRIT);
    assertEquals(ObjectResult.found(Bytes.utf8("hello")), stores.get(CULPRIT, "beta", "greeting"));
  }

  /** The client takes to a witness what the culprit will not log. */
  @Test
  void whoIgnoresAClientIsSuspectedByAllUntilItLogsWhatWasAsked() {
    StoreConsortium stores = new StoreConsortium();
    stores.nodes.reach((from, to) -> !from.equals(CULPRIT) && !to.equals(CULPRIT));
    Statement put =
        stores.sign(
            CULPRIT, StoreConsortium.CLIENT, StoreConsortium.putOf("greeting", "hello").encode());
    String witness = stores.witnessesOf(CULPRIT).get(0);
    stores
        .nodes
        .member(witness)
        .raise(
            new Challenge(
                new Challenge.Target(CULPRIT, 0),
                witness,
                new Challenge.Client(put.encoded(), Optional.empty())));

    seconds(stores, patienceSeconds());

    stores.assertVerdicts(Verdict.SUSPECTED, CULPRIT);
    assertNothingProven(stores);
    stores.nodes.reach((from, to) -> true);
    seconds(stores, 30);
    stores.assertVerdicts(Verdict.TRUSTED, CULPRIT);
    assertEquals(ObjectResult.found(Bytes.utf8("hello")), stores.get(CULPRIT, "greeting"));
  }

  private static void assertNothingProven(StoreConsortium stores) {
    for (String name : StoreConsortium.NODES) {
      assertEquals(List.of(), stores.nodes.member(name).candidates(), name);
      assertEquals(List.of(), stores.nodes.member(name).node().proofs(), name);
    }
  }

  // Not detectable, and so nobody is blamed.

  /** What two culprits tell each other in histories that no correct node ever sees. */
  @Test
  void whatAffectsNoCorrectNodeIsNotDetected() {
    TwoFaced faces = new TwoFaced();
    assertFalse(faces.hidden.sends().isEmpty());
    assertEquals(
        Optional.empty(), faces.stores.audit(CULPRIT, faces.shown, faces.shown.checkpoint()));
    assertEquals(
        Replica.Comparison.CONSISTENT, faces.judged(faces.shown.checkpoint()).comparison());
    faces.stores.assertVerdicts(Verdict.TRUSTED, CULPRIT);
  }

  @Test
  void everybodyCorrectIsTrustedByEverybody() {
    StoreConsortium stores = new StoreConsortium();
    for (String home : StoreConsortium.NODES) {
      for (String copy : StoreConsortium.NODES) {
        if (!copy.equals(home)) {
          stores.put(home, "for " + copy, "x", copy);
        }
      }
    }
    seconds(stores, 60);
    stores.assertVerdicts(Verdict.TRUSTED);
    assertNothingProven(stores);
    for (String name : StoreConsortium.NODES) {
      LogReader log = stores.nodes.member(name).log();
      assertTrue(log.size() > 10);
      assertEquals(Optional.empty(), stores.audit(name), name);
    }
  }
}
