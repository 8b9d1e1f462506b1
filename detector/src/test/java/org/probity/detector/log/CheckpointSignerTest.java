package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.log.CheckpointSigner.Reason;
import org.probity.detector.log.CheckpointSigner.Refused;
import org.probity.detector.log.CheckpointSigner.Signed;

/** Protocol §4.6: a signer that cannot be talked into a second history. */
class CheckpointSignerTest {
  private static final SignatureRule RULE = SignatureRule.fastest();
  private static final Origin ORIGIN = new Origin(TestLog.NETWORK, "bank-1", 1);
  private static final Hash ROOT = TestLog.hash("root");
  private static final Hash OTHER = TestLog.hash("other root");

  private final Counting key = new Counting();

  /** Counts how often the key is used. */
  private static final class Counting implements Signer {
    private final Signer signer = Signer.of(TestKeys.named("log"));
    private int uses;
    private boolean isBroken;

    @Override
    public PublicKey publicKey() {
      return signer.publicKey();
    }

    @Override
    public Bytes sign(Bytes message) {
      uses++;
      if (isBroken) {
        throw new IllegalStateException("planted: the key does not answer");
      }
      return signer.sign(message);
    }
  }

  private CheckpointSigner signer(SigningMark mark) {
    return CheckpointSigner.guarding(key, ORIGIN, mark);
  }

  @Test
  void signsGrowingSizesAndMovesTheMark() {
    CheckpointSigner signer = signer(SigningMark.NOTHING_SIGNED);
    assertEquals(ORIGIN, signer.origin());
    assertEquals(key.publicKey(), signer.publicKey());
    assertEquals(NoteVerifierKey.ofLog(ORIGIN.format(), key.publicKey()), signer.verifierKey());
    for (long size : new long[] {1, 2, 10, 1_000_000, Long.MAX_VALUE}) {
      Signed signed = (Signed) signer.sign(new TreeHead(size, ROOT));
      assertEquals(ORIGIN, signed.checkpoint().origin());
      assertEquals(new TreeHead(size, ROOT), signed.checkpoint().head());
      assertTrue(signed.checkpoint().isSignedBy(RULE, key.publicKey()));
      assertEquals(size, signed.mark().size());
      assertEquals(
          Hash.sha256(signed.checkpoint().textBytes().unsafeArray()), signed.mark().textHash());
      assertEquals(signed.mark(), signer.mark());
    }
  }

  @Test
  void refusesToGoBackOrSidewaysWithoutTouchingTheKey() {
    CheckpointSigner signer = signer(SigningMark.NOTHING_SIGNED);
    SigningMark mark = ((Signed) signer.sign(new TreeHead(10, ROOT))).mark();
    assertEquals(1, key.uses);
    assertEquals(new Refused(Reason.BELOW_MARK, mark), signer.sign(new TreeHead(9, ROOT)));
    assertEquals(
        new Refused(Reason.OTHER_TEXT_AT_MARK, mark), signer.sign(new TreeHead(10, OTHER)));
    assertEquals(new Refused(Reason.EMPTY_LOG, mark), signer.sign(TreeHead.EMPTY));
    assertEquals(1, key.uses);
    assertEquals(mark, signer.mark());
  }

  @Test
  void signsTheVerySameTextAgainWithTheSameBytes() {
    CheckpointSigner signer = signer(SigningMark.NOTHING_SIGNED);
    Signed first = (Signed) signer.sign(new TreeHead(10, ROOT));
    assertEquals(first, signer.sign(new TreeHead(10, ROOT)));
    assertEquals(first, signer(first.mark()).sign(new TreeHead(10, ROOT)));
  }

  @Test
  void theMarkOutlivesTheProcess() throws DecodeException {
    Signed first = (Signed) signer(SigningMark.NOTHING_SIGNED).sign(new TreeHead(10, ROOT));
    SigningMark stored = SigningMark.decode(first.mark().encode());
    assertEquals(first.mark(), stored);
    CheckpointSigner restarted = signer(stored);
    assertInstanceOf(Refused.class, restarted.sign(new TreeHead(10, OTHER)));
    assertInstanceOf(Refused.class, restarted.sign(new TreeHead(9, OTHER)));
    assertInstanceOf(Signed.class, restarted.sign(new TreeHead(11, OTHER)));
  }

  @Test
  void aSizeIsSpentEvenIfTheKeyFailsHalfWay() {
    CheckpointSigner signer = signer(SigningMark.NOTHING_SIGNED);
    key.isBroken = true;
    assertThrows(IllegalStateException.class, () -> signer.sign(new TreeHead(10, ROOT)));
    key.isBroken = false;
    // Somebody may hold a signature over the first text: only that one is signed again.
    assertInstanceOf(Refused.class, signer.sign(new TreeHead(10, OTHER)));
    assertInstanceOf(Signed.class, signer.sign(new TreeHead(10, ROOT)));
  }

  /**
   * The planted bug: a store that forgets, so the node replays another history from an old backup.
   * With the mark in force nothing comes of it; with the mark lost as well and taken for new, the
   * node has signed FORK evidence against itself. So the guard bites, and only the guard.
   */
  @Test
  void anOldBackupIsHarmlessBecauseOfTheMark() {
    TestLog history = TestLog.of("bank-1");
    TestLog otherHistory = TestLog.of("bank-1");
    for (int i = 0; i < 5; i++) {
      history.addState("state " + i);
      otherHistory.addState(i < 2 ? "state " + i : "another state " + i);
    }
    TreeHead published = history.tree().head();
    CheckpointSigner signer = signer(SigningMark.NOTHING_SIGNED);
    Signed before = (Signed) signer.sign(published);

    CheckpointSigner afterRestore = signer(before.mark());
    for (long size = 1; size <= published.size(); size++) {
      TreeHead head = new TreeHead(size, MerkleProofs.rootAt(otherHistory.tree(), size));
      assertInstanceOf(Refused.class, afterRestore.sign(head));
    }

    CheckpointSigner unguarded = signer(SigningMark.NOTHING_SIGNED);
    Signed fork = (Signed) unguarded.sign(otherHistory.tree().head());
    assertEquals(
        ForkPath.Verdict.FORK,
        ForkPath.judge(before.checkpoint().head(), fork.checkpoint().head(), List.of()));
  }

  @Test
  void theHigherCopyOfTheMarkCounts() {
    SigningMark low = new SigningMark(10, ROOT);
    SigningMark high = new SigningMark(11, OTHER);
    assertEquals(Optional.of(high), SigningMark.reconcile(low, high));
    assertEquals(Optional.of(high), SigningMark.reconcile(high, low));
    assertEquals(Optional.of(high), SigningMark.reconcile(high, high));
    assertEquals(Optional.empty(), SigningMark.reconcile(high, new SigningMark(11, ROOT)));
  }

  @Test
  void refusesMarksThatAreNone() {
    assertThrows(DecodeException.class, () -> SigningMark.decode(Bytes.EMPTY));
    Bytes encoded = new SigningMark(10, ROOT).encode();
    for (int i = 0; i < encoded.size(); i++) {
      Bytes cut = encoded.slice(0, i);
      assertThrows(DecodeException.class, () -> SigningMark.decode(cut));
    }
    assertThrows(IllegalArgumentException.class, () -> new SigningMark(-1, ROOT));
  }
}
