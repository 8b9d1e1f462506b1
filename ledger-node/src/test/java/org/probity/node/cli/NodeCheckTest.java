package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.SigningMark;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.Polling;
import org.probity.node.runtime.CheckLine;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.OwnLog;
import org.probity.node.runtime.RunningNode;
import org.probity.node.runtime.StoreCheckup;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.MarkFile;
import org.probity.node.store.NodeStore;
import org.probity.node.testing.ChildJvm;
import org.probity.node.testing.Generous;

/**
 * What {@code node check} says of bank-b, whose witness is bank-a. It runs as a process of its own,
 * as an operator starts it, while the nodes run here.
 */
@Timeout(180)
class NodeCheckTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NODE = "bank-b";
  private static final String WITNESS = "bank-a";

  @TempDir Path directory;

  /** What it printed and how it ended. */
  private record Checked(int exit, JsonNode json) {
    /** The lines of a check that are not ok, or all if it has none. */
    Optional<JsonNode> line(String check, String node, String level) {
      for (JsonNode line : json.path("checks")) {
        if (line.path("check").asText().equals(check)
            && line.path("node").asText("").equals(node)
            && line.path("level").asText().equals(level)) {
          return Optional.of(line);
        }
      }
      return Optional.empty();
    }

    JsonNode has(String check, String node, String level) {
      JsonNode line = line(check, node, level).orElseThrow(() -> new AssertionError("" + json));
      assertEquals(level.equals("ok"), line.path("remedy").isNull(), line.toString());
      return line;
    }
  }

  private RunningConsortium founded() throws Exception {
    RunningConsortium banks =
        new RunningConsortium(directory.resolve("c"), UnaryOperator.identity());
    open(banks, "first", NODE, "audited");
    return banks;
  }

  @Test
  void whoHasNothingToFearIsToldSoAndGetsItInWriting() throws Exception {
    try (RunningConsortium banks = founded()) {
      Path out = directory.resolve("innocence");
      Path backup = directory.resolve("backup");
      Checked checked = check(banks, NODE, "--out=" + out);
      assertEquals("ok", checked.json().path("verdict").asText(), checked.json().toString());
      assertEquals(0, checked.exit());
      TreeSet<String> looked = new TreeSet<>();
      checked.json().path("checks").forEach(line -> looked.add(line.path("check").asText()));
      assertEquals(
          List.of(
              "audit",
              "certificate",
              "clock",
              "copies",
              "decisions",
              "evidence",
              "held",
              "latch",
              "log",
              "mark",
              "process",
              "replay",
              "standing",
              "start",
              "state"),
          List.copyOf(looked));
      assertTrue(checked.has("process", "", "ok").path("text").asText().startsWith("runs"));

      Genesis genesis = new NetworkFolder(banks.folder).genesis();
      VerifiedAudit audit =
          AuditRule.founding(genesis)
              .verify(Bytes.wrap(Files.readAllBytes(out.resolve(WITNESS + ".audit"))));
      assertEquals(WITNESS, audit.auditor().node());
      assertEquals(
          audit.content().to().size(),
          checked.json().at("/audits/0/toSize").asLong(),
          checked.json().toString());
      assertTrue(Files.size(out.resolve("checkpoint")) > 0);
      assertEquals(2, check(banks, NODE, "--out=" + out).exit());

      // Another process copies the store of a node that runs.
      Checked copied = run("node", "backup", "-c", config(banks), "--out=" + backup, "-o=json");
      assertEquals(0, copied.exit());
      assertTrue(copied.json().path("size").asLong() >= audit.content().to().size());
      assertEquals("trusted", verdict(banks));
    }
  }

  /** Opens the own log of a running node, and looks at it when that has gone on. */
  static final class LookingLater {
    public static void main(String[] arguments) throws Exception {
      NodeConfig config = NodeConfig.load(Path.of(arguments[0]), Map.of(), Map.of());
      Genesis genesis = NetworkFolder.readGenesis(config.genesis());
      NodeStore.Options storage = config.storage().options();
      try (LmdbLogStore own = LmdbLogStore.openReadOnly(storage.ownLogs())) {
        System.out.println("opened");
        while (System.in.read() >= 0) {
          // Only the end counts.
        }
        OwnLog log =
            OwnLog.find(own, OwnLog.decisions(storage.data(), genesis), config.id()).orElseThrow();
        log.requireSigned();
        System.out.println(log.head().size());
      }
    }
  }

  @Test
  void aNodeThatGoesOnWhileItIsLookedAtDoesNotSeemDamaged() throws Exception {
    try (RunningConsortium banks = founded();
        ChildJvm looking = ChildJvm.start(LookingLater.class, config(banks))) {
      assertEquals("opened", looking.readLine());
      long size = ok(banks.json("node", "status", "--node=" + NODE)).at("/0/size").asLong();
      open(banks, "second", NODE, "recorded");
      looking.closeStdin();
      assertEquals(String.valueOf(size), looking.readLine());
      assertEquals(0, looking.await());
    }
  }

  @Test
  void whoIsDownOrWasPutBackIsToldWhatAStartComesTo() throws Exception {
    try (RunningConsortium banks = founded()) {
      NodeConfig.Storage storage = storage(banks);
      banks.stop(NODE);
      Path older = directory.resolve("older");
      copy(storage.data(), older);
      banks.start(NODE);
      open(banks, "second", NODE, "witnessed");
      banks.stop(NODE);

      Checked down = check(banks, NODE);
      assertEquals(1, down.exit(), down.json().toString());
      assertEquals("warning", down.json().path("verdict").asText());
      down.has("state", "", "warning");
      down.has("start", "", "ok");
      down.has("process", "", "ok");

      Path newest = directory.resolve("newest");
      Files.move(storage.data(), newest);
      copy(older, storage.data());
      Checked behind = check(banks, NODE);
      assertEquals(1, behind.exit());
      behind.has("mark", "", "warning");
      behind.has("held", WITNESS, "warning");
      assertTrue(
          behind.has("start", "", "warning").path("text").asText().contains("recover entries"));

      // The mark says that there was more, and nobody has it.
      SigningMark lost = new SigningMark(1_000, Hash.sha256(new byte[] {1}));
      byte[] mark = Files.readAllBytes(storage.options().markFile());
      delete(storage.data());
      copy(newest, storage.data());
      writeMark(storage, lost);
      Checked ahead = check(banks, NODE);
      assertEquals(10, ahead.exit());
      assertTrue(ahead.has("start", "", "danger").path("text").asText().contains("mark_ahead"));

      Files.delete(storage.options().markFile());
      assertEquals(10, check(banks, NODE).exit());
      check(banks, NODE).has("mark", "", "danger");

      long size = down.json().path("size").asLong();
      writeMark(storage, new SigningMark(size, Hash.sha256(new byte[] {1})));
      check(banks, NODE).has("mark", "", "danger");
      writeMark(storage, SigningMark.NOTHING_SIGNED);
      check(banks, NODE).has("mark", "", "warning");
      Files.write(storage.options().markFile(), mark);

      Files.writeString(storage.options().latchFile(), "a failed commit");
      check(banks, NODE).has("latch", "", "danger");
      Files.delete(storage.options().latchFile());

      banks.stop(WITNESS);
      Checked alone = check(banks, NODE);
      assertEquals(1, alone.exit());
      alone.has("held", WITNESS, "warning");
      alone.has("standing", WITNESS, "warning");
      alone.has("start", "", "warning");

      delete(storage.data());
      Checked empty = check(banks, NODE);
      assertEquals(10, empty.exit());
      empty.has("log", "", "danger");
      assertFalse(Files.exists(storage.data()), "a check has made a folder");
    }
  }

  @Test
  void damageIsFoundWhereItIs() throws Exception {
    try (RunningConsortium banks = founded()) {
      banks.stop(NODE);
      Bytes entry;
      try (NodeStore store = NodeStore.open(storage(banks).options())) {
        entry = store.own().logs().get(0).entry(2);
      }
      flip(storage(banks).data().resolve("log/data.mdb"), entry.toArray());
      Checked checked = check(banks, NODE);
      assertEquals(10, checked.exit());
      JsonNode line = checked.has("log", "", "danger");
      assertTrue(line.path("text").asText().contains("entry 2"), line.toString());
      assertTrue(checked.line("replay", "", "ok").isEmpty());
    }
  }

  /** What others have asked before everybody, and how it is answered. */
  @Test
  void whoIsSuspectedIsToldWhatToAnswer() throws Exception {
    try (RunningConsortium banks = founded()) {
      open(banks, "rich", WITNESS, "recorded", "--overdraft");
      banks.stop(NODE);
      ok(
          banks.json(
              "transfer",
              "rich",
              "first@" + NODE,
              "1.00",
              "--node=" + WITNESS,
              "--key=" + banks.operatorKey("member-a"),
              "--receipt=" + directory.resolve("paid")));
      assertTrue(
          Polling.REMOTE.await(
              Duration.ofSeconds(60), () -> verdictOrNone(banks).equals("suspected")));
      Checked checked = check(banks, NODE);
      assertEquals(1, checked.exit());
      JsonNode asked = checked.has("challenge", WITNESS, "warning");
      assertTrue(asked.path("text").asText().contains("message"), asked.toString());
      assertTrue(asked.path("remedy").asText().contains("acknowledges"), asked.toString());
      checked.has("standing", WITNESS, "warning");
    }
  }

  /** The replay finds what its witness has proven; neither is taken on trust. */
  @Test
  void whoHasBrokenARuleIsToldWhichAndWhere() throws Exception {
    try (RunningConsortium banks = new RunningConsortium(directory.resolve("c"), Generous::new)) {
      for (String account : List.of("poor", "payee")) {
        open(banks, account, WITNESS, "recorded");
      }
      long index =
          ok(banks.json(
                  "transfer",
                  "poor",
                  "payee",
                  "12.50",
                  "--key=" + banks.operatorKey("member-a"),
                  "--receipt=" + directory.resolve("paid")))
              .path("index")
              .asLong();
      assertTrue(
          Polling.REMOTE.await(
              Duration.ofSeconds(60),
              () -> okay(banks.json("evidence", "list", "--node=" + NODE)).size() > 0));
      banks.stop(WITNESS);
      Checked checked = check(banks, WITNESS);
      assertEquals(10, checked.exit());
      String replayed = checked.has("replay", "", "danger").path("text").asText();
      assertTrue(replayed.contains("entry " + index + " "), replayed);
      JsonNode proven = checked.has("evidence", NODE, "danger");
      assertTrue(
          proven.path("text").asText().contains("INVALID_TRANSITION at " + index),
          proven.toString());
      checked.has("standing", NODE, "danger");

      // The same proof is nothing against anybody else, whoever shows it as that.
      Path proof = directory.resolve("proof");
      String id = okay(banks.json("evidence", "list", "--node=" + NODE)).at("/0/faultId").asText();
      ok(banks.json("evidence", "export", id, "--node=" + NODE, "--file=" + proof));
      banks.stop(NODE);
      assertShowingProvesNothing(banks, Bytes.wrap(Files.readAllBytes(proof)));
    }
  }

  /** Two histories under one key: the worst that an operator can bring about by a copy. */
  @Test
  void whoHasSignedTwiceIsToldWhoHoldsTheOtherHistory() throws Exception {
    try (RunningConsortium banks = founded()) {
      prepareToSignTwice(banks);
      banks.stop(WITNESS);
      signTwice(banks);
      banks.reach(WITNESS);
      Checked checked = check(banks, NODE);
      assertEquals(10, checked.exit());
      JsonNode held = checked.has("held", WITNESS, "danger");
      assertTrue(held.path("text").asText().contains("fork"), held.toString());
      JsonNode start = checked.has("start", "", "danger");
      assertTrue(start.path("text").asText().contains("own_log_contradicted"), start.toString());
      assertFalse(Files.exists(storage(banks).data().resolve("latch")), "a check set the latch");
    }
  }

  @Test
  void whoHasSignedTwiceBeforeItsWitnessIsToldThatItIsProven() throws Exception {
    try (RunningConsortium banks = founded()) {
      prepareToSignTwice(banks);
      signTwice(banks);
      assertTrue(
          Polling.REMOTE.await(
              Duration.ofSeconds(60), () -> verdictOrNone(banks).equals("exposed")));
      Checked checked = check(banks, NODE);
      assertEquals(10, checked.exit());
      JsonNode proven = checked.has("evidence", WITNESS, "danger");
      assertTrue(proven.path("text").asText().contains("FORK at "), proven.toString());
      checked.has("standing", WITNESS, "danger");
      // What its witness has signed is of the other history.
      checked.has("audit", WITNESS, "danger");
      assertEquals(0, checked.json().path("audits").size());
    }
  }

  /** A copy of the node is kept, and its witness audits more than is in it. */
  private void prepareToSignTwice(RunningConsortium banks) throws Exception {
    NodeConfig.Storage storage = storage(banks);
    banks.stop(NODE);
    copy(storage.data(), directory.resolve("data"));
    copy(storage.marks(), directory.resolve("marks"));
    banks.start(NODE);
    open(banks, "second", NODE, "audited");
    banks.stop(NODE);
  }

  /** The copy is put back, mark and all, and runs without asking anybody. */
  private void signTwice(RunningConsortium banks) throws Exception {
    NodeConfig.Storage storage = storage(banks);
    delete(storage.data());
    delete(storage.marks());
    copy(directory.resolve("data"), storage.data());
    copy(directory.resolve("marks"), storage.marks());
    Map<String, String> small = Map.of("storage.logMib", "64", "storage.replicaMib", "64");
    RunningNode twice =
        RunningNode.start(
            NodeConfig.load(banks.layout.config(NODE), small, Map.of()),
            NodeParts.standard().withoutAsking());
    try {
      twice.awaitOpen();
      NodeRunner.publish(twice, banks.layout.node(NODE));
      for (String account : List.of("third", "fourth", "fifth")) {
        open(banks, account, NODE, "recorded");
      }
    } finally {
      twice.stop();
      Files.delete(banks.layout.node(NODE).resolve("ready.json"));
    }
  }

  @Test
  void whatOnlyAccusesProvesNothing() throws Exception {
    try (RunningConsortium banks = founded()) {
      banks.stop(NODE);
      assertShowingProvesNothing(banks, Bytes.utf8("it was them"));
    }
  }

  private static void assertShowingProvesNothing(RunningConsortium banks, Bytes file)
      throws IOException {
    NodeSettings settings = NodeRunner.settings(banks.layout.config(NODE), Map.of());
    try (StoreCheckup store =
        StoreCheckup.open(
            settings,
            StoreCheckup.outsideMark(settings.storage()),
            OwnLog.decisions(settings.storage().data(), settings.genesis()))) {
      store.shown(WITNESS, file);
      List<CheckLine> lines = store.lines();
      assertEquals(CheckLine.Level.WARNING, lines.get(lines.size() - 1).level());
    }
  }

  @Test
  void clocksAndCertificatesAreComparedWithWhatIsNow() {
    assertEquals(CheckLine.Level.OK, NodeCheck.clock("x", 1_000, 5_900, 1_010).level());
    assertEquals(CheckLine.Level.WARNING, NodeCheck.clock("x", 1_000, 6_100, 1_010).level());
    assertEquals(CheckLine.Level.WARNING, NodeCheck.clock("x", 9_000, 3_900, 9_010).level());
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    assertEquals(
        CheckLine.Level.OK,
        NodeCheck.certificate("nodes", now.plus(Duration.ofDays(30)), now).level());
    assertEquals(
        CheckLine.Level.WARNING,
        NodeCheck.certificate("nodes", now.plus(Duration.ofDays(29)), now).level());
    assertEquals(
        CheckLine.Level.DANGER, NodeCheck.certificate("nodes", now.minusSeconds(1), now).level());
  }

  // Short ways

  private static Checked check(RunningConsortium banks, String node, String... more)
      throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of("node", "check", "-c", banks.layout.config(node).toString(), "-o=json"));
    all.addAll(List.of(more));
    return run(all.toArray(String[]::new));
  }

  private static Checked run(String... arguments) throws Exception {
    try (ChildJvm process =
        ChildJvm.start(ProcessBuilder.Redirect.INHERIT, List.of(), Probity.class, arguments)) {
      String last = "{}";
      for (String line = process.readLine(); line != null; line = process.readLine()) {
        last = line;
      }
      return new Checked(process.await(), JSON.readTree(last));
    }
  }

  private static String config(RunningConsortium banks) {
    return banks.layout.config(NODE).toString();
  }

  private static NodeConfig.Storage storage(RunningConsortium banks) {
    return NodeConfig.load(banks.layout.config(NODE), Map.of(), Map.of()).storage();
  }

  private static void writeMark(NodeConfig.Storage storage, SigningMark mark) throws IOException {
    Files.deleteIfExists(storage.options().markFile());
    MarkFile.create(storage.options().markFile(), mark.encode());
  }

  private static String verdict(RunningConsortium banks) throws IOException {
    for (JsonNode peer : ok(banks.json("peers", "--node=" + WITNESS))) {
      if (peer.path("node").asText().equals(NODE)) {
        return peer.path("verdict").asText();
      }
    }
    throw new AssertionError(NODE);
  }

  private static String verdictOrNone(RunningConsortium banks) {
    try {
      return verdict(banks);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void open(
      RunningConsortium banks, String account, String node, String wait, String... more)
      throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "account",
                "open",
                account,
                "--asset=CZK",
                "--node=" + node,
                "--key=" + banks.operatorKey("member-" + node.substring(5)),
                "--receipt=" + banks.folder.resolve(account + ".txt"),
                "--wait=" + wait,
                "--timeout=60"));
    all.addAll(List.of(more));
    ok(banks.json(all.toArray(String[]::new)));
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

  /** One bit, as a bad disk does it. */
  private static void flip(Path file, byte[] content) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at + content.length <= bytes.length; at++) {
      boolean isThere = true;
      for (int i = 0; isThere && i < content.length; i++) {
        isThere = bytes[at + i] == content[i];
      }
      if (isThere) {
        bytes[at + content.length / 2] ^= 1;
      }
    }
    Files.write(file, bytes);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
