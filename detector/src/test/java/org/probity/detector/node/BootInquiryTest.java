package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
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
import org.probity.detector.node.BootGate.Open;
import org.probity.detector.node.BootGate.Own;
import org.probity.detector.node.BootGate.Seats;
import org.probity.detector.node.BootGate.Verdict;

/** SPEC protocol.md §11.1: whom a node asks before it signs, and how long it waits for them. */
class BootInquiryTest {
  private static final Signer KEY = TestNetwork.signer("log a");
  private static final Origin ORIGIN = new Origin(Hash.sha256(new byte[] {1}), "a", 0);
  private static final long START = 70_000;

  private final MemoryTree history = MemoryTree.of(leaves());
  private final BootGate gate =
      new BootGate(
          ORIGIN,
          KEY.publicKey(),
          SignatureRule.fastest(),
          List.of(new Seats(Set.of("b", "c"), 1)),
          Set.of("b", "c", "x"),
          0);
  private final BootInquiry inquiry = new BootInquiry(START);

  private static List<Hash> leaves() {
    return List.of(Hash.sha256(new byte[] {2}), Hash.sha256(new byte[] {3}));
  }

  private SignedCheckpoint signed(long size) {
    CheckpointSigner signer = CheckpointSigner.guarding(KEY, ORIGIN, SigningMark.NOTHING_SIGNED);
    TreeHead head = new TreeHead(size, MerkleProofs.rootAt(history, size));
    return ((CheckpointSigner.Signed) signer.sign(head)).checkpoint();
  }

  private Verdict judge(long afterMillis) {
    return inquiry.judge(
        gate, new Own(history, 0, SigningMark.NOTHING_SIGNED), START + afterMillis);
  }

  private List<String> due(long afterMillis) {
    return inquiry.due(gate, START + afterMillis);
  }

  private boolean answers(String node, Answer answer, long afterMillis) {
    return inquiry.answered(node, answer, 0, START + afterMillis);
  }

  @Test
  void everybodyIsAskedOnce() {
    assertEquals(List.of("b", "c", "x"), due(0));
    assertEquals(List.of(), due(60_000), "all are on their way");
    for (String node : List.of("b", "c", "x")) {
      assertFalse(answers(node, Answer.NOTHING, 10));
    }
    assertEquals(new Open(), judge(10));
    assertEquals(List.of(), due(20));
  }

  @Test
  void whoeverRefusesIsAskedAgainAndIsSilentAfterItsTime() {
    assertEquals(List.of("b", "c", "x"), due(0));
    answers("b", Answer.NOTHING, 10);
    answers("c", Answer.NOTHING, 10);
    inquiry.unanswered("x");
    assertEquals(new Closed(Set.of("x"), 0), judge(BootInquiry.SILENCE_MILLIS));
    assertEquals(List.of("x"), due(200));
    inquiry.unanswered("x");
    assertEquals(new Open(), judge(BootInquiry.SILENCE_MILLIS + 1));
  }

  /** Somebody who is on the way and has not come back is waited for. */
  @Test
  void whoeverAnswersInTheEndIsNotSilent() {
    due(0);
    answers("b", Answer.NOTHING, 10);
    inquiry.unanswered("c");
    inquiry.unanswered("x");
    answers("x", Answer.UNKNOWN, 20);
    assertEquals(new Closed(Set.of("c"), 0), judge(100));
    answers("c", new Answer(true, 0, Optional.of(signed(1))), 200);
    assertEquals(new Behind(signed(1)), judge(BootInquiry.SILENCE_MILLIS + 1));
  }

  @Test
  void anOldAnswerIsAskedForAgain() {
    due(0);
    answers("b", Answer.NOTHING, 1_000);
    answers("c", Answer.NOTHING, 2_000);
    assertEquals(List.of(), due(1_000 + BootInquiry.STALE_MILLIS));
    assertEquals(List.of("b"), due(1_001 + BootInquiry.STALE_MILLIS));
  }

  /** Its answer says nothing that helps, so the next one may. */
  @Test
  void whoeverIsWaitedForIsAskedAgainAtOnce() {
    due(0);
    answers("b", Answer.UNKNOWN, 10);
    answers("c", Answer.UNKNOWN, 10);
    answers("x", Answer.NOTHING, 10);
    assertEquals(new Closed(Set.of("b", "c"), 1), judge(10));
    assertEquals(List.of("b", "c"), due(11));
  }

  /**
   * SPEC protocol.md §11.1: what it claims has to be told; one lie does not win time for another.
   */
  @Test
  void whoeverClaimsDecisionsHasItsTimeToTellThem() {
    due(0);
    answers("b", Answer.NOTHING, 10);
    answers("c", Answer.NOTHING, 10);
    assertTrue(answers("x", new Answer(true, 1, Optional.empty()), 3_000));
    assertEquals(new Closed(Set.of("x"), 0), judge(3_000 + BootInquiry.SILENCE_MILLIS));
    assertTrue(answers("x", new Answer(true, 2, Optional.empty()), 7_000));
    assertEquals(new Open(), judge(3_001 + BootInquiry.SILENCE_MILLIS));
  }

  @Test
  void whoeverHasShownItIsAskedForItFirst() {
    due(0);
    answers("b", new Answer(true, 0, Optional.of(signed(1))), 10);
    answers("c", Answer.NOTHING, 10);
    answers("x", new Answer(false, 0, Optional.of(signed(2))), 10);
    BootInquiry.Holders holders = inquiry.holders(signed(2));
    assertEquals(List.of("x"), holders.shownBy());
    assertEquals(List.of("x", "b", "c"), holders.all());
    assertEquals(List.of("b", "x"), inquiry.holders(signed(1)).shownBy());
  }

  @Test
  void ifNobodyHasItAllAreAskedAgain() {
    due(0);
    for (String node : List.of("b", "c", "x")) {
      answers(node, new Answer(true, 0, Optional.of(signed(1))), 10);
    }
    assertEquals(List.of(), due(20));
    inquiry.inVain(gate);
    assertEquals(List.of("b", "c", "x"), due(20));
  }

  /** SPEC protocol.md §7.3: wrong data equals no answer. */
  @Test
  void whatIsNoCheckpointIsNoAnswer() {
    assertEquals(
        Optional.empty(), Answer.parse(true, 0, Optional.of(Bytes.utf8("no checkpoint\n"))));
    assertEquals(
        Optional.of(new Answer(true, 3, Optional.of(signed(1)))),
        Answer.parse(true, 3, Optional.of(signed(1).bytes())));
    assertEquals(Optional.of(Answer.UNKNOWN), Answer.parse(false, 0, Optional.empty()));
  }
}
