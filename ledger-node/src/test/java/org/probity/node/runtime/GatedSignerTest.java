package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.node.RunSign;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.ProblemException;
import org.probity.node.http.Problems;

/** SPEC protocol.md §11.1: nothing is signed before the gate is open. */
class GatedSignerTest {
  @Test
  void signsOnceTheGateIsOpenAndNothingOnceItIsShut() {
    Signer key = TestNetwork.signer("log a");
    GatedSigner gated = new GatedSigner(key);
    Bytes message = Bytes.utf8("message");
    assertEquals(key.publicKey(), gated.publicKey());
    assertFalse(gated.isOpen());
    ProblemException refused = assertThrows(ProblemException.class, () -> gated.sign(message));
    assertEquals("not_ready", refused.problem().code());

    gated.open();
    assertTrue(gated.isOpen());
    assertEquals(key.sign(message), gated.sign(message));

    ProblemException reason = Problems.anotherRun("run 2 signs");
    gated.shut(reason);
    assertSame(reason, assertThrows(ProblemException.class, () -> gated.sign(message)));
  }

  /** SPEC protocol.md §11.5: a process shows that it is there before it may sign its log. */
  @Test
  void signsThatItLivesBeforeTheGateIsOpenAndUntilItIsShut() {
    Signer key = TestNetwork.signer("log a");
    Hash network = Hash.sha256(new byte[] {1});
    RunSign sign = new RunSign(Bytes.of(new byte[RunSign.RUN_BYTES]), false, List.of());
    GatedSigner gated = new GatedSigner(key);
    RunSigner runs = gated.ofRuns(network);
    assertEquals(key.publicKey(), runs.publicKey());
    assertEquals(
        Optional.of(sign),
        RunSign.verify(runs.sign(sign), network, SignatureRule.fastest(), key.publicKey()));
    assertFalse(gated.isOpen());

    ProblemException reason = Problems.anotherRun("run 2 signs");
    gated.shut(reason);
    assertSame(reason, assertThrows(ProblemException.class, () -> runs.sign(sign)));
  }
}
