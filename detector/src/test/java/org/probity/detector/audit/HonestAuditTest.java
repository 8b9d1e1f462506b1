package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;

/** A witness follows and audits logs of correct nodes and finds nothing. */
class HonestAuditTest {
  private static final Signer CLIENT = TestNetwork.signer("client");

  @Test
  void followsAndReplaysCleanToTheLastState() {
    ObjectStore program = new ObjectStore();
    TestConsortium consortium =
        new TestConsortium(
            TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "a", "b", "c"), program);
    for (int round = 0; round < 30; round++) {
      for (int i = 0; i < 40; i++) {
        consortium.submit(
            "a", consortium.sign(CLIENT, "a", 100L * round + i, "c", "b/" + i + "=ping" + i));
      }
      consortium.run();
      consortium.advance(700);
    }
    for (String name : List.of("a", "b", "c")) {
      assertClean(consortium, name);
    }
  }

  private static void assertClean(TestConsortium consortium, String name) {
    TestConsortium.Member ward = consortium.member(name);
    Replica replica =
        new Replica(
            ward.machine().origin(),
            consortium.network().node(name).logKey(),
            SignatureRule.fastest(),
            Frontier.EMPTY);
    MemoryLog held = new MemoryLog();
    ConformanceAudit audit = new ConformanceAudit(ward.machine());
    for (SignedCheckpoint checkpoint : ward.log().checkpoints()) {
      List<Bytes> entries = new ArrayList<>();
      for (long index = held.size(); index < checkpoint.size(); index++) {
        entries.add(ward.log().entry(index));
      }
      Replica.Growth.Extends growth =
          assertInstanceOf(Replica.Growth.Extends.class, replica.grow(checkpoint, entries));
      held.append(growth.append());
      replica.stored(growth);
      assertEquals(Replica.Comparison.CONSISTENT, replica.compare(checkpoint, held));
      for (Bytes entry : entries) {
        assertEquals(
            Optional.empty(), audit.feed(Replay.prepare(entry, name, consortium.verifier())));
      }
    }
    assertEquals(ward.log().size(), audit.auditedSize());
    assertEquals(ward.node().published().orElseThrow().state().root(), audit.auditedState().root());
  }
}
