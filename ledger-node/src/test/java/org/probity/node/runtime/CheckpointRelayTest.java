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
import org.probity.detector.governance.Parameters;
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

/** SPEC protocol.md §6.2: the relay of a ward on its worker, over the store. */
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
    work();
  }

  private void work() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  /** Whoever is done with a part is shown the next; how far it has come outlives the process. */
  @Test
  void whatIsConfirmedIsNotShownAgain() {
    Seating founding = Seating.founding(network.genesis());
    CheckpointRelay relay = relay(Optional.empty());
    pump(relay, founding);
    Map<String, List<Long>> all = new TreeMap<>(shown);
    assertTrue(!all.isEmpty());
    assertEquals(stored.size(), relay.behind());

    // Told on any thread: nothing happens before the worker gets to it.
    shown.clear();
    List<Consumer<Boolean>> asked = List.copyOf(unanswered);
    asked.forEach(answered -> answered.accept(false));
    assertEquals(asked.size(), tasks.size());
    work();
    assertEquals(Map.of(), shown, "not at once again");
    isConfirming = true;
    pump(relay, founding);
    assertEquals(all, shown);
    assertEquals(0, relay.behind());

    shown.clear();
    pump(relay(Optional.of(relay.positions())), founding);
    assertEquals(Map.of(), shown);
  }

  @Test
  void nothingIsBegunOnceItStops() {
    CheckpointRelay relay = relay(Optional.empty());
    relay.stop();
    pump(relay, Seating.founding(network.genesis()));
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
