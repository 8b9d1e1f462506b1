package org.probity.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TilePath;
import org.probity.detector.log.Tiles;

/**
 * A whole log, fetched and checked: the checkpoint is signed by the node's log key as the genesis
 * document or a decision has it, the entries rebuild its root, and the hash tiles are the ones that
 * follow from the entries. Held in memory.
 */
public final class DownloadedLog implements LogReader {
  /** The log is another consortium's, or the genesis document is. */
  public static final String WRONG_NETWORK = "wrong_network";

  private final NodeRecord node;
  private final SignedCheckpoint checkpoint;
  private final List<Bytes> entries;
  private final MemoryTree tree;

  private DownloadedLog(
      NodeRecord node, SignedCheckpoint checkpoint, List<Bytes> entries, MemoryTree tree) {
    this.node = node;
    this.checkpoint = checkpoint;
    this.entries = entries;
    this.tree = tree;
  }

  /** The log is not what it says it is. Proves nothing against anybody: tiles are unsigned. */
  public static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    Mismatch(String code, String message) {
      super(message);
      this.code = code;
    }

    /** Stable, lower_snake. */
    public String code() {
      return code;
    }
  }

  /**
   * Fetches the log of a founding incarnation up to its newest checkpoint.
   *
   * @param expectedNode whose log it must be; empty takes any node of the consortium
   */
  public static DownloadedLog fetch(
      LogSource source, Genesis genesis, Optional<String> expectedNode) throws Mismatch {
    return fetch(source, DecisionChain.of(genesis, SignatureRule.fastest()), expectedNode);
  }

  /** The same of any incarnation, under its key. */
  public static DownloadedLog fetch(
      LogSource source, DecisionChain decisions, Optional<String> expectedNode) throws Mismatch {
    KeyHistory keys = decisions.keys();
    return fetch(source, origin -> author(origin, decisions.genesis(), keys, expectedNode));
  }

  /** The same of one incarnation, under its key. */
  public static DownloadedLog fetch(LogSource source, Genesis genesis, NodeRecord author)
      throws Mismatch {
    return fetch(
        source,
        origin -> {
          if (!origin.equals(genesis.origin(author))) {
            throw new Mismatch("unknown_origin", "this is the log " + origin);
          }
          return author;
        });
  }

  private interface Authors {
    NodeRecord of(Origin origin) throws Mismatch;
  }

  private static DownloadedLog fetch(LogSource source, Authors authors) throws Mismatch {
    Bytes note = Bytes.wrap(source.get("checkpoint"));
    NodeRecord node;
    SignedCheckpoint checkpoint;
    try {
      SignedNote parsed = SignedNote.parse(note);
      Origin origin = Origin.parse(parsed.text().lines().findFirst().orElse(""));
      node = authors.of(origin);
      checkpoint = SignedCheckpoint.extract(parsed, node.logKey());
    } catch (DecodeException e) {
      throw new Mismatch(e.code(), "the checkpoint is malformed: " + e.getMessage());
    }
    if (!checkpoint.isSignedBy(SignatureRule.fastest(), node.logKey())) {
      throw new Mismatch("bad_signature", "the checkpoint's signature is wrong");
    }
    return entries(source, node, checkpoint);
  }

  private static NodeRecord author(
      Origin origin, Genesis genesis, KeyHistory keys, Optional<String> expectedNode)
      throws Mismatch {
    if (!origin.networkId().equals(genesis.networkId())) {
      throw new Mismatch(WRONG_NETWORK, "the log belongs to another consortium: " + origin);
    }
    if (expectedNode.isPresent() && !expectedNode.get().equals(origin.node())) {
      throw new Mismatch("wrong_node", "this is the log of node " + origin.node());
    }
    return keys.node(origin.node(), origin.incarnation())
        .orElseThrow(
            () ->
                new Mismatch(
                    "unknown_origin",
                    "no node of the consortium has "
                        + origin
                        + ", as far as the decisions known here say"));
  }

  private static DownloadedLog entries(
      LogSource source, NodeRecord node, SignedCheckpoint checkpoint) throws Mismatch {
    List<Bytes> entries = new ArrayList<>();
    MemoryTree tree = new MemoryTree();
    long size = checkpoint.size();
    while (tree.size() < size) {
      long index = tree.size() / TilePath.FULL_WIDTH;
      int width = (int) Math.min(TilePath.FULL_WIDTH, size - tree.size());
      Bytes bundle = Bytes.wrap(source.get(new TilePath(TilePath.ENTRIES, index, width).format()));
      try {
        List<Bytes> some = Tiles.entries(bundle, width);
        entries.addAll(some);
        tree.append(some.stream().map(Rfc6962::leaf).toList());
      } catch (DecodeException e) {
        throw new Mismatch(e.code(), "entry bundle " + index + ": " + e.getMessage());
      }
    }
    if (!tree.head().equals(checkpoint.head())) {
      throw new Mismatch(
          "root_differs",
          "the entries give root " + tree.head().root() + ", signed is " + checkpoint.head());
    }
    checkTiles(source, tree);
    return new DownloadedLog(node, checkpoint, List.copyOf(entries), tree);
  }

  /** What light clients rely on must be there and be right, too. */
  private static void checkTiles(LogSource source, MemoryTree tree) throws Mismatch {
    for (int level = 0; Tiles.hashesAt(level, tree.size()) > 0; level++) {
      for (long index = 0; index < Tiles.fullTiles(level, tree.size()); index++) {
        checkTile(source, tree, TilePath.full(level, index));
      }
    }
    for (TilePath path : Tiles.edge(tree.size())) {
      checkTile(source, tree, path);
    }
  }

  private static void checkTile(LogSource source, MemoryTree tree, TilePath path) throws Mismatch {
    if (!Bytes.wrap(source.get(path.format())).equals(Tiles.content(tree, path))) {
      throw new Mismatch("tile_differs", path.format() + " does not follow from the entries");
    }
  }

  /** Whose log it is. */
  public NodeRecord node() {
    return node;
  }

  public SignedCheckpoint checkpoint() {
    return checkpoint;
  }

  @Override
  public long size() {
    return entries.size();
  }

  @Override
  public Bytes entry(long index) {
    return entries.get(Math.toIntExact(index));
  }

  @Override
  public Hash node(int level, long index) {
    return tree.node(level, index);
  }
}
