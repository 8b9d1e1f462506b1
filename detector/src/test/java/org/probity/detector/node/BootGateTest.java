package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.probity.detector.governance.GovernanceState;
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
    return new Answer(true, Optional.of(signed(KEY, ORIGIN, tree, size)));
  }

  private static SigningMark mark(MemoryTree tree, long size) {
    return size == 0
        ? SigningMark.NOTHING_SIGNED
        : SigningMark.of(ORIGIN, new TreeHead(size, MerkleProofs.rootAt(tree, size)));
  }

  private BootGate gate() {
    return new BootGate(ORIGIN, KEY.publicKey(), SignatureRule.fastest(), WITNESSES, 3, OTHERS);
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
    answers.put("b", new Answer(false, Optional.of(signed(KEY, ORIGIN, history, 11))));
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
      answers.put("b", new Answer(true, Optional.of(lie)));
      assertEquals(new Open(), judge(10), "f = 1");
      answers.put("c", new Answer(true, Optional.of(lie)));
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
        new BootGate(ORIGIN, KEY.publicKey(), SignatureRule.fastest(), Set.of(), 0, Set.of("x"));
    Own own = new Own(history, 10, mark(history, 10));
    assertEquals(new Closed(Set.of("x"), 0), alone.judge(own, answers, silent));
    silent.add("x");
    assertEquals(new Open(), alone.judge(own, answers, silent));
  }

  // By what members decide.

  /** f = 1, w = 2: both witnesses have to answer, unless members say that one will not. */
  @Test
  void aWitnessThatWasStoppedOrBeginsAgainIsNotWaitedFor() {
    TestNetwork network =
        TestNetwork.of(
            Parameters.of(1, 2), Hash.sha256(new byte[] {7}), Bytes.EMPTY, "a", "b", "c", "d");
    NodeRecord self = network.node("a");
    Seating founding = Seating.founding(network.genesis());
    List<NodeRecord> seats = founding.witnessesOf("a");
    String here = seats.get(0).node();
    NodeRecord away = seats.get(1);
    Polity polity = new Polity(network);
    Own own = new Own(history, 0, SigningMark.NOTHING_SIGNED);
    network.genesis().nodes().forEach(node -> silent.add(node.node()));
    answers.put(here, Answer.NOTHING);
    GovernanceState before = polity.chain().state();
    assertEquals(
        new Closed(Set.of(away.node()), 1),
        BootGate.of(network.genesis(), self, founding, before).judge(own, answers, silent));

    GovernanceState suspended =
        polity.decide(polity.chain(), new Action.SuspendNode(away.node())).state();
    assertEquals(
        new Open(),
        BootGate.of(network.genesis(), self, founding, suspended).judge(own, answers, silent));
    GovernanceState renewed =
        polity.decide(polity.chain(), polity.approval(Polity.next(away))).state();
    assertEquals(
        new Open(),
        BootGate.of(network.genesis(), self, founding, renewed).judge(own, answers, silent));
    // The one that is left still has to say what it knows.
    answers.clear();
    assertEquals(
        new Closed(Set.of(here), 1),
        BootGate.of(network.genesis(), self, founding, suspended).judge(own, answers, silent));
    // More than f cannot all be the faulty ones: nobody is left to ask, and it stays closed.
    GovernanceState bothSuspended =
        polity
            .decide(
                polity.decide(polity.chain(), new Action.SuspendNode(away.node())),
                new Action.SuspendNode(here))
            .state();
    assertEquals(
        new Closed(Set.of(), 1),
        BootGate.of(network.genesis(), self, founding, bothSuspended).judge(own, answers, silent));
  }
}
