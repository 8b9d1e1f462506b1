package org.probity.node.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;
import org.probity.node.store.LogWrites;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;

/**
 * Fills the fresh store of a node that goes on as a later incarnation (protocol.md §11.3): the
 * closed log, under the origin of the new keys and without a checkpoint, and every decision. A node
 * that finds just that at its start replays it and signs its GENESIS behind it.
 *
 * <pre>
 * own log   probity/4c1e../bank-a/1: entries 0 .. close-1, no checkpoint
 * governance/decision-0000000000 ..
 * </pre>
 */
public final class NextIncarnation {
  /** Of the closed log in one durable commit. */
  private static final long COMMIT_BYTES = 4 << 20;

  private NextIncarnation() {}

  /**
   * Does it, or what is left to do of it. Nothing is signed: interrupted anywhere, it is repeated.
   *
   * @param storage as {@link NodeStore#initialise} has left it, or this method
   * @param origin of the log that begins
   * @param closed holds at least what was closed
   * @param close what the members fixed
   * @param decisions all up to the one that approved it, at least
   * @throws StartException {@code store_locked} and other codes of the store; {@code log_differs}
   *     if this is not the log that was closed, or another is in the store; {@code
   *     incarnation_begun} if this incarnation has signed already and what was closed is there
   */
  public static void fill(
      NodeStore.Options storage,
      Origin origin,
      LogReader closed,
      TreeHead close,
      DecisionChain decisions)
      throws StartException {
    if (closed.size() < close.size()
        || !MerkleProofs.rootAt(closed, close.size()).equals(close.root())) {
      throw new StartException("log_differs", "this is not the log that was closed at " + close);
    }
    try (NodeStore store = OwnLogRestore.open(storage)) {
      // Decisions first: a node that finds the whole log knows whose it is. Also for one that has
      // begun, whose folder of decisions may be what is lost.
      keep(storage, decisions);
      StoredLog own = store.own().log(origin.format());
      if (OwnLogRestore.mark(store).size() > 0 && own.size() >= close.size()) {
        throw new StartException(
            "incarnation_begun", "the key of " + origin + " has signed: start the node");
      }
      // Of one that has signed and has lost its store this is the part that the members vouch for.
      // Its mark says that there is more: the start gets that from the witnesses before it signs.
      copy(store, own, closed, close);
    } catch (StoreException e) {
      throw new StartException(e.code().text(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void keep(NodeStore.Options storage, DecisionChain decisions)
      throws StartException {
    GovernanceStore kept = new GovernanceStore(storage.data().resolve("governance"));
    try {
      for (ValidDecision decision : decisions.decisions()) {
        kept.keepDecision(decision.decision().epoch(), decision.encoded());
      }
    } catch (IOException e) {
      throw new StartException("store_io", "cannot keep the decisions: " + e.getMessage(), e);
    }
  }

  private static void copy(NodeStore store, StoredLog own, LogReader closed, TreeHead close)
      throws StartException {
    boolean isBeginning =
        own.size() <= close.size()
            && own.frontier().root().equals(MerkleProofs.rootAt(closed, own.size()));
    if (!isBeginning) {
      throw new StartException(
          "log_differs", "the store holds another log of " + own.size() + " entries");
    }
    while (own.size() < close.size()) {
      List<Bytes> some = new ArrayList<>();
      long bytes = 0;
      for (long at = own.size(); at < close.size() && bytes < COMMIT_BYTES; at++) {
        Bytes entry = closed.entry(at);
        some.add(entry);
        bytes += entry.size();
      }
      // A crash between two of these leaves fewer entries, and no start goes on from there.
      store.own().commit(new LogWrites().append(own, own.size(), some));
    }
    if (!own.frontier().head().equals(close)) {
      throw new StartException("log_differs", "what was stored is " + own.frontier().head());
    }
  }
}
