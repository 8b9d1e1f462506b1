package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.BootGate.Answer;
import org.probity.detector.node.BootGate.Behind;
import org.probity.detector.node.BootGate.Closed;
import org.probity.detector.node.BootGate.Contradicted;
import org.probity.detector.node.BootGate.Lost;
import org.probity.detector.node.BootGate.Open;
import org.probity.detector.node.BootGate.Own;
import org.probity.detector.node.BootGate.Seats;
import org.probity.detector.node.BootGate.Verdict;

/** SPEC protocol.md §11.1: what others answer decides whether a node that starts may sign. */
class BootGateTest {
  private static final Signer KEY = TestNetwork.signer("log a");
  private static final Origin ORIGIN = new Origin(Hash.sha256(new byte[] {1}), "a", 0);

  /** f = 1, w = 4: q = r = 3. */
  private static final Set<String> WITNESSES = Set.of("b", "c", "d", "e");

  private static final Set<String> OTHERS = Set.of("b", "c", "d", "e", "x");

  private final MemoryTree history = tree("");
  private final MemoryTree otherHistory = tree("other ");
  private final Map<String, Answer> answers = new TreeMap<>();
  private final Set<String> silent = new TreeSet<>();

  private static MemoryTree tree(String name) {
    List<Hash> leaves = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      leaves.add(Hash.sha256(Bytes.utf8(name + i).unsafeArray()));
    }
    return MemoryTree.of(leaves);
  }

  private static SignedCheckpoint signed(Signer key, Origin origin, MemoryTree tree, long size) {
    CheckpointSigner signer = CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED);
    TreeHead head = new TreeHead(size, MerkleProofs.rootAt(tree, size));
    return ((CheckpointSigner.Signed) signer.sign(head)).checkpoint();
  }

  private static Answer holds(MemoryTree tree, long size) {
    return new Answer(true, 0, Optional.of(signed(KEY, ORIGIN, tree, size)));
  }

  private static SigningMark mark(MemoryTree tree, long size) {
    return size == 0
        ? SigningMark.NOTHING_SIGNED
        : SigningMark.of(ORIGIN, new TreeHead(size, MerkleProofs.rootAt(tree, size)));
  }

  private BootGate gate() {
    return new BootGate(
        ORIGIN,
        KEY.publicKey(),
        SignatureRule.fastest(),
        List.of(new Seats(WITNESSES, 3)),
        OTHERS,
        0);
  }

  /** Of a node whose store and mark agree. */
  private Verdict judge(long size) {
    return judge(size, mark(history, size));
  }

  private Verdict judge(long size, SigningMark mark) {
    return gate().judge(new Own(history, size, mark), answers, silent);
  }

  private void all(Answer answer) {
    OTHERS.forEach(node -> answers.put(node, answer));
  }

  @Test
  void aFoundingNodeSignsWhenAllHaveSaidThatTheyKnowNothing() {
    all(Answer.NOTHING);
    assertEquals(new Open(), judge(0));
  }

  @Test
  void nobodyHasAnswered() {
    assertEquals(new Closed(OTHERS, 3), judge(0));
    assertEquals(new Closed(OTHERS, 3), judge(10));
  }

  @Test
  void whoeverIsSilentIsWaitedForOnlyIfHeIsNeeded() {
    all(Answer.NOTHING);
    answers.remove("x");
    assertEquals(new Closed(Set.of("x"), 0), judge(10));
    silent.add("x");
    assertEquals(new Open(), judge(10));

    answers.remove("b");
    silent.add("b");
    assertEquals(new Open(), judge(10), "three of four");
    answers.remove("c");
    silent.add("c");
    assertEquals(new Closed(Set.of("b", "c"), 1), judge(10));
  }

  @Test
  void othersAnswersDoNotStandInForThoseOfWitnesses() {
    answers.put("x", Answer.NOTHING);
    silent.addAll(WITNESSES);
    assertEquals(new Closed(WITNESSES, 3), judge(10));
  }

  @Test
  void whoCannotSayDoesNotCount() {
    all(Answer.NOTHING);
    answers.put("b", Answer.UNKNOWN);
    assertEquals(new Open(), judge(10));
    answers.put("c", Answer.UNKNOWN);
    assertEquals(new Closed(Set.of("b", "c"), 1), judge(10));
  }

  @Test
  void whatTheOthersHoldIsTheBeginningOfThisLog() {
    for (long size = 1; size <= 10; size++) {
      all(holds(history, size));
      assertEquals(new Open(), judge(10));
    }
  }

  /** Nobody has to be waited for: it is there, whatever the rest will say. */
  @Test
  void oneWhoHasMoreIsEnough() {
    for (String one : OTHERS) {
      answers.clear();
      answers.put(one, holds(history, 11));
      assertEquals(new Behind(signed(KEY, ORIGIN, history, 11)), judge(10));
      assertEquals(new Behind(signed(KEY, ORIGIN, history, 11)), judge(0));
    }
  }

  @Test
  void theHighestOfAllIsRecoveredUpTo() {
    answers.put("b", holds(history, 12));
    answers.put("c", holds(history, 15));
    answers.put("d", holds(history, 9));
    assertEquals(new Behind(signed(KEY, ORIGIN, history, 15)), judge(10));
  }

  /** It has lost its store since, and has been shown something again: it is no less true. */
  @Test
  void alsoOfOneWhoDoesNotCount() {
    answers.put("b", new Answer(false, 0, Optional.of(signed(KEY, ORIGIN, history, 11))));
    assertEquals(new Behind(signed(KEY, ORIGIN, history, 11)), judge(10));
  }

  @Test
  void whatTheKeyHasNotSignedSaysNothingAndDoesNotCount() {
    Signer stranger = TestNetwork.signer("log b");
    Origin another = new Origin(Hash.sha256(new byte[] {2}), "a", 0);
    for (SignedCheckpoint lie :
        List.of(
            signed(stranger, ORIGIN, history, 20),
            signed(stranger, ORIGIN, otherHistory, 5),
            signed(KEY, another, history, 20),
            signed(KEY, another, otherHistory, 5))) {
      all(Answer.NOTHING);
      answers.put("b", new Answer(true, 0, Optional.of(lie)));
      assertEquals(new Open(), judge(10), "f = 1");
      answers.put("c", new Answer(true, 0, Optional.of(lie)));
      assertEquals(new Closed(Set.of("b", "c"), 1), judge(10));
    }
  }

  /** One who claims that there is nothing does not outweigh one who shows something. */
  @Test
  void whoClaimsToKnowNothingHidesNothing() {
    all(Answer.NOTHING);
    answers.put("e", holds(history, 11));
    assertEquals(new Behind(signed(KEY, ORIGIN, history, 11)), judge(10));
  }

  @Test
  void anotherHistoryUnderTheOwnKeyIsNeverSignedOver() {
    for (long size = 1; size <= 10; size++) {
      all(Answer.NOTHING);
      answers.put("x", holds(otherHistory, size));
      assertEquals(
          new Contradicted(signed(KEY, ORIGIN, otherHistory, size)), judge(10), "size " + size);
    }
  }

  @Test
  void twoHistoriesBeyondTheOwnEndAreNotRecoveredFrom() {
    answers.put("b", holds(history, 12));
    answers.put("c", holds(otherHistory, 12));
    assertEquals(new Contradicted(signed(KEY, ORIGIN, otherHistory, 12)), judge(10));
  }

  @Test
  void moreWasSignedThanAnybodyHas() {
    SigningMark ahead = mark(history, 12);
    assertEquals(new Closed(OTHERS, 3), judge(10, ahead));
    all(holds(history, 10));
    assertEquals(new Lost(12), judge(10, ahead));
    answers.put("b", holds(history, 12));
    assertEquals(new Behind(signed(KEY, ORIGIN, history, 12)), judge(10, ahead));
    // Longer, if it is only a part of the way.
    answers.put("b", holds(history, 11));
    assertEquals(new Behind(signed(KEY, ORIGIN, history, 11)), judge(10, ahead));
  }

  @Test
  void theMarkIsOfAnotherHistoryThanTheOneShown() {
    answers.put("b", holds(otherHistory, 12));
    assertEquals(
        new Contradicted(signed(KEY, ORIGIN, otherHistory, 12)), judge(10, mark(history, 12)));
  }

  @Test
  void aNodeWithoutWitnessesAsksTheOthers() {
    BootGate alone =
        new BootGate(ORIGIN, KEY.publicKey(), SignatureRule.fastest(), List.of(), Set.of("x"), 0);
    Own own = new Own(history, 10, mark(history, 10));
    assertEquals(new Closed(Set.of("x"), 0), alone.judge(own, answers, silent));
    silent.add("x");
    assertEquals(new Open(), alone.judge(own, answers, silent));
  }

  /** The seats have moved: who holds the later ones may have cosigned what the others never saw. */
  @Test
  void enoughOfTheSeatsOfEveryEpochHaveToAnswer() {
    Set<String> later = Set.of("b", "u", "v", "x");
    BootGate moved =
        new BootGate(
            ORIGIN,
            KEY.publicKey(),
            SignatureRule.fastest(),
            List.of(new Seats(WITNESSES, 3), new Seats(later, 3)),
            Set.of("b", "c", "d", "e", "u", "v", "x"),
            1);
    Own own = new Own(history, 10, mark(history, 10));
    silent.addAll(moved.asked());
    WITNESSES.forEach(node -> answers.put(node, holds(history, 10)));
    assertEquals(new Closed(Set.of("u", "v", "x"), 2), moved.judge(own, answers, silent));
    answers.put("u", Answer.NOTHING);
    assertEquals(new Closed(Set.of("v", "x"), 1), moved.judge(own, answers, silent));
    answers.put("v", holds(history, 12));
    assertEquals(new Behind(signed(KEY, ORIGIN, history, 12)), moved.judge(own, answers, silent));
    answers.put("v", holds(history, 10));
    assertEquals(new Open(), moved.judge(own, answers, silent));
  }

  /** It knows of decisions that are not known here, and the seats may have moved by them. */
  @Test
  void whoIsAheadInDecisionsCountsOnceTheyAreKnown() {
    all(new Answer(true, 1, Optional.empty()));
    assertEquals(new Closed(OTHERS, 3), judge(10));
    silent.addAll(OTHERS);
    assertEquals(new Closed(WITNESSES, 3), judge(10), "no better than silence");
    answers.put("b", new Answer(true, 1, holds(history, 12).held()));
    assertEquals(new Behind(signed(KEY, ORIGIN, history, 12)), judge(10), "its own signature is");
  }

  // By what members decide.

  /** f = 1, w = 2: both witnesses have to answer, unless members say that one will not. */
  @Test
  void aWitnessThatWasStoppedOrBeginsAgainIsNotWaitedFor() {
    TestNetwork network =
        TestNetwork.of(
            Parameters.of(1, 2), Hash.sha256(new byte[] {7}), Bytes.EMPTY, "a", "b", "c", "d");
    NodeRecord self = network.node("a");
    List<NodeRecord> seats = Seating.founding(network.genesis()).witnessesOf("a");
    String here = seats.get(0).node();
    NodeRecord away = seats.get(1);
    String next =
        List.of("b", "c", "d").stream()
            .filter(node -> !node.equals(here) && !node.equals(away.node()))
            .findFirst()
            .orElseThrow();
    Polity polity = new Polity(network);
    DecisionChain founded = polity.chain();
    Own own = new Own(history, 0, SigningMark.NOTHING_SIGNED);
    network.genesis().nodes().forEach(node -> silent.add(node.node()));
    answers.put(here, Answer.NOTHING);
    assertEquals(
        new Closed(Set.of(away.node()), 1),
        BootGate.of(self, 0, founded).judge(own, answers, silent));

    // Whoever has its seat now may have cosigned what the node has forgotten, and says so or not.
    BootGate suspended =
        BootGate.of(self, 0, polity.decide(founded, new Action.SuspendNode(away.node())));
    assertEquals(new Closed(Set.of(next), 1), suspended.judge(own, answers, silent));
    answers.put(next, new Answer(true, 1, Optional.empty()));
    assertEquals(new Open(), suspended.judge(own, answers, silent));
    // The one that is left still has to say what it knows.
    answers.remove(here);
    assertEquals(new Closed(Set.of(here), 1), suspended.judge(own, answers, silent));

    BootGate renewed =
        BootGate.of(self, 0, polity.decide(founded, polity.approval(Polity.next(away))));
    answers.clear();
    answers.put(here, Answer.NOTHING);
    assertEquals(new Closed(Set.of(away.node()), 1), renewed.judge(own, answers, silent));
    answers.put(away.node(), new Answer(true, 1, Optional.empty()));
    assertEquals(new Open(), renewed.judge(own, answers, silent));

    // More than f cannot all be the faulty ones: nobody is left to ask, and it stays closed.
    BootGate bothSuspended =
        BootGate.of(
            self,
            0,
            polity.decide(
                polity.decide(founded, new Action.SuspendNode(away.node())),
                new Action.SuspendNode(here)));
    answers.put(next, Answer.NOTHING);
    assertEquals(new Closed(Set.of(), 1), bothSuspended.judge(own, answers, silent));
  }

  /** What is in the own log already was cosigned by the seats that it has led to. */
  @Test
  void theSeatsBeforeTheOwnEndAreNotAskedForAnswersThatCount() {
    TestNetwork network =
        TestNetwork.of(
            Parameters.of(1, 2), Hash.sha256(new byte[] {7}), Bytes.EMPTY, "a", "b", "c", "d", "e");
    NodeRecord self = network.node("a");
    Polity polity = new Polity(network);
    DecisionChain founded = polity.chain();
    List<String> before = witnesses(founded);
    DecisionChain moved = polity.decide(founded, new Action.ReassignWitnesses());
    while (before.stream().anyMatch(witnesses(moved)::contains)) {
      moved = polity.decide(moved, new Action.ReassignWitnesses());
    }
    int epoch = moved.decisions().size();
    Own own = new Own(history, 0, SigningMark.NOTHING_SIGNED);
    network.genesis().nodes().forEach(node -> silent.add(node.node()));
    witnesses(moved).forEach(node -> answers.put(node, Answer.NOTHING));
    assertEquals(new Open(), BootGate.of(self, epoch, moved).judge(own, answers, silent), "logged");
    BootGate forgotten = BootGate.of(self, 0, moved);
    assertEquals(new Closed(Set.copyOf(before), 2), forgotten.judge(own, answers, silent));
    answers.clear();
    before.forEach(node -> answers.put(node, Answer.NOTHING));
    assertEquals(2, ((Closed) forgotten.judge(own, answers, silent)).missing());
    assertThrows(IllegalArgumentException.class, () -> BootGate.of(self, 1, founded));
  }

  private static List<String> witnesses(DecisionChain decided) {
    return Seating.of(decided.state()).witnessesOf("a").stream().map(NodeRecord::node).toList();
  }

  /** Nothing was signed by an incarnation before the members let it begin. */
  @Test
  void theSeatsBeforeAnIncarnationBeganAreNotItsOwn() {
    TestNetwork network =
        TestNetwork.of(
            Parameters.of(1, 2), Hash.sha256(new byte[] {7}), Bytes.EMPTY, "a", "b", "c", "d", "e");
    Polity polity = new Polity(network);
    NodeRecord next = Polity.next(network.node("a"));
    List<String> before = witnesses(polity.chain());
    DecisionChain moved = polity.decide(polity.chain(), new Action.ReassignWitnesses());
    while (before.stream().anyMatch(witnesses(moved)::contains)) {
      moved = polity.decide(moved, new Action.ReassignWitnesses());
    }
    DecisionChain begun = polity.decide(moved, polity.approval(next));
    Own own = new Own(history, 0, SigningMark.NOTHING_SIGNED);
    network.genesis().nodes().forEach(node -> silent.add(node.node()));
    witnesses(begun).forEach(node -> answers.put(node, Answer.NOTHING));
    assertEquals(new Open(), BootGate.of(next, 0, begun).judge(own, answers, silent));
  }
}
