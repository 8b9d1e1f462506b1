package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
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
}
