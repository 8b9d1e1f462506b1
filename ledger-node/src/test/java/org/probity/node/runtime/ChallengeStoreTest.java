package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** SPEC protocol.md §7.2: what is open is open after a restart. */
class ChallengeStoreTest {
  private static final Bytes ONE = Bytes.utf8("one");
  private static final Bytes TWO = Bytes.utf8("two");
  private static final Map<Hash, Bytes> BOTH = Map.of(id(ONE), ONE, id(TWO), TWO);

  @TempDir Path directory;

  private static Hash id(Bytes statement) {
    return Hash.sha256(statement.unsafeArray());
  }

  private ChallengeStore store() {
    return new ChallengeStore(directory.resolve("challenges"));
  }

  @Test
  void whatStaysOpenIsKeptAndWhatIsAnsweredIsForgotten() throws IOException {
    ChallengeStore store = store();
    assertEquals(List.of(), store.read());
    store.look(Map.of(id(ONE), ONE));
    assertEquals(List.of(), store().read(), "most are answered before the second look");
    store.look(BOTH);
    assertEquals(List.of(ONE), store().read());
    store.look(BOTH);
    assertEquals(2, store().read().size());
    store.look(Map.of(id(TWO), TWO));
    assertEquals(List.of(TWO), store().read());
    store.look(Map.of());
    assertEquals(List.of(), store().read());
  }

  @Test
  void whatWasReadIsForgottenOnceItIsNotOpenAnyMore() throws IOException {
    ChallengeStore before = store();
    before.look(BOTH);
    before.look(BOTH);
    ChallengeStore after = store();
    assertEquals(2, after.read().size());
    after.look(Map.of(id(ONE), ONE));
    assertEquals(List.of(ONE), store().read());
  }

  @Test
  void aFloodIsWrittenAPartAtATime() throws IOException {
    Map<Hash, Bytes> flood = new HashMap<>();
    for (int i = 0; i < ChallengeStore.MAX_WRITES + 1; i++) {
      Bytes statement = Bytes.utf8("challenge " + i);
      flood.put(id(statement), statement);
    }
    ChallengeStore store = store();
    store.look(flood);
    store.look(flood);
    assertEquals(ChallengeStore.MAX_WRITES, store().read().size());
    store.look(flood);
    assertEquals(flood.size(), store().read().size());
  }

  @Test
  void whatIsBeyondTheLimitIsNotKept() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("challenges"));
    Map<Hash, Bytes> open = new HashMap<>(Map.of(id(ONE), ONE));
    for (int i = 0; i < ChallengeStore.MAX_FILES; i++) {
      Bytes statement = Bytes.utf8("challenge " + i);
      open.put(id(statement), statement);
      Files.write(folder.resolve(id(statement).toHex() + ".challenge"), statement.toArray());
    }
    ChallengeStore store = store();
    assertEquals(ChallengeStore.MAX_FILES, store.read().size());
    store.look(open);
    store.look(open);
    assertEquals(ChallengeStore.MAX_FILES, store().read().size());
    // One is answered: there is room at the next look.
    open.remove(id(Bytes.utf8("challenge 0")));
    store.look(open);
    store.look(open);
    assertEquals(ChallengeStore.MAX_FILES, store().read().size());
    assertTrue(Files.exists(folder.resolve(id(ONE).toHex() + ".challenge")));
  }

  @Test
  void halfWrittenFilesAreNotRead() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("challenges"));
    Files.writeString(folder.resolve("00.challenge.part"), "x");
    assertEquals(List.of(), store().read());
  }
}
