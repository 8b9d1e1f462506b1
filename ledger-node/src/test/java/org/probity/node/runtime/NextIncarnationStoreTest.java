package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.node.store.LogWrites;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;

/** What a later incarnation finds at its start, however often its store was being filled. */
class NextIncarnationStoreTest {
  private static final int CLOSE = 41;

  @TempDir Path directory;
  private final Polity polity = new Polity("a", "b", "c");
  private final DecisionChain decisions =
      polity.decide(
          polity.decide(polity.chain(), new Action.SuspendNode("b")),
          new Action.ReadmitNode("b", false));
  private final Origin origin = new Origin(decisions.genesis().networkId(), "a", 1);
  private final Entries closed = new Entries("closed", 50);
  private final TreeHead close = closed.head(CLOSE);
  private final SigningMark signed = new SigningMark(CLOSE + 1, close.root());
  private NodeStore.Options storage;

  /** Any bytes: what is in them is judged when the node starts. */
  private static final class Entries implements LogReader {
    private final List<Bytes> entries = new ArrayList<>();
    private final MemoryTree tree = new MemoryTree();

    Entries(String text, int count) {
      for (int i = 0; i < count; i++) {
        // Three of them are more than one commit takes.
        entries.add(Bytes.utf8(text + i + "x".repeat(i < 40 ? 0 : 2 << 20)));
        tree.append(Rfc6962.leaf(entries.get(i)));
      }
    }

    TreeHead head(int size) {
      MemoryTree first = new MemoryTree();
      entries.subList(0, size).forEach(entry -> first.append(Rfc6962.leaf(entry)));
      return first.head();
    }

    @Override
    public long size() {
      return entries.size();
    }

    @Override
    public Bytes entry(long index) {
      return entries.get((int) index);
    }

    @Override
    public Hash node(int level, long index) {
      return tree.node(level, index);
    }
  }

  @BeforeEach
  void initialise() {
    storage =
        new NodeStore.Options(
            directory.resolve("data"), directory.resolve("marks"), 64 << 20, 1 << 20, 1 << 20, 4);
    NodeStore.initialise(storage);
  }

  private void fill(LogReader log, TreeHead head) throws StartException {
    NextIncarnation.fill(storage, origin, log, head, decisions);
  }

  private void store(LogReader log, int count) {
    try (NodeStore store = NodeStore.open(storage)) {
      List<Bytes> some = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        some.add(log.entry(i));
      }
      store.own().commit(new LogWrites().append(store.own().log(origin.format()), 0, some));
    }
  }

  private void assertFilled(TreeHead head) throws Exception {
    try (NodeStore store = NodeStore.open(storage)) {
      StoredLog log = store.own().find(origin.format()).orElseThrow();
      assertEquals(head, log.frontier().head());
      assertEquals(Optional.empty(), log.checkpoint());
      assertEquals(new NodeStore.Known(SigningMark.NOTHING_SIGNED), store.mark());
    }
    assertEquals(
        decisions.decisions().stream().map(ValidDecision::encoded).toList(),
        new GovernanceStore(storage.data().resolve("governance")).decisions());
  }

  @Test
  void theClosedLogAndTheDecisionsAreThere() throws Exception {
    fill(closed, close);
    assertFilled(close);
    fill(closed, close);
    assertFilled(close);
  }

  @Test
  void inSeveralCommitsOfWhichAnyMayBeTheLast() throws Exception {
    TreeHead larger = closed.head(46);
    store(closed, 17);
    fill(closed, larger);
    assertFilled(larger);
  }

  @Test
  void anotherLogIsNotTaken() throws Exception {
    Entries other = new Entries("other", 50);
    assertEquals(
        "log_differs", assertThrows(StartException.class, () -> fill(other, close)).code());
    Entries shorter = new Entries("closed", CLOSE - 1);
    assertEquals(
        "log_differs", assertThrows(StartException.class, () -> fill(shorter, close)).code());
    store(other, 17);
    assertEquals(
        "log_differs", assertThrows(StartException.class, () -> fill(closed, close)).code());
  }

  @Test
  void aNodeThatHasSignedIsLeftAlone() throws Exception {
    fill(closed, close);
    signed();
    assertEquals(
        "incarnation_begun", assertThrows(StartException.class, () -> fill(closed, close)).code());
  }

  private void signed() {
    try (NodeStore store = NodeStore.open(storage)) {
      store.commit(new LogWrites(), signed);
    }
  }

  /** Its start finds the mark ahead of the store, and asks the witnesses for the rest. */
  @Test
  void aNodeThatHasSignedAndLostItsStoreIsGivenWhatWasClosed() throws Exception {
    signed();
    fill(closed, close);
    try (NodeStore store = NodeStore.open(storage)) {
      StoredLog log = store.own().find(origin.format()).orElseThrow();
      assertEquals(close, log.frontier().head());
      assertEquals(Optional.empty(), log.checkpoint());
      assertEquals(new NodeStore.Known(signed), store.mark());
    }
  }
}
