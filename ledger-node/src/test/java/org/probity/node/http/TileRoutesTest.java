package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TilePath;
import org.probity.detector.log.Tiles;
import org.probity.detector.log.VerifiedTiles;

/** SPEC formats.md "tlog-tiles": a stranger with HTTP and SHA-256 can rebuild the log. */
class TileRoutesTest {
  private static final int ENTRIES = 70_000;

  private static RunningNode node;
  private static TestClient client;

  @BeforeAll
  static void start() {
    node = new RunningNode();
    client = node.client();
    List<Bytes> entries = new ArrayList<>();
    for (int i = 1; i < ENTRIES; i++) {
      entries.add(Bytes.wrap(ByteBuffer.allocate(4).putInt(i).array()));
    }
    node.service.grow(entries);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Bytes fetch(String path) {
    TestClient.Answer answer = client.get("/log/" + path);
    assertEquals(200, answer.status(), path);
    assertEquals("application/octet-stream", answer.header("content-type"));
    assertEquals("public, max-age=31536000, immutable", answer.header("cache-control"));
    return Bytes.wrap(answer.body().getBytes());
  }

  @Test
  void servesTheNewestCheckpoint() throws DecodeException {
    TestClient.Answer answer = client.get("/log/checkpoint");

    assertEquals("text/plain; charset=utf-8", answer.header("content-type"));
    assertEquals("public, max-age=1", answer.header("cache-control"));
    SignedCheckpoint checkpoint = SignedCheckpoint.parse(Bytes.utf8(answer.text()));
    assertEquals(node.service.ownLog().head(), checkpoint.head());
    assertEquals(ENTRIES, checkpoint.size());
  }

  @Test
  void servesTheRightEdgeThatTheCheckpointCommitsTo() {
    Map<TilePath, Bytes> edge = new LinkedHashMap<>();
    for (TilePath path : Tiles.edge(ENTRIES)) {
      edge.put(path, fetch(path.format()));
    }

    assertEquals(
        List.of("tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"),
        edge.keySet().stream().map(TilePath::format).toList());
    assertInstanceOf(
        VerifiedTiles.Verified.class, VerifiedTiles.verify(node.service.ownLog().head(), edge));
  }

  @Test
  void servesFullTilesOfEveryLevel() throws DecodeException {
    List<Hash> leaves = Tiles.hashes(fetch("tile/0/000"), 256);
    List<Hash> above = Tiles.hashes(fetch("tile/1/000"), 256);

    assertEquals(node.service.log.node(0, 255), leaves.get(255));
    assertEquals(node.service.log.node(8, 0), above.get(0));
    assertEquals(
        above.get(0),
        MerkleProofs.rootAt(
            (level, index) ->
                level == 0 ? leaves.get((int) index) : node.service.log.node(level, index),
            256));
  }

  @Test
  void servesEntryBundles() throws DecodeException {
    List<Bytes> last = Tiles.entries(fetch("tile/entries/273.p/112"), 112);

    assertEquals(node.service.log.entry(ENTRIES - 1), last.get(111));
    assertEquals(256, Tiles.entries(fetch("tile/entries/001"), 256).size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 17, 255})
  void servesEveryPartialTileOfEverySizePublished(int width) throws DecodeException {
    assertEquals(width, Tiles.hashes(fetch("tile/0/100.p/" + width), width).size());
    assertEquals(width, Tiles.entries(fetch("tile/entries/100.p/" + width), width).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tile/0/273",
        "tile/0/273.p/113",
        "tile/0/274.p/1",
        "tile/3/000.p/1",
        "tile/63/000.p/1",
        "tile/entries/273",
        "tile/0/x999/x999/x999/x999/999",
      })
  void saysWhatDoesNotExist(String path) {
    TestClient.Answer answer = client.get("/log/" + path);

    assertEquals(404, answer.status());
    assertEquals("not_found", answer.problem());
    assertEquals("no-store", answer.header("cache-control"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tile/0/0",
        "tile/0/1234",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001/",
        "tile/0/x001/",
        "tile/0/%30%30%31",
        "tile/x/001",
      })
  void refusesOtherSpellings(String path) {
    TestClient.Answer answer = client.get("/log/" + path);

    assertEquals(400, answer.status(), path);
    assertEquals("bad_tile_path", answer.problem());
  }
}
