package org.probity.demo.breaking;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TlogProof;
import org.probity.detector.log.TreeHead;

/**
 * Every checkpoint that a client was shown, that a node serves of anybody, or that stands in a log:
 * whatever a node's key has signed and somebody has. Thread-safe.
 */
final class Shown {
  /** A root and the note that says so, by the size it is of. */
  private final Map<Origin, TreeMap<Long, Map<Hash, Bytes>>> heads = new HashMap<>();

  private final List<Receipt> receipts = new ArrayList<>();

  /** A C2SP tlog-proof as the node gave it out. */
  record Receipt(String node, long index, Bytes bytes) {}

  /** Keeps what a node has signed; a note that is none is not kept. */
  void note(Bytes note) {
    try {
      SignedNote signed = SignedNote.parse(note);
      Checkpoint checkpoint = Checkpoint.parse(signed.text());
      keep(Origin.parse(checkpoint.origin()), checkpoint.head(), note);
    } catch (DecodeException e) {
      throw new AssertionError("a node shows what is no checkpoint: " + e.getMessage(), e);
    }
  }

  private synchronized void keep(Origin origin, TreeHead head, Bytes note) {
    heads
        .computeIfAbsent(origin, absent -> new TreeMap<>())
        .computeIfAbsent(head.size(), absent -> new HashMap<>())
        .putIfAbsent(head.root(), note);
  }

  void receipt(String node, long index, Bytes bytes) {
    try {
      note(TlogProof.parse(bytes).checkpoint().bytes());
    } catch (DecodeException e) {
      throw new AssertionError("a node gives out what is no receipt: " + e.getMessage(), e);
    }
    synchronized (this) {
      receipts.add(new Receipt(node, index, bytes));
    }
  }

  synchronized List<Receipt> takeReceipts() {
    List<Receipt> taken = List.copyOf(receipts);
    receipts.clear();
    return taken;
  }

  synchronized int count() {
    return heads.values().stream()
        .flatMap(sizes -> sizes.values().stream())
        .mapToInt(Map::size)
        .sum();
  }

  /** Size of the largest checkpoint of a log that anybody has. */
  synchronized long largest(Origin origin) {
    return Optional.ofNullable(heads.get(origin)).map(TreeMap::lastKey).orElse(0L);
  }

  /** The same of whatever incarnation of a node. */
  synchronized long largest(String node) {
    return heads.keySet().stream()
        .filter(origin -> origin.node().equals(node))
        .mapToLong(this::largest)
        .max()
        .orElse(0);
  }

  /**
   * Checkpoints that the log's key has signed and that are of another history than this one, one
   * line each: their size is in {@code history} with another root, or two roots are signed for one
   * size. What an incarnation signed beyond its close is compared with itself only.
   */
  synchronized List<String> conflicts(DecisionChain decisions, Origin origin, History history) {
    List<String> conflicts = new ArrayList<>();
    Optional<NodeRecord> author = decisions.keys().node(origin.node(), origin.incarnation());
    if (author.isEmpty()) {
      return List.of();
    }
    heads
        .getOrDefault(origin, new TreeMap<>())
        .forEach(
            (size, roots) -> {
              Optional<Hash> held = history.rootAt(size);
              boolean differs = held.isPresent() && !roots.keySet().equals(Set.of(held.get()));
              if (differs || roots.size() > 1) {
                Set<Hash> signed = signed(roots, author.get());
                held.ifPresent(signed::add);
                if (signed.size() > 1) {
                  conflicts.add(origin + " at " + size + ": " + signed + ", held " + held);
                }
              }
            });
    return conflicts;
  }

  /** A log as somebody else than its node has it; empty for sizes beyond it. */
  interface History {
    Optional<Hash> rootAt(long size);
  }

  /** One verification for each: made only where two roots contend. */
  private static Set<Hash> signed(Map<Hash, Bytes> roots, NodeRecord author) {
    Set<Hash> signed = new TreeSet<>(Comparator.comparing(Hash::toHex));
    roots.forEach(
        (root, note) -> {
          if (isSigned(note, author)) {
            signed.add(root);
          }
        });
    return signed;
  }

  private static boolean isSigned(Bytes note, NodeRecord author) {
    try {
      return SignedCheckpoint.extract(SignedNote.parse(note), author.logKey())
          .isSignedBy(SignatureRule.fastest(), author.logKey());
    } catch (DecodeException e) {
      return false;
    }
  }
}
