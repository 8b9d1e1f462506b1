package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.StoredLog;

/** SPEC protocol.md §6.1, §6.2: what a log says of others reaches whoever witnesses them then. */
class CheckpointRelayTest {
  private static final String WARD = "a";
  private static final String AUTHOR = "b";

  @TempDir Path directory;
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(
              Parameters.of(1, 2),
              new ObjectStore().id(),
              Bytes.EMPTY,
              "a",
              "b",
              "c",
              "d",
              "e",
              "f"),
          new ObjectStore());
  private final TestNetwork network = consortium.network();
  private final Polity polity = new Polity(network);
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  /** What each witness was shown of {@link #AUTHOR}, and what it is to answer. */
  private final Map<String, List<Long>> shown = new TreeMap<>();

  private final List<Consumer<Boolean>> unanswered = new ArrayList<>();
  private boolean isConfirming;
  private LmdbLogStore store;
  private StoredLog stored;

  @BeforeEach
  void open() {
    for (int i = 0; i < 5; i++) {
      consortium.submit(
          AUTHOR,
          consortium.sign(TestNetwork.signer("client"), AUTHOR, i, "c", WARD + "/x" + i + "=1"));
      consortium.run();
    }
    store =
        LmdbLogStore.open(
            new LmdbLogStore.Options(directory.resolve("store"), 16 << 20, 1),
            Latch.open(List.of(directory.resolve("latch"))));
    MemoryLog log = consortium.member(WARD).log();
    SignedCheckpoint newest = log.newest().orElseThrow();
    stored = store.log(newest.origin().format());
    List<Bytes> entries = new ArrayList<>();
    for (long index = 0; index < log.size(); index++) {
      entries.add(log.entry(index));
    }
    store.commit(new LogWrites().append(stored, 0, entries));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private CheckpointRelay relay(Optional<Bytes> positions) {
    return new CheckpointRelay(
        network.genesis(),
        network.node(WARD),
        stored,
        positions,
        consortium.checkpoints(),
        tasks::add,
        (witness, found, answered) -> {
          for (VerifiedCheckpoint checkpoint : found) {
            if (checkpoint.author().node().equals(AUTHOR)) {
              shown.computeIfAbsent(witness, none -> new ArrayList<>()).add(checkpoint.size());
            }
          }
          if (isConfirming) {
            answered.accept(true);
          } else {
            unanswered.add(answered);
          }
        });
  }

  private void pump(CheckpointRelay relay, Seating seating) {
    relay.seated(seating);
    relay.pump();
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  private List<String> seats(Seating seating) {
    return seating.witnessesOf(AUTHOR).stream()
        .map(node -> node.node())
        .filter(node -> !node.equals(WARD))
        .toList();
  }

  private Seating without(List<String> stopped) {
    DecisionChain chain = polity.chain();
    for (String node : stopped) {
      chain = polity.decide(chain, new Action.SuspendNode(node));
    }
    return Seating.of(chain.state());
  }

  /**
   * It has confirmed nothing when it loses its seat, and nobody takes that for a confirmation: the
   * next one is shown everything, also if it comes after a restart.
   */
  @Test
  void whoTakesASeatIsShownWhatItsFormerHolderHasNotConfirmed() {
    Seating founding = Seating.founding(network.genesis());
    CheckpointRelay relay = relay(Optional.empty());
    pump(relay, founding);
    String former = seats(founding).get(0);
    List<Long> all = List.copyOf(shown.get(former));
    assertTrue(all.size() > 1, "something to lose: " + all);

    isConfirming = true;
    unanswered.forEach(answered -> answered.accept(false));
    // All nodes that could take it are stopped with it, and the others confirm.
    List<String> left = new ArrayList<>(List.of("b", "c", "d", "e", "f"));
    left.removeAll(seats(founding).subList(1, seats(founding).size()));
    left.remove(AUTHOR);
    pump(relay, without(left));
    Bytes positions = relay.positions();

    shown.clear();
    CheckpointRelay again = relay(Optional.of(positions));
    pump(again, without(List.of(former)));
    List<String> successors = new ArrayList<>(seats(without(List.of(former))));
    successors.removeAll(seats(founding));
    for (String successor : successors) {
      assertEquals(all, shown.get(successor), successor);
    }
  }

  /** It has lost what it confirmed, and is shown all of it; also by a relay that was restarted. */
  @Test
  void aWitnessThatHasBegunAgainIsShownEverythingOnceMore() {
    Seating founding = Seating.founding(network.genesis());
    isConfirming = true;
    CheckpointRelay relay = relay(Optional.empty());
    pump(relay, founding);
    String witness = seats(founding).get(0);
    List<Long> all = List.copyOf(shown.get(witness));
    Bytes positions = relay.positions();
    NodeRecord next = Polity.next(network.node(witness));
    Seating renewed =
        Seating.of(
            polity
                .decide(
                    polity.chain(),
                    new Action.ApproveIncarnation(
                        polity.enrolment(next, Polity.signer(next.member())),
                        Polity.HEAD,
                        Polity.ROOT,
                        TestNetwork.FOUNDED_MILLIS,
                        List.of()))
                .state());
    shown.clear();
    pump(relay, renewed);
    assertEquals(all, shown.get(witness));
    assertEquals(Map.of(witness, all), shown, "the others have confirmed it");
    shown.clear();
    pump(relay(Optional.of(positions)), renewed);
    assertEquals(Map.of(witness, all), shown);
    shown.clear();
    pump(relay(Optional.of(relay.positions())), renewed);
    assertEquals(Map.of(), shown);
  }

  @Test
  void positionsOfAnotherVersionBeginAnew() {
    isConfirming = true;
    CheckpointRelay relay = relay(Optional.of(new CborWriter().array(1).uint(7).toBytes()));
    pump(relay, Seating.founding(network.genesis()));
    assertEquals(0, relay.behind());
    assertTrue(!shown.isEmpty());
  }
}
