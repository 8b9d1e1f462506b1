package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.ClosedLog;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.KeyKind;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.Secret;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;

/** SPEC protocol.md §11.3: what an operator and the members type when a node has lost its store. */
class RenewedNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LOST = "bank-c";
  private static final List<String> MEMBERS =
      List.of("member-a", "member-b", "member-c", "member-d");
  private static final List<String> OTHERS = List.of("bank-a", "bank-b", "bank-d");

  @TempDir Path directory;

  @Test
  void theMembersLetANodeThatLostItsStoreBeginAgain() throws Exception {
    try (RunningConsortium banks =
        new RunningConsortium(directory.resolve("c"), 4, 1, 2, UnaryOperator.identity())) {
      record(banks);
      aRunningNodeIsNotRenewed(banks);
      banks.stop(LOST);
      delete(config(banks).storage().data());
      byte[] logKey = Files.readAllBytes(config(banks).keys().resolve("log.pem"));
      byte[] tlsKey = Files.readAllBytes(config(banks).keys().resolve("tls-ed25519.pem"));

      Path enrolment = renew(banks);

      Path keys = config(banks).keys();
      assertArrayEquals(logKey, Files.readAllBytes(keys.resolve("log-incarnation-0.pem")));
      assertArrayEquals(tlsKey, Files.readAllBytes(keys.resolve("tls-ed25519.pem")));
      assertEquals("not_decided", node(banks, "begin").errorCode());
      plantedApprovalsAreFound(banks, enrolment);
      JsonNode approved = approve(banks, enrolment);

      otherKeysDoNotBegin(banks);
      begins(banks, approved);
      goesOn(banks, 1, "third");

      banks.stop(LOST);
      Files.delete(config(banks).keys().resolve("log.pem"));
      Path again = Path.of(ok(node(banks, "renew", "--yes")).path("enrolment").asText());
      approve(banks, again);
      ok(node(banks, "begin"));
      goesOn(banks, 2, "fourth");
    }
  }

  /** It runs under the new keys, with all it had, and nobody holds anything against it. */
  private static void goesOn(RunningConsortium banks, long incarnation, String account)
      throws Exception {
    banks.start(LOST);
    assertEquals(
        incarnation,
        ok(banks.json("node", "status", "--node=" + LOST)).at("/0/incarnation").asLong());
    open(banks, account, LOST, "--wait=witnessed");
    for (String name : List.of("first", account)) {
      assertEquals(
          "0",
          ok(banks.json("account", "show", name, "--node=" + LOST)).path("balanceMinor").asText());
    }
    JsonNode verified = ok(banks.json("log", "verify", "--replay", "--node=" + LOST));
    assertEquals("CLEAN", verified.path("verdict").asText());
    for (String other : OTHERS) {
      await(
          other + " trusts it",
          () -> {
            for (JsonNode peer : ok(banks.json("peers", "--node=" + other))) {
              if (peer.path("node").asText().equals(LOST)) {
                return peer.path("verdict").asText().equals("trusted");
              }
            }
            return false;
          });
      assertEquals(0, ok(banks.json("evidence", "list", "--node=" + other)).size());
    }
  }

  private static JsonNode ok(RunningConsortium.Run run) throws IOException {
    assertEquals(0, run.exit(), run.err());
    return run.json();
  }

  /** Nobody holds what it has acknowledged to somebody: closing its log before would break that. */
  @Test
  void aLogIsNotClosedBeforeWhatSomebodyHasOfIt() throws Exception {
    try (RunningConsortium banks =
        new RunningConsortium(directory.resolve("c"), 4, 1, 2, UnaryOperator.identity())) {
      record(banks);
      List<String> witnesses = new ArrayList<>();
      api(banks, "bank-a")
          .getJson("/v1/governance")
          .at("/nodes/bank-c/witnesses")
          .forEach(witness -> witnesses.add(witness.asText()));
      assertEquals(2, witnesses.size());
      String payer =
          OTHERS.stream().filter(node -> !witnesses.contains(node)).findFirst().orElseThrow();
      open(banks, "rich", payer, "--overdraft");
      for (String witness : witnesses) {
        banks.stop(witness);
      }
      RunningConsortium.Run paid =
          banks.json(
              "transfer",
              "rich",
              "first@bank-c",
              "1.00",
              "--node=" + payer,
              "--key=" + banks.operatorKey("member-" + payer.substring(5)),
              "--receipt=" + banks.folder.resolve("paid.txt"),
              "--wait=settled",
              "--timeout=60");
      assertEquals(0, paid.exit(), paid.err());
      banks.stop(LOST);
      for (String witness : witnesses) {
        // They may wait for the node that is lost before they sign; they show what they hold.
        banks.reach(witness);
      }
      RunningConsortium.Run renewed = node(banks, "renew", "--yes");
      assertEquals(0, renewed.exit(), renewed.err());
      RunningConsortium.Run proposed =
          banks.json(
              "governance",
              "propose",
              "incarnation.approve",
              "--enrolment=" + renewed.json().path("enrolment").asText(),
              "--member=member-a",
              "--yes");
      assertEquals(1, proposed.exit(), proposed.out());
      assertEquals("beyond_close", proposed.errorCode());
      assertTrue(proposed.err().contains("the log of " + payer + " has a checkpoint"));
    }
  }

  /** Something worth keeping, which the witnesses have. */
  private static void record(RunningConsortium banks) {
    open(banks, "first", LOST, "--wait=witnessed");
    open(banks, "second", LOST, "--wait=witnessed");
  }

  private static void open(RunningConsortium banks, String account, String node, String more) {
    RunningConsortium.Run opened =
        banks.json(
            "account",
            "open",
            account,
            "--asset=CZK",
            "--node=" + node,
            "--key=" + banks.operatorKey("member-" + node.substring(5)),
            "--receipt=" + banks.folder.resolve(account + ".txt"),
            "--timeout=60",
            more);
    assertEquals(0, opened.exit(), opened.err());
  }

  private static void aRunningNodeIsNotRenewed(RunningConsortium banks) throws Exception {
    assertEquals("node_running", node(banks, "renew", "--yes").errorCode());
    Files.move(banks.layout.node(LOST).resolve("ready.json"), banks.folder.resolve("ready.json"));
    assertEquals("store_locked", node(banks, "renew", "--yes").errorCode());
    Files.move(banks.folder.resolve("ready.json"), banks.layout.node(LOST).resolve("ready.json"));
    assertTrue(Files.exists(config(banks).keys().resolve("log.pem")));
  }

  private static Path renew(RunningConsortium banks) throws Exception {
    RunningConsortium.Run dry = node(banks, "renew", "--dry-run");
    assertEquals(0, dry.exit(), dry.err());
    assertEquals("not_done", dry.json().path("state").asText());
    assertFalse(Files.exists(config(banks).storage().data()));
    assertTrue(node(banks, "renew").err().contains("not_confirmed"));
    RunningConsortium.Run foreign =
        node(
            banks,
            "renew",
            "--yes",
            "--key=" + banks.layout.member("member-a") + "/governance.pem");
    assertEquals("wrong_signer", foreign.errorCode());
    assertEquals(5, foreign.exit());

    RunningConsortium.Run renewed = node(banks, "renew", "--yes");

    assertEquals(0, renewed.exit(), renewed.err());
    JsonNode json = renewed.json();
    assertEquals(dry.json().path("renamed"), json.path("renamed"));
    // The store was gone; its mark was not.
    assertEquals(5, json.path("renamed").size(), renewed.out());
    assertEquals("member-c", json.path("member").asText());
    assertEquals(1, json.path("incarnation").asLong());
    assertEquals("renewed", json.path("state").asText());
    assertEquals("enrolment_waits", node(banks, "renew", "--yes").errorCode());
    return Path.of(json.path("enrolment").asText());
  }

  /** Each is what the rules of governance let pass, and no voter who looks. */
  private static void plantedApprovalsAreFound(RunningConsortium banks, Path enrolment)
      throws Exception {
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    NodeRecord lost = genesis.node(LOST).orElseThrow();
    DownloadedLog log = new LogCopies(genesis, apis(banks)).of(lost).findFirst().orElseThrow();
    Bytes bytes = Bytes.wrap(Files.readAllBytes(enrolment));
    Action.ApproveIncarnation right = closed(genesis, lost, log, log.size()).approval(bytes);
    Hash other = Hash.sha256(new byte[] {1});
    long lower = log.size() - 1;
    while (!Entry.decode(log.entry(lower - 1)).type().completesBatch()) {
      lower--;
    }
    Action.ApproveIncarnation low = closed(genesis, lost, log, lower).approval(bytes);

    assertFound(
        "approval_differs", banks, right, new TreeHead(log.size(), other), right.initialRoot(), 0);
    assertFound("approval_differs", banks, right, right.close(), other, 0);
    assertFound("approval_differs", banks, right, right.close(), right.initialRoot(), 1);
    assertFound("approval_too_low", banks, low, low.close(), low.initialRoot(), 0);
    assertFound(
        "no_log", banks, right, new TreeHead(log.size() + 1, other), right.initialRoot(), 0);
    if (log.size() - lower > 1) {
      TreeHead inside = new TreeHead(log.size() - 1, MerkleProofs.rootAt(log, log.size() - 1));
      assertFound("close_inside_batch", banks, right, inside, right.initialRoot(), 0);
    }
  }

  private static ClosedLog.Clean closed(
      Genesis genesis, NodeRecord node, DownloadedLog log, long size) {
    return (ClosedLog.Clean)
        ClosedLog.replay(
            new Machine(genesis, node, Accounts.program(genesis)), new LogCopies.Prefix(log, size));
  }

  private static void assertFound(
      String code,
      RunningConsortium banks,
      Action.ApproveIncarnation like,
      TreeHead close,
      Hash stateRoot,
      long laterMillis)
      throws Exception {
    Action wrong =
        new Action.ApproveIncarnation(
            like.enrolment(), close, stateRoot, like.minTickMillis() + laterMillis, List.of());
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    Path key = banks.layout.member("member-a").resolve("governance.pem");
    String id =
        new Ballots(genesis, api(banks, "bank-a")).propose(wrong, key, false).path("id").asText();
    assertEquals(code, vote(banks, "member-b", id).errorCode());
  }

  private static JsonNode approve(RunningConsortium banks, Path enrolment) throws Exception {
    assertEquals(2, banks.json("governance", "propose", "incarnation.approve", "-m=x").exit());
    RunningConsortium.Run proposed =
        banks.json(
            "governance",
            "propose",
            "incarnation.approve",
            "--enrolment=" + enrolment,
            "--member=member-d",
            "--yes");
    assertEquals(0, proposed.exit(), proposed.err());
    assertEquals(LOST, proposed.json().at("/arguments/node").asText());
    String id = proposed.json().path("id").asText();
    RunningConsortium.Run status =
        RunningConsortium.run("governance", "status", "--dir", banks.folder.toString());
    assertTrue(status.out().contains("incarnation.approve bank-c, incarnation "), status.out());
    for (String member : MEMBERS) {
      RunningConsortium.Run run = vote(banks, member, id);
      assertEquals(0, run.exit(), member + ": " + run.err());
    }
    long decided = proposed.json().path("epoch").asLong() + 1;
    for (String node : OTHERS) {
      await(
          node + " has the decision",
          () -> api(banks, node).getJson("/v1/governance").path("epoch").asLong() == decided);
    }
    return proposed.json();
  }

  private static void otherKeysDoNotBegin(RunningConsortium banks) throws Exception {
    Path key = config(banks).keys().resolve("log.pem");
    Path kept = key.resolveSibling("kept.pem");
    Files.move(key, kept);
    PemFiles.writeSecret(key, Secret.generate(KeyKind.ED25519, new SecureRandom()));
    assertEquals("keys_differ", node(banks, "begin").errorCode());
    Files.delete(key);
    Files.move(kept, key);
  }

  private static void begins(RunningConsortium banks, JsonNode approved) throws Exception {
    long close = approved.at("/arguments/size").asLong();
    // Interrupted and repeated, it comes to the same.
    for (int attempt = 0; attempt < 2; attempt++) {
      RunningConsortium.Run begun = node(banks, "begin");
      assertEquals(0, begun.exit(), begun.err());
      assertEquals("ready", begun.json().path("state").asText());
      assertEquals(close, begun.json().path("size").asLong());
      assertEquals(approved.at("/arguments/root"), begun.json().path("root"));
    }
    assertFalse(Files.exists(banks.layout.node(LOST).resolve("enrolment.cbor")));
    assertTrue(Files.exists(banks.layout.node(LOST).resolve("enrolment-incarnation-1.cbor")));
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    Origin origin = new Origin(genesis.networkId(), LOST, 1);
    try (NodeStore store = NodeStore.open(config(banks).storage().options())) {
      StoredLog log = store.own().find(origin.format()).orElseThrow();
      assertEquals(approved.at("/arguments/root").asText(), log.frontier().root().toHex());
      assertEquals(close, log.size());
      assertEquals(Optional.empty(), log.checkpoint());
    }
    assertTrue(
        Files.exists(
            config(banks).storage().data().resolve("governance").resolve("decision-0000000000")));
    assertEquals("incarnation_waits", node(banks, "renew", "--yes").errorCode());
  }

  // Short ways

  private static RunningConsortium.Run node(
      RunningConsortium banks, String command, String... more) {
    List<String> all =
        Stream.concat(
                Stream.of("node", command, "-c", banks.layout.config(LOST).toString(), "-o=json"),
                Stream.of(more))
            .toList();
    return RunningConsortium.run(all.toArray(String[]::new));
  }

  private static NodeConfig config(RunningConsortium banks) {
    return NodeConfig.load(banks.layout.config(LOST), Map.of(), Map.of());
  }

  private static RunningConsortium.Run vote(RunningConsortium banks, String member, String id) {
    return banks.json("governance", "vote", id, "--member=" + member, "--yes");
  }

  private static NodeApi api(RunningConsortium banks, String node) {
    NetworkFolder folder = new NetworkFolder(banks.folder);
    return NodeApi.at(folder.ready(node).orElseThrow().path("clientUrl").asText(), folder.trust())
        .pinnedTo(node);
  }

  private static List<NodeApi> apis(RunningConsortium banks) {
    return OTHERS.stream().map(node -> api(banks, node)).toList();
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    Exception[] failure = new Exception[1];
    boolean held =
        Polling.LOCAL.await(
            PATIENCE,
            () -> {
              try {
                return condition.holds();
              } catch (Exception e) {
                failure[0] = e;
                return true;
              }
            });
    if (failure[0] != null) {
      throw failure[0];
    }
    assertTrue(held, what);
  }
}
