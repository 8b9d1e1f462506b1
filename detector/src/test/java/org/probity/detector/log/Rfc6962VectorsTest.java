package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.probity.detector.TestData;
import org.probity.detector.crypto.Hash;

/** The test data of transparency-dev/merkle: proofs made and broken by somebody else. */
class Rfc6962VectorsTest {
  private static final String ARCHIVE = "vectors/rfc6962-merkle-testdata.tar.gz";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Runs every case of a folder; the predicate says whether we accept it. */
  private static int run(String folder, Predicate<JsonNode> counts, Predicate<JsonNode> accepts) {
    int cases = 0;
    Map<String, byte[]> files = UstarArchive.files(TestData.bytes(ARCHIVE));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (file.getKey().contains("testdata/" + folder + "/") && file.getKey().endsWith(".json")) {
        JsonNode json = parse(file.getValue());
        if (counts.test(json)) {
          cases++;
          assertEquals(json.get("wantErr").asBoolean(), !accepts.test(json), file.getKey());
        }
      }
    }
    return cases;
  }

  private static JsonNode parse(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Indices and sizes are unsigned 64-bit numbers there; ours end at 2^63 and are then negative.
   */
  private static long unsigned(JsonNode json, String field) {
    return json.get(field).bigIntegerValue().longValue();
  }

  /**
   * Some roots are the text "don't care 1": any hash that is equal where the texts are. Nothing for
   * an empty one.
   */
  private static Optional<Hash> hash(JsonNode json, String field) {
    byte[] bytes = Base64.getDecoder().decode(json.get(field).asText());
    if (bytes.length == 0) {
      return Optional.empty();
    }
    return Optional.of(bytes.length == Hash.BYTES ? Hash.of(bytes) : Hash.sha256(bytes));
  }

  /** Nothing for a proof with an element that is not 32 bytes long: it cannot even be held. */
  private static Optional<List<Hash>> proof(JsonNode json) {
    List<Hash> proof = new ArrayList<>();
    for (JsonNode element : json.get("proof")) {
      byte[] bytes = Base64.getDecoder().decode(element.asText());
      if (bytes.length != Hash.BYTES) {
        return Optional.empty();
      }
      proof.add(Hash.of(bytes));
    }
    return Optional.of(proof);
  }

  private static boolean acceptsInclusion(JsonNode json, long index, long size) {
    Optional<Hash> root = hash(json, "root");
    Optional<Hash> leaf = hash(json, "leafHash");
    Optional<List<Hash>> proof = proof(json);
    return size >= 0
        && root.isPresent()
        && leaf.isPresent()
        && proof.isPresent()
        && MerkleProofs.verifyInclusion(
            new TreeHead(size, root.get()), index, leaf.get(), proof.get());
  }

  private static boolean acceptsConsistency(JsonNode json, long older, long newer) {
    Optional<Hash> root1 = hash(json, "root1");
    Optional<Hash> root2 = hash(json, "root2");
    Optional<List<Hash>> proof = proof(json);
    return older >= 0
        && newer >= 0
        && root1.isPresent()
        && root2.isPresent()
        && proof.isPresent()
        && MerkleProofs.verifyConsistency(
            new TreeHead(older, root1.get()), new TreeHead(newer, root2.get()), proof.get());
  }

  /**
   * Whether {@code [start, end)} is a subtree: it starts at a multiple of the smallest power of two
   * that is not below its width.
   */
  private static boolean isSubtree(long start, long end) {
    long width = end - start;
    if (start < 0 || end < 0 || width <= 0) {
      return false;
    }
    long roundedUp = width == 1 ? 1 : Long.highestOneBit(width - 1) << 1;
    return start % roundedUp == 0;
  }

  @Test
  void inclusion() {
    int cases =
        run(
            "inclusion",
            json -> true,
            json -> acceptsInclusion(json, unsigned(json, "leafIdx"), unsigned(json, "treeSize")));
    assertEquals(98, cases);
  }

  @Test
  void consistency() {
    int cases =
        run(
            "consistency",
            json -> true,
            json -> acceptsConsistency(json, unsigned(json, "size1"), unsigned(json, "size2")));
    assertEquals(98, cases);
  }

  @Test
  void inclusionInSubtrees() {
    int cases =
        run(
            "subtreeinclusion",
            json -> true,
            json -> {
              long start = unsigned(json, "start");
              long end = unsigned(json, "end");
              long index = unsigned(json, "leafIdx");
              return isSubtree(start, end)
                  && index >= start
                  && acceptsInclusion(json, index - start, end - start);
            });
    assertEquals(204, cases);
  }

  /**
   * Of 118 cases the 91 about non-empty subtrees that start at leaf 0, that is about prefixes. The
   * empty subtree, consistent with everything there, is refused here; the others are about an
   * operation that we do not have.
   */
  @Test
  void consistencyOfPrefixesAsSubtrees() {
    int cases =
        run(
            "subtreeconsistency",
            json -> unsigned(json, "start") == 0 && unsigned(json, "end") != 0,
            json -> acceptsConsistency(json, unsigned(json, "end"), unsigned(json, "size")));
    assertEquals(91, cases);
  }
}
