package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.Origin;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;

/** SPEC protocol.md §11.1: who holds nothing of a log counts if it would know of more. */
class KnownLogsTest {
  @TempDir Path directory;

  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(1, 2),
          Hash.sha256(new byte[] {7}),
          Bytes.EMPTY,
          "a",
          "b",
          "c",
          "d",
          "e",
          "f");
  private final Polity polity = new Polity(network);
  private DecisionChain chain = polity.chain();
  private LmdbLogStore replicas;

  @BeforeEach
  void open() {
    replicas =
        LmdbLogStore.open(
            new LmdbLogStore.Options(directory.resolve("replicas"), 16 << 20, 4),
            Latch.open(List.of(directory.resolve("latch"))));
  }

  @AfterEach
  void close() {
    replicas.close();
  }

  private KnownLogs known() {
    return new KnownLogs(replicas, () -> chain, List::of, new Views(), Runnable::run);
  }

  private HeldLog held(KnownLogs known, Origin log) {
    return known.held(OwnLogRecovery.originHash(log)).result();
  }

  private Origin log() {
    return network.genesis().origin(network.node("a"));
  }

  @Test
  void whoHasTheStoreItHadFromTheBeginningCounts() {
    KnownLogs known = known();
    assertEquals(HeldLog.UNKNOWN, held(known, log()), "nobody knows since when there is the store");
    known.begins();
    assertEquals(HeldLog.NOTHING, held(known, log()));
    known.opened(3);
    known.begins();
    assertEquals(HeldLog.NOTHING, held(known, log()), "it is as old as it was");
    assertEquals(
        HeldLog.UNKNOWN,
        held(known, new Origin(network.genesis().networkId(), "a", 1)),
        "no such incarnation is known");
  }

  /** As after the loss of the store, or when an old one was put back. */
  @Test
  void aStoreThatCameLaterKnowsOnlyWhatHasBegunSince() {
    KnownLogs lost = known();
    lost.opened(0);
    assertEquals(HeldLog.UNKNOWN, held(lost, log()), "begun in the epoch of the loss");

    NodeRecord next = Polity.next(network.node("a"));
    chain = polity.decide(chain, polity.approval(next));
    assertEquals(
        new HeldLog(true, 1, Optional.empty()),
        held(lost, network.genesis().origin(next)),
        "begun in epoch 1");
    HeldLog unknown = new HeldLog(false, 1, Optional.empty());
    lost.putBack();
    assertEquals(unknown, held(lost, network.genesis().origin(next)));
    lost.opened(1);
    assertEquals(
        unknown,
        held(lost, network.genesis().origin(next)),
        "begun in the epoch in which it was put back");
  }

  /** What it has cosigned since it has a seat is here: it need not have had one when it began. */
  @Test
  void seatsThatMoveChangeNothing() {
    KnownLogs known = known();
    known.begins();
    for (int epoch = 1; epoch <= 3; epoch++) {
      chain = polity.decide(chain, new Action.ReassignWitnesses());
      assertEquals(new HeldLog(true, epoch, Optional.empty()), held(known, log()));
    }
    known.putBack();
    known.opened(3);
    assertEquals(new HeldLog(false, 3, Optional.empty()), held(known, log()));
  }
}
