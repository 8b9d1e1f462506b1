package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;

class RevocationsTest {
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(Parameters.of(1, 2), new ObjectStore().id(), Bytes.EMPTY, "a", "b", "c"),
          new ObjectStore());

  /** What it has acknowledged others can show, whatever entries it keeps back. */
  @Test
  void theLargestCheckpointIsTheOneInSomebodysLog() throws Exception {
    for (int i = 0; i < 3; i++) {
      consortium.submit(
          "a", consortium.sign(TestNetwork.signer("client"), "a", i, "c", "b/x" + i + "=1"));
      consortium.run();
    }
    DecisionChain chain = DecisionChain.of(consortium.network().genesis(), SignatureRule.fastest());
    MemoryLog log = consortium.member("a").log();
    long last = 0;
    for (long index = 0; index < log.size(); index++) {
      if (Entry.decode(log.entry(index)).body() instanceof AckEntry ack) {
        last = SignedCheckpoint.parse(ack.checkpoint()).size();
      }
    }
    assertTrue(last > 1, "no acknowledgement");
    assertEquals(
        Optional.of(last),
        Revocations.largest(chain, consortium.network().node("b"), log, log.size()));
    assertEquals(
        Optional.empty(),
        Revocations.largest(chain, consortium.network().node("c"), log, log.size()));
  }
}
