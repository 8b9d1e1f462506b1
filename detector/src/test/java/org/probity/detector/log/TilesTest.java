package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/** C2SP tlog-tiles: paths, contents, bundles, and tiles served by strangers. */
class TilesTest {
  private static final MemoryTree TREE = MemoryTree.of(ReferenceTree.leaves(70_000, "tile"));

  private static String codeOf(String path) {
    return assertThrows(DecodeException.class, () -> TilePath.parse(path), path).code();
  }

  @Test
  void theCountsOfSeventyThousandEntries() {
    long size = 70_000;
    assertEquals(273, Tiles.fullTiles(0, size));
    assertEquals(112, Tiles.partialWidth(0, size));
    assertEquals(1, Tiles.fullTiles(1, size));
    assertEquals(17, Tiles.partialWidth(1, size));
    assertEquals(0, Tiles.fullTiles(2, size));
    assertEquals(1, Tiles.partialWidth(2, size));
    assertEquals(0, Tiles.hashesAt(3, size));
    assertEquals(273, Tiles.fullTiles(TilePath.ENTRIES, size));
    assertEquals(112, Tiles.partialWidth(TilePath.ENTRIES, size));
    assertEquals(
        List.of("tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"),
        Tiles.edge(size).stream().map(TilePath::format).toList());
  }

  @Test
  void pathsHaveOneSpelling() throws DecodeException {
    assertEquals("tile/0/x001/x234/067", TilePath.full(0, 1_234_067).format());
    assertEquals("tile/entries/000.p/7", new TilePath(TilePath.ENTRIES, 0, 7).format());
    assertEquals("tile/63/999", TilePath.full(63, 999).toString());
    assertEquals("tile/0/x001/000", TilePath.full(0, 1_000).format());
    assertEquals(
        TilePath.MAX_LENGTH, new TilePath(TilePath.ENTRIES, Long.MAX_VALUE, 255).format().length());
    Seeded.run(
        2_000,
        random -> {
          TilePath path =
              new TilePath(
                  random.nextInt(65) - 1, Seeded.magnitude(random), 1 + random.nextInt(256));
          assertEquals(path, TilePath.parse(path.format()));
        });
    for (String bad :
        List.of(
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "/tile/0/000",
            "tile/0/000/",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/Entries/000",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001",
            "tile/0/x001/x000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p",
            "tile/0/000.p/+1",
            "tile/0/+00",
            "tile/0/x1/000",
            "tile/0/-01",
            "tile/0/\u0660\u0660\u0660",
            "tile/0/x009/x223/x372/x036/x854/x775/808",
            "tile/0/../000",
            "tiles/0/000")) {
      assertEquals("bad_tile_path", codeOf(bad));
    }
    assertThrows(IllegalArgumentException.class, () -> new TilePath(0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new TilePath(0, 0, 257));
    assertThrows(IllegalArgumentException.class, () -> new TilePath(0, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> new TilePath(-2, 0, 1));
  }

  @Test
  void existsExactlyWhatTheLogHasHashesFor() {
    long size = 70_000;
    assertTrue(Tiles.exists(TilePath.full(0, 272), size));
    assertTrue(Tiles.exists(new TilePath(0, 272, 3), size));
    assertTrue(Tiles.exists(new TilePath(0, 273, 112), size));
    assertTrue(Tiles.exists(new TilePath(0, 273, 1), size));
    assertFalse(Tiles.exists(new TilePath(0, 273, 113), size));
    assertFalse(Tiles.exists(TilePath.full(0, 273), size));
    assertFalse(Tiles.exists(new TilePath(0, 274, 1), size));
    assertTrue(Tiles.exists(new TilePath(2, 0, 1), size));
    assertFalse(Tiles.exists(new TilePath(2, 0, 2), size));
    assertFalse(Tiles.exists(new TilePath(8, 0, 1), Long.MAX_VALUE));
    assertFalse(Tiles.exists(new TilePath(63, 0, 1), Long.MAX_VALUE));
    assertFalse(Tiles.exists(TilePath.full(0, Long.MAX_VALUE), Long.MAX_VALUE));
    assertFalse(Tiles.exists(new TilePath(0, Long.MAX_VALUE / 256, 256), Long.MAX_VALUE));
    assertTrue(Tiles.exists(new TilePath(0, Long.MAX_VALUE / 256, 255), Long.MAX_VALUE));
    assertFalse(Tiles.exists(new TilePath(0, 0, 1), 0));
  }

  @Test
  void tilesHoldTheRootsOfTheirSubtrees() throws DecodeException {
    List<Hash> level1 = Tiles.hashes(Tiles.content(TREE, new TilePath(1, 1, 17)), 17);
    for (int i = 0; i < 17; i++) {
      long from = (256L + i) * 256;
      // MTH of a complete subtree is the root of a log that has only these leaves.
      List<Hash> leaves = new ArrayList<>();
      for (long leaf = from; leaf < from + 256; leaf++) {
        leaves.add(TREE.node(0, leaf));
      }
      assertEquals(Frontier.EMPTY.append(leaves).frontier().root(), level1.get(i));
    }
    assertEquals(
        TREE.node(16, 0), Tiles.hashes(Tiles.content(TREE, new TilePath(2, 0, 1)), 1).get(0));
    assertThrows(IndexOutOfBoundsException.class, () -> Tiles.content(TREE, new TilePath(2, 0, 2)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tiles.content(TREE, new TilePath(TilePath.ENTRIES, 0, 2)));
    assertThrows(IllegalArgumentException.class, () -> Tiles.content(TREE, new TilePath(8, 0, 2)));
    Bytes content = Tiles.content(TREE, new TilePath(1, 1, 17));
    for (int width : new int[] {1, 16, 18, 256}) {
      assertEquals(
          "bad_tile",
          assertThrows(DecodeException.class, () -> Tiles.hashes(content, width)).code());
    }
  }

  @Test
  void bundlesAreLengthsAndEntries() throws DecodeException {
    List<Bytes> entries =
        List.of(
            Bytes.utf8("ab"), Bytes.EMPTY, Bytes.wrap(new byte[Entry.MAX_BYTES]), Bytes.utf8("c"));
    Bytes bundle = Tiles.bundle(entries);
    assertEquals("00026162" + "0000" + "ffff" + "00".repeat(65_535) + "000163", bundle.toHex());
    assertEquals(entries, Tiles.entries(bundle, 4));
    List<Bytes> full = IntStream.range(0, 256).mapToObj(i -> Bytes.utf8("entry " + i)).toList();
    assertEquals(full, Tiles.entries(Tiles.bundle(full), 256));
    List<Bytes> emptyAtTheEnd = List.of(Bytes.utf8("ab"), Bytes.EMPTY);
    assertEquals(emptyAtTheEnd, Tiles.entries(Tiles.bundle(emptyAtTheEnd), 2));
    for (int width : new int[] {0, 3, 5, 256}) {
      assertEquals(
          "bad_bundle",
          assertThrows(DecodeException.class, () -> Tiles.entries(bundle, width)).code());
    }
    for (int cut = 1; cut < 5; cut++) {
      Bytes shorter = bundle.slice(0, bundle.size() - cut);
      assertThrows(DecodeException.class, () -> Tiles.entries(shorter, 4));
    }
    assertThrows(IllegalArgumentException.class, () -> Tiles.bundle(List.of()));
    List<Bytes> tooMany = new ArrayList<>(full);
    tooMany.add(Bytes.EMPTY);
    assertThrows(IllegalArgumentException.class, () -> Tiles.bundle(tooMany));
    List<Bytes> tooLong = List.of(Bytes.wrap(new byte[Entry.MAX_BYTES + 1]));
    assertThrows(IllegalArgumentException.class, () -> Tiles.bundle(tooLong));
  }

  private static TreeHead head(long size) {
    return new TreeHead(size, MerkleProofs.rootAt(TREE, size));
  }

  private static Map<TilePath, Bytes> tiles(long size, List<TilePath> more) {
    Map<TilePath, Bytes> tiles = new HashMap<>();
    Tiles.edge(size).forEach(path -> tiles.put(path, Tiles.content(TREE, path)));
    more.forEach(path -> tiles.put(path, Tiles.content(TREE, path)));
    return tiles;
  }

  private static VerifiedTiles verified(TreeHead head, Map<TilePath, Bytes> tiles) {
    return assertInstanceOf(VerifiedTiles.Verified.class, VerifiedTiles.verify(head, tiles))
        .reader();
  }

  @Test
  void authenticTilesServeProofs() {
    for (long size : new long[] {1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537, 70_000}) {
      long index = size / 2;
      List<TilePath> needed = new ArrayList<>();
      for (int level = 0; Tiles.fullTiles(level, size) > 0; level++) {
        long tile = (index >>> (8 * level)) / 256;
        if (tile < Tiles.fullTiles(level, size)) {
          needed.add(TilePath.full(level, tile));
        }
      }
      VerifiedTiles reader = verified(head(size), tiles(size, needed));
      List<Hash> proof = MerkleProofs.inclusion(reader, index, size);
      assertEquals(MerkleProofs.inclusion(TREE, index, size), proof);
      assertEquals(Frontier.read(TREE, size), Frontier.read(reader, size));
    }
    assertInstanceOf(VerifiedTiles.Verified.class, VerifiedTiles.verify(TreeHead.EMPTY, Map.of()));
  }

  @Test
  void namesTheTileThatIsMissing() {
    long size = 70_000;
    Map<TilePath, Bytes> edgeOnly = tiles(size, List.of());
    for (TilePath path : Tiles.edge(size)) {
      Map<TilePath, Bytes> incomplete = new HashMap<>(edgeOnly);
      incomplete.remove(path);
      assertEquals(new VerifiedTiles.Missing(path), VerifiedTiles.verify(head(size), incomplete));
    }
    // Tile 5 of level 0 hangs below tile 0 of level 1, which is full and has to be there too.
    assertEquals(
        new VerifiedTiles.Missing(TilePath.full(1, 0)),
        VerifiedTiles.verify(head(size), tiles(size, List.of(TilePath.full(0, 5)))));
    verified(head(size), tiles(size, List.of(TilePath.full(0, 5), TilePath.full(1, 0))));
    // Tile 272 hangs below the partial one.
    verified(head(size), tiles(size, List.of(TilePath.full(0, 272))));
  }

  @Test
  void everyChangedHashIsFound() {
    long size = 70_000;
    Map<TilePath, Bytes> good =
        tiles(size, List.of(TilePath.full(0, 5), TilePath.full(0, 272), TilePath.full(1, 0)));
    verified(head(size), good);
    for (TilePath path : good.keySet()) {
      for (int at = 0; at < good.get(path).size(); at += 31) {
        Map<TilePath, Bytes> changed = new HashMap<>(good);
        byte[] bytes = good.get(path).toArray();
        bytes[at] ^= 1;
        changed.put(path, Bytes.wrap(bytes));
        assertInstanceOf(VerifiedTiles.Wrong.class, VerifiedTiles.verify(head(size), changed));
      }
      Map<TilePath, Bytes> cut = new HashMap<>(good);
      cut.put(path, good.get(path).slice(0, good.get(path).size() - 32));
      assertEquals(new VerifiedTiles.Wrong(path), VerifiedTiles.verify(head(size), cut));
    }
  }

  @Test
  void refusesTilesThatTheHeadDoesNotHave() {
    long size = 70_000;
    for (TilePath path :
        List.of(
            new TilePath(0, 5, 7),
            new TilePath(TilePath.ENTRIES, 0, 256),
            TilePath.full(0, 274),
            TilePath.full(40, 0))) {
      Map<TilePath, Bytes> tiles = tiles(size, List.of());
      tiles.put(path, Bytes.wrap(new byte[path.width() * 32]));
      assertEquals(new VerifiedTiles.Wrong(path), VerifiedTiles.verify(head(size), tiles));
    }
  }

  @Test
  void readsOnlyWhatIsThere() {
    VerifiedTiles reader = verified(head(70_000), tiles(70_000, List.of()));
    assertEquals(TREE.node(16, 0), reader.node(16, 0));
    assertEquals(TREE.node(12, 16), reader.node(12, 16));
    assertEquals(TREE.node(0, 69_999), reader.node(0, 69_999));
    assertThrows(IndexOutOfBoundsException.class, () -> reader.node(0, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> reader.node(0, 70_000));
    assertThrows(IndexOutOfBoundsException.class, () -> reader.node(17, 0));
  }
}
