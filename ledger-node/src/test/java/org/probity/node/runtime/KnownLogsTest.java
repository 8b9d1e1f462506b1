package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
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
import org.probity.detector.governance.Seating;
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

  private List<String> witnesses() {
    return Seating.of(chain.state()).witnessesOf("a").stream().map(NodeRecord::node).toList();
  }

  private String bystander() {
    return List.of("b", "c", "d", "e", "f").stream()
        .filter(name -> !witnesses().contains(name))
        .findFirst()
        .orElseThrow();
  }

  private KnownLogs of(String self) {
    return new KnownLogs(
        replicas, network.node(self), () -> chain, List::of, new Views(), Runnable::run);
  }

  private HeldLog held(KnownLogs known, Origin log) {
    return known.held(OwnLogRecovery.originHash(log)).result();
  }

  private Origin log() {
    return network.genesis().origin(network.node("a"));
  }

  @Test
  void aWitnessFromTheBeginningWithTheStoreItHadCounts() {
    KnownLogs known = of(witnesses().get(0));
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

  @Test
  void whoHasNoSeatDoesNot() {
    KnownLogs known = of(bystander());
    known.begins();
    assertEquals(HeldLog.UNKNOWN, held(known, log()));
  }

  /** As after the loss of the store, or when an old one was put back. */
  @Test
  void aStoreThatCameLaterKnowsOnlyWhatHasBegunSince() {
    KnownLogs lost = of(witnesses().get(0));
    lost.opened(0);
    assertEquals(HeldLog.UNKNOWN, held(lost, log()), "begun in the epoch of the loss");

    NodeRecord next = Polity.next(network.node("a"));
    chain = polity.decide(chain, polity.approval(next));
    String witness = witnesses().get(0);
    assertEquals(
        HeldLog.NOTHING, held(of(witness), network.genesis().origin(next)), "begun in epoch 1");
    of(witness).putBack();
    assertEquals(HeldLog.UNKNOWN, held(of(witness), network.genesis().origin(next)));
    of(witness).opened(1);
    assertEquals(
        HeldLog.UNKNOWN,
        held(of(witness), network.genesis().origin(next)),
        "begun in the epoch in which it was put back");
  }

  @Test
  void whoWasGivenTheSeatLaterDoesNot() {
    List<String> before = witnesses();
    while (before.containsAll(witnesses())) {
      chain = polity.decide(chain, new Action.ReassignWitnesses());
    }
    String incoming =
        witnesses().stream().filter(name -> !before.contains(name)).findFirst().orElseThrow();
    KnownLogs known = of(incoming);
    known.begins();
    assertFalse(held(known, log()).counts());
    assertTrue(held(of(before.get(0)), log()).counts());
  }
}
