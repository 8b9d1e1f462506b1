package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.NodeKeys;
import org.probity.node.runtime.BackupManifest;
import org.probity.node.runtime.StartException;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.MarkFile;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;
import org.probity.node.testing.Generous;

/**
 * SPEC protocol.md §11.1, §11.2: what an operator types to keep a copy of a node and to put it
 * back, and what is refused. Bank-b is the honest one; bank-a, its witness, lends what it must not.
 */
@Timeout(180)
class RestoredNodeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NODE = "bank-b";
  private static final Bytes KNOWN_SINCE = Bytes.utf8("known-since");

  @TempDir static Path temporary;
  private static RunningConsortium banks;

  /** Of the log as it was after the first account. */
  private static Path older;

  /** Of all there is. */
  private static Path newest;

  private static Path marks;

  @TempDir Path directory;

  @BeforeAll
  static void backUp() throws Exception {
    banks = new RunningConsortium(temporary.resolve("c"), UnaryOperator.identity());
    open(banks, "first", NODE);
    banks.stop(NODE);
    older = temporary.resolve("backups/older");
    JsonNode made = ok(node(NODE, "backup", "--out=" + older));
    assertEquals(NODE, made.path("node").asText());
    assertFalse(made.path("keys").asBoolean());
    assertTrue(made.path("bytes").asLong() > 0);
    banks.start(NODE);
    open(banks, "second", NODE);
    assertEquals(
        "store_locked",
        node(NODE, "backup", "--out=" + temporary.resolve("backups/none")).errorCode());
    banks.stop(NODE);
    newest = temporary.resolve("backups/newest");
    ok(node(NODE, "backup", "--with-keys", "--out=" + newest));
    marks = temporary.resolve("marks");
    copy(config(NODE).storage().marks(), marks);
  }

  @AfterAll
  static void stop() {
    banks.close();
  }

  /** The node is stopped, and its data folder is gone. */
  @BeforeEach
  void lose() throws Exception {
    NodeConfig.Storage storage = config(NODE).storage();
    delete(storage.data());
    delete(storage.marks());
    copy(marks, storage.marks());
  }

  // What is kept

  @Test
  void aBackupSaysWhatIsInItAndIsNeverOverwritten() throws Exception {
    JsonNode manifest = JSON.readTree(older.resolve(BackupManifest.FILE).toFile());
    assertEquals(
        new NetworkFolder(banks.folder).genesis().networkId().toHex(),
        manifest.path("networkId").asText());
    assertEquals(0, manifest.path("incarnation").asLong());
    assertTrue(manifest.path("checkpoint").asText().startsWith(manifest.path("origin").asText()));
    List<String> paths = new ArrayList<>();
    manifest.path("files").forEach(file -> paths.add(file.path("path").asText()));
    assertEquals(
        List.of("log/data.mdb", "replicas/data.mdb", "state/data.mdb"),
        paths.stream().filter(path -> path.endsWith(".mdb")).toList());
    assertTrue(paths.stream().noneMatch(path -> path.contains("mark")), paths.toString());
    assertTrue(paths.stream().noneMatch(path -> path.startsWith("keys")), paths.toString());
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(older)));

    restored(newest);
    RunningConsortium.Run again = node(NODE, "backup", "--out=" + older);
    assertEquals("backup_exists", again.errorCode());
    assertEquals(1, again.exit());
    assertEquals(manifest, JSON.readTree(older.resolve(BackupManifest.FILE).toFile()));
  }

  @Test
  void whereNothingIsThereIsNothingToBackUp() throws Exception {
    Path out = directory.resolve("backup");
    assertEquals("nothing_to_back_up", node(NODE, "backup", "--out=" + out).errorCode());
    assertFalse(Files.exists(out));
  }

  @Test
  void aBackupInsideWhatItIsToSurviveIsRefused() throws Exception {
    restored(newest);
    Path inside = config(NODE).storage().data().resolve("backup");
    assertEquals(2, node(NODE, "backup", "--out=" + inside).exit());
    assertFalse(Files.exists(inside));
  }

  /** A store that would not be put back is no backup. */
  @Test
  void aDamagedStoreIsNotBackedUp() throws Exception {
    restored(newest);
    flipEntry(config(NODE).storage().data());
    Path out = directory.resolve("backup");
    RunningConsortium.Run run = node(NODE, "backup", "--out=" + out);
    assertEquals("log_damaged", run.errorCode(), run.err());
    assertFalse(Files.exists(out.resolve(BackupManifest.FILE)));
    delete(config(NODE).storage().data());
    assertEquals("backup_incomplete", restore(out).errorCode());
  }

  // What is put back

  private enum MarkThere {
    /** Survived on its own disk. */
    NEWEST("behind_mark"),
    /** Gone with the store, and nobody has it. */
    NONE("mark_lost"),
    /** Unreadable. */
    DAMAGED("mark_lost"),
    /** As it was before anything was signed. */
    OLD("old_mark"),
    /** Survived, and says that the disk had failed. */
    LATCHED("latched");

    private final String next;

    MarkThere(String next) {
      this.next = next;
    }
  }

  @ParameterizedTest
  @EnumSource(MarkThere.class)
  void theNextStartComesToWhatWasSaid(MarkThere there) throws Exception {
    NodeStore.Options storage = config(NODE).storage().options();
    switch (there) {
      case NEWEST -> {}
      case NONE -> Files.delete(storage.markFile());
      case DAMAGED -> Files.write(storage.markFile(), new byte[2 * MarkFile.SLOT_BYTES]);
      case OLD -> writeMark(SigningMark.NOTHING_SIGNED);
      case LATCHED -> Files.writeString(storage.latchFile(), "a failed commit");
    }
    JsonNode restored = restored(older);
    assertEquals(there.next, restored.path("next").asText());
    assertFalse(restored.path("meaning").asText().isBlank());
    String log = "log/data.mdb";
    assertArrayEquals(
        Files.readAllBytes(older.resolve(log)), Files.readAllBytes(storage.data().resolve(log)));
    switch (there) {
      case NEWEST -> {
        long size =
            JSON.readTree(newest.resolve(BackupManifest.FILE).toFile()).path("size").asLong();
        assertEquals(size, restored.path("mark").asLong());
        goesOn();
      }
      case OLD -> goesOn();
      case NONE, DAMAGED -> startFails("mark_lost");
      case LATCHED -> startFails("latched");
    }
  }

  /** It has all that it has acknowledged, and nobody holds anything against it. */
  private static void goesOn() throws Exception {
    banks.start(NODE);
    try {
      for (String name : List.of("first", "second")) {
        ok(banks.json("account", "show", name, "--node=" + NODE));
      }
      JsonNode verified = ok(banks.json("log", "verify", "--replay", "--node=" + NODE));
      assertEquals("CLEAN", verified.path("verdict").asText());
      assertTrue(
          Polling.REMOTE.await(Duration.ofSeconds(60), RestoredNodeTest::isTrusted), "trusted");
      assertEquals(0, ok(banks.json("evidence", "list", "--node=bank-a")).size());
    } finally {
      banks.stop(NODE);
    }
  }

  private static boolean isTrusted() {
    for (JsonNode peer : okay(banks.json("peers", "--node=bank-a"))) {
      if (peer.path("node").asText().equals(NODE)) {
        return peer.path("verdict").asText().equals("trusted");
      }
    }
    return false;
  }

  private static void startFails(String code) {
    try {
      banks.start(NODE);
    } catch (Exception e) {
      assertTrue(String.valueOf(e.getMessage()).length() > 0);
      assertEquals(code, ((StartException) e).code());
      return;
    }
    throw new AssertionError("it has started");
  }

  /** At others' boot gates it counts with the copies it has, not by having kept its store. */
  @Test
  void aStoreThatWasPutBackDoesNotPassForOneThatWasNeverAway() throws Exception {
    assertTrue(knownSince(older));
    restored(older);
    assertFalse(knownSince(config(NODE).storage().data()));
    assertTrue(knownSince(older), "the backup was changed");
  }

  private static boolean knownSince(Path data) {
    LmdbLogStore.Options wards = config(NODE).storage().options().at(data).wardLogs();
    try (LmdbLogStore replicas = LmdbLogStore.openSealed(wards)) {
      return replicas.get(KNOWN_SINCE).isPresent();
    }
  }

  @Test
  void keysComeBackOnlyIfToldToAndNeverOverOthers() throws Exception {
    Path keys = config(NODE).keys();
    assertEquals("keys_exist", restore(newest, "--with-keys").errorCode());
    assertEquals("no_keys", restore(older, "--with-keys").errorCode());
    Path kept = directory.resolve("keys");
    Files.move(keys, kept);
    try {
      assertEquals(0, restore(newest, "--with-keys").exit());
      for (String name : List.of(NodeKeys.LOG_KEY, NodeKeys.ROOTS)) {
        assertArrayEquals(
            Files.readAllBytes(kept.resolve(name)), Files.readAllBytes(keys.resolve(name)));
        assertEquals(
            Files.getPosixFilePermissions(kept.resolve(name)),
            Files.getPosixFilePermissions(keys.resolve(name)));
      }
    } finally {
      delete(keys);
      Files.move(kept, keys);
    }
  }

  // What is refused

  @Test
  void nothingIsPutOverAFolderInUseOrWithAnythingInIt() throws Exception {
    Path data = config(NODE).storage().data();
    restored(newest);
    assertRefused("data_not_empty", 1, older);
    banks.start(NODE);
    try {
      assertRefused("node_running", 1, older);
      Path ready = banks.layout.node(NODE).resolve("ready.json");
      Files.move(ready, directory.resolve("ready.json"));
      assertRefused("store_locked", 1, older);
      Files.move(directory.resolve("ready.json"), ready);
    } finally {
      banks.stop(NODE);
    }
    assertTrue(Files.exists(data.resolve("log/data.mdb")));
  }

  @Test
  void aBackupThatDoesNotVerifyIsNotPutBack() throws Exception {
    assertLost("backup_incomplete", copied(b -> Files.delete(b.resolve(BackupManifest.FILE))));
    assertLost("backup_damaged", copied(RestoredNodeTest::flipEntry));
    assertLost("backup_damaged", copied(b -> Files.delete(b.resolve("state/data.mdb"))));
    assertLost("backup_damaged", copied(b -> edit(b, m -> m.put("size", 1))));
    assertLost("json_malformed", copied(b -> Files.writeString(manifest(b), "{")));
    assertLost("backup_format", copied(b -> edit(b, m -> m.put("format", 2))));
    assertLost("backup_format", copied(b -> edit(b, m -> m.put("createdAt", "yesterday"))));
    assertLost("backup_format", copied(b -> edit(b, m -> file(m, 0).put("path", "keys/../../x"))));
  }

  /** Whoever has write access to a backup can mend hashes, but sign nothing. */
  @Test
  void aBackupThatSomebodyHasWrittenOnIsNotPutBack() throws Exception {
    assertLost("log_damaged", mended(RestoredNodeTest::flipEntry));
    assertLost(
        "log_damaged",
        mended(
            backup ->
                write(
                    backup,
                    log -> new LogWrites().append(log, log.size(), List.of(log.entry(1))))));
    // What follows its end was signed, and is not there.
    assertLost(
        "log_damaged",
        mended(
            backup ->
                write(
                    backup,
                    log -> {
                      TreeHead more = new TreeHead(log.size() + 1, log.frontier().root());
                      return new LogWrites().checkpoint(log, more, signedByAnother(log, more));
                    })));
    assertLost(
        "log_damaged",
        mended(
            backup ->
                write(
                    backup,
                    log -> {
                      TreeHead head = log.frontier().head();
                      return new LogWrites().checkpoint(log, head, signedByAnother(log, head));
                    })));
  }

  private static Bytes signedByAnother(StoredLog log, TreeHead head) {
    try {
      return ((CheckpointSigner.Signed)
              CheckpointSigner.guarding(
                      TestNetwork.signer("another"),
                      Origin.parse(log.origin()),
                      SigningMark.NOTHING_SIGNED)
                  .sign(head))
          .checkpoint()
          .bytes();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private Path mended(Change change) throws IOException {
    return copied(
        backup -> {
          change.of(backup);
          rehash(backup);
        });
  }

  private interface Writes {
    LogWrites to(StoredLog log);
  }

  private static void write(Path backup, Writes writes) throws IOException {
    String origin = JSON.readTree(manifest(backup).toFile()).path("origin").asText();
    LmdbLogStore.Options options = config(NODE).storage().options().at(backup).ownLogs();
    try (LmdbLogStore own = LmdbLogStore.open(options, Latch.open(List.of()))) {
      StoredLog log = own.find(origin).orElseThrow();
      own.commit(writes.to(log));
      edit(
          backup,
          manifest -> manifest.put("size", log.size()).put("root", log.frontier().root().toHex()));
    }
  }

  @Test
  void anotherNodesBackupIsNotPutBack() throws Exception {
    assertRefused("wrong_node", 3, copied(b -> edit(b, m -> m.put("node", "bank-a"))));
    String other = Hash.sha256(new byte[] {1}).toHex();
    assertRefused("wrong_network", 3, copied(b -> edit(b, m -> m.put("networkId", other))));
    Path key = config(NODE).keys().resolve("log.pem");
    Path kept = directory.resolve("log.pem");
    Files.move(key, kept);
    Files.copy(config("bank-a").keys().resolve("log.pem"), key);
    assertRefused("wrong_key", 3, newest);
    Files.delete(key);
    Files.move(kept, key);
  }

  @Test
  void anotherHistoryThanTheOneSignedIsNotPutBack() throws Exception {
    long size = JSON.readTree(manifest(newest).toFile()).path("size").asLong();
    writeMark(new SigningMark(size, Hash.sha256(new byte[] {1})));
    assertLost("mark_contradicts", newest);
  }

  /** What every witness would find is found before it is signed over. */
  @Test
  void aLogThatBreaksARuleIsNotPutBack() throws Exception {
    try (RunningConsortium cheats =
        new RunningConsortium(directory.resolve("cheats"), Generous::new)) {
      for (String account : List.of("poor", "payee")) {
        open(cheats, account, "bank-a");
      }
      ok(
          cheats.json(
              "transfer",
              "poor",
              "payee",
              "12.50",
              "--key=" + cheats.operatorKey("member-a"),
              "--receipt=" + directory.resolve("paid")));
      cheats.stop("bank-a");
      String config = cheats.layout.config("bank-a").toString();
      Path out = directory.resolve("backup");
      ok(RunningConsortium.run("node", "backup", "-c", config, "--out=" + out, "-o=json"));
      NodeConfig.Storage storage = NodeConfig.load(Path.of(config), Map.of(), Map.of()).storage();
      delete(storage.data());
      RunningConsortium.Run run =
          RunningConsortium.run("node", "restore", "-c", config, "--from=" + out, "-o=json");
      assertEquals("log_faulty", run.errorCode());
      assertEquals(10, run.exit());
      assertFalse(Files.exists(storage.data()));
    }
  }

  // Short ways

  private static RunningConsortium.Run assertLost(String code, Path backup) throws IOException {
    RunningConsortium.Run run = assertLost(backup);
    assertEquals(code, run.errorCode(), run.err());
    return run;
  }

  private static RunningConsortium.Run assertLost(Path backup) throws IOException {
    RunningConsortium.Run run = restore(backup);
    assertEquals(10, run.exit(), run.err());
    assertFalse(Files.exists(config(NODE).storage().data()));
    assertNoDraft();
    return run;
  }

  private static void assertRefused(String code, int exit, Path backup) throws IOException {
    RunningConsortium.Run run = restore(backup);
    assertEquals(code, run.errorCode(), run.err());
    assertEquals(exit, run.exit());
    assertNoDraft();
  }

  private static void assertNoDraft() throws IOException {
    try (Stream<Path> files = Files.list(banks.layout.node(NODE))) {
      assertEquals(
          List.of(), files.filter(file -> file.toString().contains(".restoring-")).toList());
    }
  }

  private interface Change {
    void of(Path backup) throws IOException;
  }

  private Path copied(Change change) throws IOException {
    Path copy = Files.createTempDirectory(directory, "backup").resolve("b");
    copy(newest, copy);
    change.of(copy);
    return copy;
  }

  private static Path manifest(Path backup) {
    return backup.resolve(BackupManifest.FILE);
  }

  private interface Edit {
    void of(ObjectNode manifest) throws IOException;
  }

  private static void edit(Path backup, Edit edit) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(manifest(backup).toFile());
    edit.of(json);
    Files.writeString(manifest(backup), json.toString());
  }

  private static ObjectNode file(ObjectNode manifest, int index) {
    return (ObjectNode) manifest.path("files").get(index);
  }

  private static void rehash(Path backup) throws IOException {
    edit(
        backup,
        manifest -> {
          for (JsonNode file : manifest.path("files")) {
            byte[] bytes = Files.readAllBytes(backup.resolve(file.path("path").asText()));
            ((ObjectNode) file)
                .put("sha256", Hash.sha256(bytes).toHex())
                .put("bytes", bytes.length);
          }
        });
  }

  /** One bit of the own log's entry 2, as a bad disk does it. */
  private static void flipEntry(Path data) throws IOException {
    Path file = data.resolve("log/data.mdb");
    byte[] entry;
    String origin = JSON.readTree(manifest(newest).toFile()).path("origin").asText();
    LmdbLogStore.Options options = config(NODE).storage().options().at(data).ownLogs();
    try (LmdbLogStore own = LmdbLogStore.openSealed(options)) {
      entry = own.find(origin).orElseThrow().entry(2).toArray();
    }
    byte[] bytes = Files.readAllBytes(file);
    int found = -1;
    for (int at = 0; at + entry.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + entry.length, entry, 0, entry.length)) {
        found = at;
      }
    }
    assertTrue(found >= 0);
    bytes[found + entry.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  private static void writeMark(SigningMark mark) throws IOException {
    Path file = config(NODE).storage().options().markFile();
    Files.deleteIfExists(file);
    MarkFile.create(file, mark.encode());
  }

  private static JsonNode restored(Path backup) throws IOException {
    return ok(restore(backup));
  }

  private static RunningConsortium.Run restore(Path backup, String... more) {
    List<String> all = new ArrayList<>(List.of("--from=" + backup));
    all.addAll(List.of(more));
    return node(NODE, "restore", all.toArray(String[]::new));
  }

  private static RunningConsortium.Run node(String node, String command, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of("node", command, "-c", banks.layout.config(node).toString(), "-o=json"));
    all.addAll(List.of(more));
    return RunningConsortium.run(all.toArray(String[]::new));
  }

  private static NodeConfig config(String node) {
    return NodeConfig.load(banks.layout.config(node), Map.of(), Map.of());
  }

  private static void open(RunningConsortium banks, String account, String node)
      throws IOException {
    ok(
        banks.json(
            "account",
            "open",
            account,
            "--asset=CZK",
            "--node=" + node,
            "--key=" + banks.operatorKey("member-" + node.substring(5)),
            "--receipt=" + banks.folder.resolve(account + ".txt"),
            "--wait=witnessed",
            "--timeout=60"));
  }

  private static JsonNode ok(RunningConsortium.Run run) throws IOException {
    assertEquals(0, run.exit(), run.err());
    return run.json();
  }

  private static JsonNode okay(RunningConsortium.Run run) {
    try {
      return ok(run);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.notExists(tree)) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
