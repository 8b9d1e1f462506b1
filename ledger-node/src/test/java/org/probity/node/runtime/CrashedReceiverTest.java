package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.Commit;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.Node;
import org.probity.detector.node.Release;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;

/** A receiver that crashes before it has told anybody still has its half of a fork (§5.2). */
class CrashedReceiverTest {
  private static final long MAP_BYTES = 64L << 20;

  @TempDir Path directory;

  private final Court court = new Court();
  private final CheckpointVerifier checkpoints =
      CheckpointVerifier.founding(court.network().genesis());
  private final Machine machine = court.machine("delta");
  private final ByzantineLog common =
      court.log("alpha", 2).transaction(court.put("alpha", "delta/x=first")).endState();
  private final ByzantineLog left = branch("left", 4);
  private final ByzantineLog right = branch("right", 1);

  private ByzantineLog branch(String name, int batches) {
    ByzantineLog branch = common.fork(court.network(), common.size());
    for (int i = 0; i < batches; i++) {
      branch.transaction(court.put("alpha", "delta/" + i + "=" + name)).endState();
    }
    return branch;
  }

  @Test
  void itsHalfConvictsTheSenderAfterTheRestart() throws Exception {
    NodeStore.initialise(options());
    try (Life first = new Life()) {
      first.deliver(common);
      Release.EnvelopeRefused refused =
          assertInstanceOf(Release.EnvelopeRefused.class, first.deliver(right).get(0));
      assertEquals("wrong_base", refused.code());
      // What was to be shown is lost with the process.
    }

    List<SignedCheckpoint> shown = new ArrayList<>();
    try (Life second = new Life()) {
      for (Effect effect : second.node.step(new Input.Clock(0, 10_000)).effects()) {
        if (effect instanceof Effect.Forward forward) {
          shown.add(forward.checkpoint());
        }
      }
    }

    assertTrue(shown.contains(right.checkpoint()), "forgotten");
    Replica.Judged judged = witness().judge(right.checkpoint(), left.checkpoint(), held);
    court.assertProven(
        judged.candidate().orElseThrow(), "alpha", FaultKind.FORK, "fork", right.size());
  }

  private final MemoryLog held = new MemoryLog();

  private Replica witness() {
    Replica replica =
        new Replica(
            left.machine().origin(),
            court.network().node("alpha").logKey(),
            SignatureRule.fastest(),
            Frontier.EMPTY);
    Replica.Growth.Extends growth =
        assertInstanceOf(
            Replica.Growth.Extends.class,
            replica.grow(
                left.checkpoint(),
                LongStream.range(0, left.size()).mapToObj(left::entry).toList()));
    held.append(growth.append());
    replica.stored(growth);
    return replica;
  }

  private NodeStore.Options options() {
    return new NodeStore.Options(
        directory.resolve("data"), directory.resolve("marks"), MAP_BYTES, MAP_BYTES, MAP_BYTES, 4);
  }

  /** delta on its disk, from start to crash. */
  private final class Life implements AutoCloseable {
    private final NodeStore store = NodeStore.open(options());
    private final StoredLog log = store.own().log(machine.origin().format());
    private final CommitStore disk = store.durable(log);
    private final Node node;

    Life() throws Exception {
      SigningMark mark = OwnLogRestore.mark(store);
      OwnLogRestore.OwnEnd end = new OwnLogRestore(log, store.state()).restore(machine, mark);
      node =
          new Node(
              machine,
              CheckpointSigner.guarding(court.network().logKey("delta"), machine.origin(), mark),
              end.position(),
              end.published(),
              log,
              OwnLogRestore.views(store, checkpoints),
              (exposed, evidence) -> {});
      commit();
    }

    List<Release> deliver(ByzantineLog from) throws Exception {
      Envelope envelope =
          new Envelope(
              from.envelope(from.sends().stream().mapToLong(Long::longValue).toArray()),
              0,
              court.network().genesis().networkId(),
              0,
              List.of(),
              0);
      Bytes sent = envelope.encode();
      List<Effect> effects =
          new ArrayList<>(
              node.step(
                      new Input.EnvelopeArrived(
                          checkpoints.envelope("alpha", Envelope.decode(sent)).orElseThrow(), 1))
                  .effects());
      commit();
      return effects.stream().filter(Release.class::isInstance).map(Release.class::cast).toList();
    }

    private void commit() throws Exception {
      while (node.hasUnsealed()) {
        Commit commit = node.step(new Input.Seal()).commit().orElseThrow();
        node.step(new Input.CommitDurable(commit, disk.commit(commit)));
      }
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
