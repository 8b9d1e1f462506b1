package org.probity.detector.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.Verification;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TreeHead;

/** protocol.md §8: what proofs do to a node's view of the others, however many there are. */
class TrustTest {
  private static final Court COURT = new Court();

  @Test
  void aCulpritCannotFillTheMemoryOfAllOthersWithItsForks() {
    Trust trust = new Trust();
    List<String> told = new ArrayList<>();
    trust.listen((node, evidence) -> told.add(node));
    int news = 0;
    for (int size = 1; size <= 5 * Trust.MAX_PROOFS_PER_KIND; size++) {
      news += trust.learn(fork("alpha", size)) ? 1 : 0;
    }
    assertEquals(Trust.MAX_PROOFS_PER_KIND, news);
    assertEquals(Trust.MAX_PROOFS_PER_KIND, trust.proofs().size());
    assertEquals(List.of("alpha"), told);
    assertFalse(trust.learn(fork("alpha", 1)), "the same again is nothing new");
    // There is room for another kind and another node.
    assertTrue(trust.learn(wrongTick("alpha")));
    assertTrue(trust.learn(fork("beta", 1)));
    assertEquals(Verdict.EXPOSED, trust.verdict("alpha"));
    assertEquals(Verdict.EXPOSED, trust.verdict("beta"));
    assertEquals(Verdict.TRUSTED, trust.verdict("gamma"));
  }

  @Test
  void aSuspicionEndsAndAnExposureDoesNot() {
    Trust trust = new Trust();
    List<String> told = new ArrayList<>();
    trust.listen(
        new TrustListener() {
          @Override
          public void exposed(String node, Evidence evidence) {
            told.add(node + " exposed");
          }

          @Override
          public void suspected(String node, String reason) {
            told.add(node + " suspected: " + reason);
          }

          @Override
          public void trusted(String node) {
            told.add(node + " trusted");
          }
        });
    trust.suspect("alpha", "silent");
    trust.suspect("alpha", "silent still");
    assertEquals(Verdict.SUSPECTED, trust.verdict("alpha"));
    assertEquals(Verdict.TRUSTED, trust.verdict("beta"));
    trust.clear("alpha");
    trust.clear("alpha");
    assertEquals(Verdict.TRUSTED, trust.verdict("alpha"));
    trust.suspect("alpha", "silent again");
    trust.learn(fork("alpha", 1));
    assertEquals(Verdict.EXPOSED, trust.verdict("alpha"));
    trust.clear("alpha");
    trust.suspect("alpha", "silent");
    assertEquals(Verdict.EXPOSED, trust.verdict("alpha"));
    assertEquals(
        List.of(
            "alpha suspected: silent",
            "alpha trusted",
            "alpha suspected: silent again",
            "alpha exposed"),
        told);
    assertEquals(1, trust.proofs().size(), "no suspicion is evidence");
  }

  private static Evidence fork(String node, long size) {
    ByzantineLog log = COURT.log(node);
    SignedCheckpoint one = log.sign(new TreeHead(size, Hash.sha256(new byte[] {1})));
    SignedCheckpoint other = log.sign(new TreeHead(size, Hash.sha256(new byte[] {2})));
    return proven(COURT.verifier().verify(COURT.builder().fork(one, other)));
  }

  private static Evidence wrongTick(String node) {
    ByzantineLog log = COURT.log(node);
    log.body(new TickEntry(0)).endState();
    return proven(COURT.verifier().verify(COURT.entry(log, "tick_before_founding", 1L)));
  }

  private static Evidence proven(Verification verification) {
    return ((Verification.Proven) verification).evidence();
  }
}
