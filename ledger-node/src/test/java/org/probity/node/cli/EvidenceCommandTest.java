package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.cli.RunningConsortium.fields;
import static org.probity.node.cli.RunningConsortium.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.node.cli.RunningConsortium.Run;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.NodeKeys;
import org.probity.node.testing.Generous;

/** What is done with proofs: bank-a lends what it must not, bank-b is its witness. */
@Timeout(120)
class EvidenceCommandTest {
  private static final List<String> PROVEN =
      List.of("verdict", "member", "node", "kind", "position", "faultId", "code");

  @TempDir static Path temporary;
  private static RunningConsortium banks;
  private static JsonNode proof;
  private static Path overdraft;

  @BeforeAll
  static void cheat() throws Exception {
    banks = new RunningConsortium(temporary.resolve("banks"), Generous::new);
    for (String account : List.of("poor", "payee")) {
      Run open =
          banks.json(
              "account",
              "open",
              account,
              "--asset=CZK",
              "--key=" + banks.operatorKey("member-a"),
              "--receipt=" + temporary.resolve(account));
      assertEquals(0, open.exit(), open.err());
    }
    Run paid =
        banks.json(
            "transfer",
            "poor",
            "payee",
            "12.50",
            "--reference=RENT",
            "--key=" + banks.operatorKey("member-a"),
            "--receipt=" + temporary.resolve("paid"));
    assertEquals(0, paid.exit(), paid.err());
    assertTrue(
        Polling.REMOTE.await(Duration.ofSeconds(60), () -> list().size() > 0), "nothing was found");
    proof = list().get(0);
    overdraft = temporary.resolve("overdraft.evidence");
    Run exported = export(overdraft);
    assertEquals(0, exported.exit(), exported.err());
    assertEquals(List.of("file", "bytes", "faultId"), fields(exported.json()));
    assertEquals(Files.size(overdraft), exported.json().path("bytes").asLong());
  }

  @AfterAll
  static void stop() {
    banks.close();
  }

  @Test
  void auditRunEndsAtOnceWhereAProofIsThere() throws IOException {
    Run run = banks.json("audit", "run", "bank-a", "--node=bank-b");
    assertEquals(10, run.exit(), run.err());
    assertEquals("FAULT", run.json().path("verdict").asText());
    assertEquals(proof.path("faultId"), run.json().at("/evidence/0"));
    Run text = run("audit", "run", "bank-a", "--node=bank-b", "--dir=" + banks.folder);
    assertEquals(10, text.exit(), text.err());
    assertTrue(text.out().startsWith("FAULT: bank-b holds proofs against bank-a: "), text.out());
  }

  private static JsonNode list() {
    try {
      return banks.json("evidence", "list", "--node=bank-b").json();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Run export(Path file) {
    return banks.json(
        "evidence", "export", proof.path("faultId").asText(), "--node=bank-b", "--file=" + file);
  }

  @Test
  void blastRadiusShowsWhatWasReached() throws IOException {
    Path graph = temporary.resolve("radius.dot");
    Run radius = banks.json("evidence", "blast-radius", overdraft.toString(), "--graph=" + graph);
    assertEquals(0, radius.exit(), radius.err());
    JsonNode json = radius.json();
    assertEquals(
        List.of(
            "sources", "nodes", "entries", "accounts", "diverging", "unseen", "complete", "note"),
        fields(json));
    assertEquals("bank-a", json.at("/sources/0/node").asText());
    assertEquals(proof.path("position").asLong(), json.at("/sources/0/from").asLong());
    assertTrue(json.path("complete").asBoolean());
    assertEquals(0, json.path("entries").size(), "both accounts are at the culprit's own bank");
    assertTrue(Files.readString(graph).startsWith("digraph"));
    Run again = banks.json("evidence", "blast-radius", overdraft.toString(), "--graph=" + graph);
    assertEquals("file_exists", again.errorCode());
  }

  @Test
  void exportNeverOverwritesAndKnowsNoOthers() throws IOException {
    byte[] before = Files.readAllBytes(overdraft);
    Run again = export(overdraft);
    assertEquals(1, again.exit());
    assertEquals("file_exists", again.errorCode());
    assertArrayEquals(before, Files.readAllBytes(overdraft));
    assertEquals(2, banks.json("evidence", "export", "nonsense", "--node=bank-b").exit());
    Run unknown =
        banks.json(
            "evidence",
            "export",
            "00".repeat(32),
            "--node=bank-b",
            "--file=" + temporary.resolve("unknown"));
    assertEquals(1, unknown.exit());
    assertFalse(Files.exists(temporary.resolve("unknown")));
  }

  @Test
  void verifyNeedsTheFileAndTheGenesisDocumentOnly() throws IOException {
    Run proven =
        run(
            "evidence",
            "verify",
            overdraft.toString(),
            "--genesis=" + banks.layout.genesis(),
            "-o",
            "json");
    assertEquals(0, proven.exit(), proven.err());
    assertEquals(PROVEN, fields(proven.json()));
    assertEquals("PROVEN", proven.json().path("verdict").asText());
    assertEquals("bank-a", proven.json().path("node").asText());
    assertEquals("member-a", proven.json().path("member").asText());
    assertEquals(proof.path("faultId"), proven.json().path("faultId"));

    byte[] damaged = Files.readAllBytes(overdraft);
    damaged[damaged.length / 2] ^= 1;
    Path copy = Files.write(temporary.resolve("damaged.evidence"), damaged);
    Run rejected = banks.json("evidence", "verify", copy.toString());
    assertEquals(10, rejected.exit(), rejected.err());
    assertEquals(List.of("verdict", "reason", "message"), fields(rejected.json()));
    assertEquals("REJECTED", rejected.json().path("verdict").asText());
  }

  @Test
  void anOverdraftIsExplainedInTheLedgersWords() throws IOException {
    Run explained = banks.json("evidence", "explain", overdraft.toString());
    assertEquals(0, explained.exit(), explained.err());
    JsonNode json = explained.json();
    assertEquals("executed", json.path("logged").asText());
    assertTrue(
        json.path("expected").asText().startsWith("failed at operation 1 of 1, insufficient_funds"),
        json.toString());
    String payment = json.at("/operations/0").asText();
    assertTrue(payment.startsWith("pay 12.50 CZK from account "), payment);
    assertTrue(payment.endsWith(", reference RENT"), payment);

    Run text = run("evidence", "explain", overdraft.toString(), "--dir=" + banks.folder);
    assertEquals(0, text.exit(), text.err());
    assertTrue(text.out().startsWith("bank-a broke the rules in entry "), text.out());
    assertTrue(text.out().contains("  " + payment + "\n"), text.out());
    assertTrue(text.out().contains("bank-a logged:\n  executed\n"), text.out());
    assertTrue(text.out().contains("By the rules:\n  failed at operation 1"), text.out());
    assertFalse(text.out().contains("0x"), text.out());
  }

  @Test
  void anyClientFindsTheFaultInTheLogAndProvesIt() throws IOException {
    Path out = temporary.resolve("found");
    Run run = banks.json("log", "verify", "--node=bank-a", "--replay", "--out=" + out);
    assertEquals(10, run.exit(), run.err());
    assertEquals(
        List.of(
            "verdict",
            "node",
            "size",
            "root",
            "replayed",
            "entriesPerSecond",
            "evidence",
            "position",
            "reason",
            "message"),
        fields(run.json()));
    assertEquals("FAULT", run.json().path("verdict").asText());
    assertEquals("outcome_differs", run.json().path("reason").asText());
    assertEquals(1, run.json().path("evidence").size());
    Run proven = banks.json("evidence", "verify", run.json().at("/evidence/0").asText());
    assertEquals(0, proven.exit(), proven.err());
    assertEquals(proof.path("faultId"), proven.json().path("faultId"));
    assertEquals(0, banks.json("log", "verify", "--node=bank-a").exit(), "unless it is replayed");
  }

  @Test
  void aForkIsExplainedByWhatWasSigned() throws Exception {
    Path fork = Files.write(temporary.resolve("fork.evidence"), fork());
    Run explained = banks.json("evidence", "explain", fork.toString());
    assertEquals(0, explained.exit(), explained.err() + explained.out());
    assertEquals("FORK", explained.json().path("kind").asText());
    assertEquals(2, explained.json().path("checkpoints").size());

    Run text = run("evidence", "explain", fork.toString(), "--dir=" + banks.folder);
    assertTrue(text.out().startsWith("bank-a signed two histories of one log"), text.out());
    assertTrue(text.out().contains("7 entries with root " + "11".repeat(32)), text.out());
    assertTrue(text.out().contains("7 entries with root " + "22".repeat(32)), text.out());
  }

  /** Signed by the node's own key behind its back. */
  private static byte[] fork() {
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    Signer key = NodeKeys.load(banks.layout.keys("bank-a"), Optional.empty()).logSigner();
    Origin origin = genesis.origin(genesis.node("bank-a").orElseThrow());
    return new EvidenceBuilder(genesis.networkId())
        .fork(sign(key, origin, "11"), sign(key, origin, "22"))
        .toArray();
  }

  private static SignedCheckpoint sign(Signer key, Origin origin, String root) {
    CheckpointSigner.Result result =
        CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED)
            .sign(new TreeHead(7, Hash.fromHex(root.repeat(32))));
    return ((CheckpointSigner.Signed) result).checkpoint();
  }
}
