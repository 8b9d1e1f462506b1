package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/** The examples in docs/format/state.md, whose bytes another implementation computed. */
class StateFormatTest {
  private static final GoldenFile DOCUMENT = GoldenFile.read("docs/format/state.md");

  private static final StateTree FOUR_KEYS =
      StateTree.EMPTY
          .put(hex("0061"), hex("01"))
          .put(hex("0161"), hex("0a"))
          .put(hex("016162"), hex("0b"))
          .put(hex("0162"), Bytes.EMPTY);

  private static Bytes hex(String hex) {
    return Bytes.fromHex(hex);
  }

  @Test
  void theRootOfFourKeys() {
    assertEquals(DOCUMENT.sha256("Example: the root of four keys"), FOUR_KEYS.root());
    Interior top = (Interior) FOUR_KEYS.rootNode();
    ByteArrayOutputStream preimage = new ByteArrayOutputStream();
    preimage.writeBytes(new byte[] {1, 0, (byte) top.position()});
    preimage.writeBytes(top.left.knownHash().toArray());
    preimage.writeBytes(top.right.knownHash().toArray());
    DOCUMENT.assertExample("Example: the root of four keys", Bytes.wrap(preimage.toByteArray()));
  }

  @Test
  void aKeyThatIsThere() throws DecodeException {
    StateWitness witness = StateWitness.ofKeys(FOUR_KEYS, List.of(hex("0161")));
    DOCUMENT.assertExample("Example: a key that is there", witness.encoded());
    assertEquals(hex("0a"), read("Example: a key that is there").get(hex("0161")));
  }

  @Test
  void aKeyThatIsNotThere() throws DecodeException {
    StateWitness witness = StateWitness.ofKeys(FOUR_KEYS, List.of(hex("0163")));
    DOCUMENT.assertExample("Example: a key that is not there", witness.encoded());
    assertNull(read("Example: a key that is not there").get(hex("0163")));
  }

  @Test
  void aRange() throws DecodeException {
    AccessLog log = new AccessLog(FOUR_KEYS);
    List<KeyValue> found = log.state().scan(hex("0161"), hex("0162"), 10);
    DOCUMENT.assertExample("Example: a range", log.witness().encoded());
    assertEquals(2, found.size());
    assertEquals(found, read("Example: a range").scan(hex("0161"), hex("0162"), 10));
  }

  private static StateTree read(String heading) throws DecodeException {
    StateWitness witness = StateWitness.decode(DOCUMENT.hex(heading));
    assertEquals(FOUR_KEYS.root(), witness.root());
    return witness.tree();
  }
}
