package org.probity.detector.log;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * Hash tiles that somebody served, checked against a tree head that is trusted: a {@link
 * HashReader} in which every hash is authentic.
 *
 * <p>The partial tiles at the right edge together yield the root; a full tile yields its one hash
 * in the tile above. So the edge and all tiles above a tile are needed to check it; {@link Missing}
 * names what to fetch. Nothing here blames anybody: tiles carry no signature (protocol §7.3). Costs
 * one hash per hash in the tiles.
 */
public final class VerifiedTiles implements HashReader {
  private final Map<Position, List<Hash>> tiles = new HashMap<>();

  private VerifiedTiles() {}

  private record Position(int level, long index) {}

  /** What tiles are worth. */
  public sealed interface Result {}

  /** All tiles are authentic. */
  public record Verified(VerifiedTiles reader) implements Result {}

  /** This one is needed too. */
  public record Missing(TilePath path) implements Result {}

  /** This one is not what the head commits to; of several tiles at the edge, one of them. */
  public record Wrong(TilePath path) implements Result {}

  /**
   * Checks the contents of hash tiles. Every path must be of the edge of {@code head} or full; any
   * other is {@link Wrong}.
   */
  public static Result verify(TreeHead head, Map<TilePath, Bytes> contents) {
    VerifiedTiles verified = new VerifiedTiles();
    Optional<Result> problem = verified.addEdge(head, contents);
    if (problem.isPresent()) {
      return problem.get();
    }
    List<TilePath> edge = Tiles.edge(head.size());
    List<TilePath> downwards =
        contents.keySet().stream()
            .filter(path -> !edge.contains(path))
            .sorted(Comparator.comparingInt(TilePath::level).reversed())
            .toList();
    for (TilePath path : downwards) {
      Bytes content = contents.getOrDefault(path, Bytes.EMPTY);
      problem = verified.addFull(head.size(), path, content);
      if (problem.isPresent()) {
        return problem.get();
      }
    }
    return new Verified(verified);
  }

  private Optional<Result> addEdge(TreeHead head, Map<TilePath, Bytes> contents) {
    List<TilePath> edge = Tiles.edge(head.size());
    for (TilePath path : edge) {
      Bytes content = contents.get(path);
      if (content == null) {
        return Optional.of(new Missing(path));
      }
      if (!add(path, content)) {
        return Optional.of(new Wrong(path));
      }
    }
    // The widths of the edge are the digits of the size to base 256, so it is the whole frontier.
    return edge.isEmpty() || Frontier.read(this, head.size()).root().equals(head.root())
        ? Optional.empty()
        : Optional.of(new Wrong(edge.get(0)));
  }

  private Optional<Result> addFull(long size, TilePath path, Bytes content) {
    if (path.isEntries() || !path.isFull() || !Tiles.exists(path, size)) {
      return Optional.of(new Wrong(path));
    }
    int levelAbove = path.level() + 1;
    long indexAbove = path.index() / TilePath.FULL_WIDTH;
    List<Hash> above = tiles.get(new Position(levelAbove, indexAbove));
    if (above == null) {
      return Optional.of(new Missing(TilePath.full(levelAbove, indexAbove)));
    }
    Hash expected = above.get((int) (path.index() % TilePath.FULL_WIDTH));
    boolean authentic =
        add(path, content)
            && node(Tiles.HEIGHT * levelAbove, path.index(), path.level()).equals(expected);
    return authentic ? Optional.empty() : Optional.of(new Wrong(path));
  }

  private boolean add(TilePath path, Bytes content) {
    try {
      tiles.put(new Position(path.level(), path.index()), Tiles.hashes(content, path.width()));
      return true;
    } catch (DecodeException e) {
      return false;
    }
  }

  /** {@inheritDoc} At most 255 hashes, none for a level that tiles store. */
  @Override
  public Hash node(int level, long index) {
    return node(level, index, level / Tiles.HEIGHT);
  }

  /** A node computed from the tile at {@code tileLevel}, at most {@code HEIGHT} levels below. */
  private Hash node(int level, long index, int tileLevel) {
    int up = level - Tiles.HEIGHT * tileLevel;
    long first = index << up;
    List<Hash> tile = tiles.get(new Position(tileLevel, first / TilePath.FULL_WIDTH));
    int from = (int) (first % TilePath.FULL_WIDTH);
    int to = from + (1 << up);
    if (tile == null || to > tile.size()) {
      throw new IndexOutOfBoundsException("no tile for level " + level + ", index " + index);
    }
    return Frontier.EMPTY.append(tile.subList(from, to)).frontier().root();
  }
}
