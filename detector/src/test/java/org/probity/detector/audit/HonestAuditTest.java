package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.SystemState;
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
  private static final List<String> NODES = List.of("a", "b", "c");
  private static final Signer CLIENT = TestNetwork.signer("client");

  /** The processes end where they like; those beside them and their witnesses notice nothing. */
  @Test
  void followsAndReplaysCleanThroughRestarts() {
    Seeded.run(
        5,
        random -> {
          ObjectStore program = new ObjectStore();
          TestConsortium consortium =
              new TestConsortium(
                  TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "a", "b", "c"),
                  program);
          for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 12; i++) {
              String home = RandomLogs.pick(random, NODES);
              String peer = RandomLogs.pick(random, NODES);
              consortium.submit(
                  home,
                  consortium.sign(
                      CLIENT, home, 100L * round + i, "c", peer + "/" + i + "=ping" + i));
            }
            consortium.runRounds(random.nextInt(4));
            consortium.member(RandomLogs.pick(random, NODES)).restart();
            consortium.runRounds(random.nextInt(4));
            consortium.advance(700);
          }
          for (int round = 0; round < 5; round++) {
            consortium.advance(60_000);
            consortium.run();
          }
          NODES.forEach(name -> assertClean(consortium, name));
          NODES.forEach(name -> assertEverythingArrived(consortium, name));
        });
  }

  private static void assertEverythingArrived(TestConsortium consortium, String from) {
    for (String to : NODES) {
      SystemState sender = system(consortium, from);
      SystemState receiver = system(consortium, to);
      if (!from.equals(to)) {
        assertEquals(
            sender.outgoing(ChannelId.to(consortium.network().node(to))).next(),
            receiver.received(ChannelId.to(consortium.network().node(from))),
            from + " to " + to);
      }
    }
  }

  private static SystemState system(TestConsortium consortium, String name) {
    return Machine.system(consortium.member(name).node().published().orElseThrow().state());
  }

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
    for (String name : NODES) {
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
