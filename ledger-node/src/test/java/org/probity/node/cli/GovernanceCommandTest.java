package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.Polling;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.peer.PeerClient;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerLimits;
import org.probity.node.runtime.NodeSettings;

/** SPEC protocol.md §13 on real listeners: from a proof to the culprit's end, by votes. */
class GovernanceCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> CORRECT =
      List.of("member-a", "member-b", "member-d", "member-e");

  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();

  @Test
  void theMembersStopWhoIsProvenToHaveForked() throws Exception {
    try (RunningConsortium banks =
        new RunningConsortium(directory.resolve("c"), 5, 1, 2, UnaryOperator.identity())) {
      putOnRecord(banks);
      theCulpritHasNoVote(banks);
      suspendAndRevoke(banks);
      oldAndForgedBallotsAreRefused(banks);
      aRestartGoesOn(banks);
      aMistakeIsMadeGood(banks);
      theSeatsAreDrawnAnew(banks);
      twoBallotsProveTheDoubleVoter(banks);
      everyLogReplaysClean(banks);
    } finally {
      vertx.close();
    }
  }

  private void putOnRecord(RunningConsortium banks) throws Exception {
    Path file = directory.resolve("fork.evidence");
    Files.write(file, fork(banks, "bank-c").toArray());
    Path nothing = directory.resolve("nothing.evidence");
    Files.write(nothing, new byte[] {1, 2, 3});
    assertEquals(10, propose(banks, "member-a", "evidence.submit", nothing.toString()).exit());
    assertEquals("not_sent", dryRun(banks, file).json().path("state").asText());
    assertEquals(0, status(banks, "bank-a").path("proposals").asInt());

    RunningConsortium.Run proposed = propose(banks, "member-a", "evidence.submit", file.toString());
    assertEquals(0, proposed.exit(), proposed.err());
    assertEquals("evidence.submit", proposed.json().path("action").asText());
    String id = proposed.json().path("id").asText();
    // Four of five: nobody waits for the culprit's member, a second ballot confirms.
    voteByAll(banks, id, CORRECT);
    awaitRound(banks, 1);
    voteByAll(banks, id, CORRECT);
    awaitEpoch(banks, 1);
    JsonNode decision = decisions(banks, "bank-e").get(0);
    assertEquals(id, decision.path("proposal").asText());
    assertEquals(4, decision.path("voters").size());
    assertEquals(1, decision.path("round").asInt());
  }

  private RunningConsortium.Run dryRun(RunningConsortium banks, Path file) {
    return banks.json(
        "governance",
        "propose",
        "evidence.submit",
        file.toString(),
        "--member=member-a",
        "--dry-run");
  }

  private static void theCulpritHasNoVote(RunningConsortium banks) throws Exception {
    RunningConsortium.Run run =
        banks.json("governance", "vote", "none", "--member=member-c", "--yes");
    assertEquals(5, run.exit());
    assertEquals("not_an_elector", run.errorCode());
    assertEquals(4, status(banks, "bank-a").path("electorate").size());
  }

  private void suspendAndRevoke(RunningConsortium banks) throws Exception {
    assertEquals("envelope_refused", probe(banks, "bank-c"));
    String suspend = awaitProposal(banks, "node.suspend");
    voteByAll(banks, suspend, CORRECT);
    awaitEpoch(banks, 2);
    assertEquals("node_suspended", probe(banks, "bank-c"));
    assertEquals("suspended", status(banks, "bank-d").at("/nodes/bank-c/standing").asText());
    // It hears of its case all the same, and executes nothing any more.
    await("bank-c logs its suspension", () -> loggedEpoch(banks, "bank-c") == 2);

    RunningConsortium.Run revoke = propose(banks, "member-b", "node.revoke", "bank-c");
    assertEquals(0, revoke.exit(), revoke.err());
    assertTrue(revoke.json().at("/arguments/size").asLong() > 0);
    voteByAll(banks, revoke.json().path("id").asText(), CORRECT);
    awaitEpochOf(banks, 3, List.of("bank-a", "bank-b", "bank-d", "bank-e"));
    assertEquals("node_revoked", probe(banks, "bank-c"));
    assertEquals(
        "node_not_suspended", propose(banks, "member-b", "node.revoke", "bank-c").errorCode());
  }

  private static void oldAndForgedBallotsAreRefused(RunningConsortium banks) throws Exception {
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    NodeApi api = api(banks, "bank-a");
    Ballots ballots = new Ballots(genesis, api);
    Assembly now = ballots.assembly();
    Signer key = Ballots.signer(key(banks, "member-a"));
    Hash previous = now.lastDecision();
    assertEquals(
        "wrong_epoch", refusal(api, signed(genesis, key, 0, previous, "member-a", Stance.NONE)));
    assertEquals(
        "wrong_previous",
        refusal(api, signed(genesis, key, 3, genesis.networkId(), "member-a", Stance.NONE)));
    assertEquals(
        "wrong_signer", refusal(api, signed(genesis, key, 3, previous, "member-b", Stance.NONE)));
    assertEquals(
        "not_an_elector",
        refusal(
            api,
            signed(
                genesis,
                Ballots.signer(key(banks, "member-c")),
                3,
                previous,
                "member-c",
                Stance.NONE)));
    byte[] forged = signed(genesis, key, 3, previous, "member-a", Stance.NONE).toArray();
    forged[forged.length - 1] ^= 1;
    assertEquals("statement_bad_signature", refusal(api, Bytes.wrap(forged)));
  }

  private static String refusal(NodeApi api, Bytes ballot) {
    return assertThrows(CliException.class, () -> api.post("/v1/governance/ballots", ballot))
        .code();
  }

  private static Bytes signed(
      Genesis genesis, Signer key, long epoch, Hash previous, String member, Stance stance) {
    return SignedBallot.sign(
            genesis.networkId(),
            new Ballot(epoch, previous, 0, member, stance, "", Citations.NONE),
            key)
        .encoded();
  }

  private static void aRestartGoesOn(RunningConsortium banks) throws Exception {
    RunningConsortium.Run proposed = propose(banks, "member-a", "node.suspend", "bank-d");
    String id = proposed.json().path("id").asText();
    assertEquals(0, vote(banks, "member-a", id).exit());
    banks.restart("bank-a");
    assertEquals(3, status(banks, "bank-a").path("epoch").asLong());
    JsonNode kept = api(banks, "bank-a").getJson("/v1/governance/proposals/" + id);
    assertEquals("member-a", kept.at("/ballots/0/member").asText());
    // The mark forbids another choice; the same ballot may be signed again.
    assertEquals("already_voted", vote(banks, "member-a", "none").errorCode());
    assertEquals(0, vote(banks, "member-a", id).exit());
    voteByAll(banks, id, List.of("member-b", "member-d", "member-e"));
    awaitEpochOf(banks, 4, List.of("bank-a", "bank-b", "bank-e"));
  }

  private void aMistakeIsMadeGood(RunningConsortium banks) throws Exception {
    assertEquals("node_suspended", probe(banks, "bank-d"));
    RunningConsortium.Run readmit = propose(banks, "member-b", "node.readmit", "bank-d");
    voteByAll(banks, readmit.json().path("id").asText(), CORRECT);
    awaitEpochOf(banks, 5, List.of("bank-a", "bank-b", "bank-d", "bank-e"));
    assertEquals("envelope_refused", probe(banks, "bank-d"));
  }

  private void theSeatsAreDrawnAnew(RunningConsortium banks) throws Exception {
    RunningConsortium.Run fixed =
        propose(banks, "member-b", "param.set", "witnesses=3,maxBatchEntries=5");
    assertEquals(2, fixed.exit());
    RunningConsortium.Run tooFew =
        propose(
            banks, "member-b", "param.set", "witnesses=4,cosignatures=3,bootAnswers=3,faults=1");
    assertEquals("too_few_members", tooFew.errorCode());
    RunningConsortium.Run wider =
        banks.json(
            "governance",
            "propose",
            "param.set",
            "witnesses=3,cosignatures=3",
            "--member=member-b",
            "--dry-run");
    assertEquals(
        JSON.readTree(
            "{\"faults\":1,\"witnesses\":3,\"cosignatures\":3,\"bootAnswers\":2,"
                + "\"horizonMillis\":86400000}"),
        wider.json().path("arguments"));

    RunningConsortium.Run anew =
        banks.json("governance", "propose", "witness.reassign", "--member=member-b", "--yes");
    assertEquals(0, anew.exit(), anew.err());
    voteByAll(banks, anew.json().path("id").asText(), CORRECT);
    awaitEpochOf(banks, 6, List.of("bank-a", "bank-b", "bank-d", "bank-e"));
    assertEquals(1, status(banks, "bank-a").path("rotation").asInt());
    JsonNode decisions = decisions(banks, "bank-e");
    assertEquals("witness.reassign", decisions.get(5).path("action").asText());

    // A receipt of now is worth what the witnesses of now have made of it.
    Path receipt = directory.resolve("of-now");
    RunningConsortium.Run opened =
        banks.json(
            "account",
            "open",
            "late",
            "--asset=CZK",
            "--node=bank-a",
            "--key=" + banks.operatorKey("member-a"),
            "--receipt=" + receipt,
            "--wait=witnessed",
            "--timeout=60");
    assertEquals(0, opened.exit(), opened.err());
    Path file = directory.resolve("decisions.json");
    Files.writeString(file, decisions.toString());
    RunningConsortium.Run worth =
        banks.json("receipt", "verify", receipt.toString(), "--decisions=" + file);
    assertFalse(worth.json().path("assurance").asText().equals("recorded"), worth.out());
    Files.writeString(
        file, decisions.toString().replaceFirst("\"content\":\"h", "\"content\":\"A"));
    assertEquals(
        3, banks.json("receipt", "verify", receipt.toString(), "--decisions=" + file).exit());
  }

  private static void twoBallotsProveTheDoubleVoter(RunningConsortium banks) throws Exception {
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    NodeApi api = api(banks, "bank-a");
    Hash previous = new Ballots(genesis, api).assembly().lastDecision();
    Signer key = Ballots.signer(key(banks, "member-e"));
    api.post("/v1/governance/ballots", signed(genesis, key, 6, previous, "member-e", Stance.NONE));
    Files.delete(key(banks, "member-e").resolveSibling("governance.pem.ballot-mark"));
    assertEquals("ballot_mark_lost", vote(banks, "member-e", "none").errorCode());
    api.post(
        "/v1/governance/ballots",
        signed(genesis, key, 6, previous, "member-e", Stance.of(Hash.sha256(new byte[] {1}))));
    for (String node : List.of("bank-a", "bank-b")) {
      await(
          node + " holds the proof",
          () -> {
            for (JsonNode file : api(banks, node).getJson("/v1/evidence")) {
              if (file.path("kind").asText().equals("DOUBLE_BALLOT")
                  && file.path("member").asText().equals("member-e")) {
                return true;
              }
            }
            return false;
          });
    }
    awaitProposal(banks, "evidence.submit");
  }

  private static void everyLogReplaysClean(RunningConsortium banks) throws Exception {
    for (String node : List.of("bank-a", "bank-b", "bank-d", "bank-e")) {
      RunningConsortium.Run run =
          banks.json("log", "verify", banks.readyLine(node).path("logUrl").asText(), "--replay");
      assertEquals(0, run.exit(), run.err() + run.out());
      assertEquals("CLEAN", run.json().path("verdict").asText());
    }
  }

  // Short ways

  private static Path key(RunningConsortium banks, String member) {
    return banks.layout.member(member).resolve("governance.pem");
  }

  private static RunningConsortium.Run propose(
      RunningConsortium banks, String member, String action, String what) {
    return banks.json("governance", "propose", action, what, "--member=" + member, "--yes");
  }

  private static RunningConsortium.Run vote(RunningConsortium banks, String member, String id) {
    return banks.json("governance", "vote", id, "--member=" + member, "--yes");
  }

  private static void voteByAll(RunningConsortium banks, String id, List<String> members)
      throws Exception {
    for (String member : members) {
      RunningConsortium.Run run = vote(banks, member, id);
      assertEquals(0, run.exit(), member + ": " + run.err());
      assertEquals("cast", run.json().path("state").asText());
    }
  }

  private static NodeApi api(RunningConsortium banks, String node) throws Exception {
    NetworkFolder folder = new NetworkFolder(banks.folder);
    return NodeApi.at(folder.ready(node).orElseThrow().path("clientUrl").asText(), folder.trust())
        .pinnedTo(node);
  }

  private static JsonNode status(RunningConsortium banks, String node) throws Exception {
    return banks.json("governance", "status", "-n", node).json();
  }

  private static long loggedEpoch(RunningConsortium banks, String node) throws Exception {
    return api(banks, node).getJson("/v1/governance").path("loggedEpoch").asLong();
  }

  private static JsonNode decisions(RunningConsortium banks, String node) throws Exception {
    RunningConsortium.Run run = banks.json("governance", "decisions", "-n", node);
    assertEquals(0, run.exit(), run.err());
    return JSON.readTree(run.out());
  }

  private static String awaitProposal(RunningConsortium banks, String action) throws Exception {
    String[] found = new String[1];
    await(
        "a proposal " + action,
        () -> {
          for (JsonNode proposal : api(banks, "bank-a").getJson("/v1/governance/proposals")) {
            if (proposal.path("action").asText().equals(action)) {
              found[0] = proposal.path("id").asText();
            }
          }
          return found[0] != null;
        });
    return found[0];
  }

  private static void awaitRound(RunningConsortium banks, int round) throws Exception {
    await(
        "round " + round,
        () -> api(banks, "bank-a").getJson("/v1/governance").path("round").asInt() == round);
  }

  private static void awaitEpoch(RunningConsortium banks, long epoch) throws Exception {
    awaitEpochOf(banks, epoch, List.of("bank-a", "bank-b", "bank-d", "bank-e"));
  }

  private static void awaitEpochOf(RunningConsortium banks, long epoch, List<String> nodes)
      throws Exception {
    for (String node : nodes) {
      await(node + " logs epoch " + epoch, () -> loggedEpoch(banks, node) == epoch);
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

  /** What bank-a says to a node that talks to it with its own certificate. */
  private String probe(RunningConsortium banks, String as) throws Exception {
    NodeConfig config = NodeConfig.load(banks.layout.config(as), Map.of(), Map.of());
    NodeSettings settings = NodeSettings.of(config, "test");
    URI peer =
        URI.create(
            new NetworkFolder(banks.folder).ready("bank-a").orElseThrow().path("peerUrl").asText());
    PeerClient client =
        new PeerClient(
            vertx,
            settings.peerIdentity(),
            settings.trust(),
            node -> Optional.of(new AddressBook.Address(peer.getHost(), peer.getPort())),
            PeerLimits.standard());
    try {
      return client
                  .envelope("bank-a", Bytes.utf8("no envelope"))
                  .toCompletionStage()
                  .toCompletableFuture()
                  .get(20, TimeUnit.SECONDS)
                  .status()
              == 422
          ? "envelope_refused"
          : "envelope_taken";
    } catch (ExecutionException e) {
      assertFalse(!(e.getCause() instanceof PeerFailure), String.valueOf(e.getCause()));
      return ((PeerFailure) e.getCause()).code();
    } finally {
      client.close();
    }
  }

  /** Two heads of one size under the key of a node. */
  private static Bytes fork(RunningConsortium banks, String node) throws Exception {
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    NodeConfig config = NodeConfig.load(banks.layout.config(node), Map.of(), Map.of());
    Signer key = NodeSettings.of(config, "test").logKey();
    Origin origin = genesis.origin(genesis.node(node).orElseThrow());
    return new EvidenceBuilder(genesis.networkId())
        .fork(sign(key, origin, (byte) 1), sign(key, origin, (byte) 2));
  }

  private static SignedCheckpoint sign(Signer key, Origin origin, byte root) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED)
                .sign(new TreeHead(1_000, Hash.sha256(new byte[] {root}))))
        .checkpoint();
  }
}
