package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Decision;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TlogProof;
import org.probity.detector.program.TransactionOutcome.Status;

class ClientRoutesTest {
  private static final String COSE = "application/cose";
  private static final String CBOR = "application/cbor";
  private static final String JSON = "application/json";

  private static RunningNode node;
  private static TestClient client;

  @BeforeAll
  static void start() {
    node = new RunningNode();
    client = node.client();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void recordsAStatementSentAsItIs() {
    TestClient.Answer answer = client.post("/v1/transactions", COSE, Buffer.buffer("one"));

    assertEquals(200, answer.status());
    assertEquals("no-store", answer.header("cache-control"));
    assertEquals("nosniff", answer.header("x-content-type-options"));
    JsonNode json = answer.json();
    assertEquals(
        Hash.sha256("one".getBytes(StandardCharsets.UTF_8)).toHex(),
        json.get("statementId").asText());
    assertEquals("executed", json.at("/outcome/status").asText());
    assertEquals(Bytes.utf8("one"), node.service.log.entry(json.get("index").asLong()));
  }

  @Test
  void recordsAStatementInJson() {
    TestClient.Answer answer =
        client.post(
            "/v1/transactions",
            JSON + "; charset=utf-8",
            Buffer.buffer("{\"statement\":\"" + base64("two") + "\"}"));

    assertEquals(200, answer.status());
    assertEquals(Bytes.utf8("two"), node.service.log.entry(answer.json().get("index").asLong()));
  }

  @Test
  void answersARefusedStatementWithItsCode() {
    TestClient.Answer answer = client.post("/v1/transactions", COSE, Buffer.buffer("bad one"));

    assertEquals(422, answer.status());
    assertEquals("signature_invalid", answer.problem());
  }

  @Test
  void answersEachStatementOfABulkInOrder() {
    Bytes body =
        new CborWriter()
            .array(3)
            .bytes(Bytes.utf8("a"))
            .bytes(Bytes.utf8("bad"))
            .bytes(Bytes.utf8("c"))
            .toBytes();
    TestClient.Answer answer =
        client.post("/v1/transactions/bulk", "application/cbor", Buffer.buffer(body.unsafeArray()));

    assertEquals(200, answer.status());
    JsonNode results = answer.json();
    assertEquals(3, results.size());
    assertEquals(results.at("/0/index").asLong() + 1, results.at("/2/index").asLong());
    assertEquals("signature_invalid", results.at("/1/refused/code").asText());
    assertTrue(results.at("/1/index").isMissingNode());
  }

  @Test
  void takesABulkInJson() {
    TestClient.Answer answer =
        client.post(
            "/v1/transactions/bulk",
            JSON,
            Buffer.buffer("[\"" + base64("x") + "\",\"" + base64("y") + "\"]"));

    assertEquals(2, answer.json().size());
  }

  @Test
  void findsATransactionByTheClientsId() {
    long index =
        client
            .post("/v1/transactions", COSE, Buffer.buffer("findable"))
            .json()
            .get("index")
            .asLong();
    String id = String.format("%032x", index);

    JsonNode found =
        client.get("/v1/transactions/" + id + "?submitter=" + MemoryNode.ACCOUNT).json();

    assertEquals(index, found.get("index").asLong());
    assertEquals(
        "not_found",
        client.get("/v1/transactions/" + id + "?submitter=" + "00".repeat(32)).problem());
    assertEquals("missing_parameter", client.get("/v1/transactions/" + id).problem());
    assertEquals("bad_hex", client.get("/v1/transactions/12?submitter=00").problem());
  }

  @Test
  void givesAReceiptThatProvesTheEntry() throws DecodeException {
    long index =
        client
            .post("/v1/transactions", COSE, Buffer.buffer("receipted"))
            .json()
            .get("index")
            .asLong();

    TestClient.Answer answer = client.get("/v1/transactions/" + index + "/receipt");

    assertEquals("text/plain; charset=utf-8", answer.header("content-type"));
    TlogProof receipt = TlogProof.parse(Bytes.wrap(answer.body().getBytes()));
    assertEquals(index, receipt.index());
    assertEquals(
        Bytes.utf8("receipted"), ReceiptExtra.decode(receipt.extra().orElseThrow()).entry());
    assertTrue(
        MerkleProofs.verifyInclusion(
            SignedCheckpoint.of(receipt.checkpoint()).head(),
            index,
            Rfc6962.leaf(Bytes.utf8("receipted")),
            receipt.inclusion()));
    // One proof per AUDIT is many reads: not where everybody's answers are made.
    assertFalse(node.service.receiptThread.contains("eventloop"), node.service.receiptThread);
    assertEquals("not_found", client.get("/v1/transactions/0/receipt").problem());
    assertEquals("not_found", client.get("/v1/transactions/999999/receipt").problem());
    assertEquals("bad_number", client.get("/v1/transactions/007/receipt").problem());
  }

  @Test
  void answersQueriesOfTheLedger() {
    assertEquals(
        "340282366920938463463374607431768211455",
        client.get("/v1/accounts/" + MemoryNode.ACCOUNT).json().get("balance").asText());
    assertEquals("not_found", client.get("/v1/accounts/" + "00".repeat(16)).problem());
    assertEquals("bad_account_id", client.get("/v1/accounts/zzz").problem());
    assertEquals(1, client.get("/v1/accounts").json().get("items").size());
    assertEquals("CZK", client.get("/v1/assets").json().at("/items/0/code").asText());
  }

  @Test
  void pagesWithCursors() {
    String path = "/v1/accounts/" + MemoryNode.ACCOUNT + "/transfers";

    JsonNode first = client.get(path + "?limit=2").json();
    JsonNode second = client.get(path + "?limit=2&cursor=" + first.get("next").asText()).json();

    assertEquals(2, first.get("items").size());
    assertEquals(2, second.at("/items/0/number").asInt());
    assertTrue(second.get("next").isNull());
    assertEquals("bad_limit", client.get(path + "?limit=0").problem());
    assertEquals("bad_limit", client.get(path + "?limit=1001").problem());
    assertEquals("duplicate_parameter", client.get(path + "?limit=1&limit=2").problem());
  }

  @Test
  void tellsWhoItIsAndWhereItListens() {
    JsonNode status = client.get("/v1/status").json();

    assertEquals("bank-a", status.get("node").asText());
    assertEquals("running", status.get("state").asText());
    assertEquals(node.urls().client().toString(), status.get("clientUrl").asText());
    assertEquals(node.urls().peer().toString(), status.get("peerUrl").asText());
    assertEquals(node.urls().ops().toString(), status.get("opsUrl").asText());
    assertEquals(node.urls().client() + "/log", status.get("logUrl").asText());
    assertEquals(node.service.log.origin().format(), status.get("origin").asText());
    assertEquals("genesis", client.get("/v1/genesis").text());
  }

  @Test
  void tellsWhatItThinksOfItsPeers() {
    JsonNode peers = client.get("/v1/peers").json();

    assertEquals("suspected", peers.at("/0/verdict").asText());
    assertEquals("1970-01-01T00:00:01Z", peers.at("/0/since").asText());
    assertEquals(0.5, peers.at("/0/score").asDouble());
    assertTrue(peers.at("/1/score").isNull());
    assertTrue(peers.at("/1/since").isNull(), "trusted from the beginning");
  }

  @Test
  void ranksPeersAndSaysWhy() {
    JsonNode scoring = client.get("/v1/scoring").json();

    assertEquals("advice, not evidence", scoring.get("meaning").asText());
    assertTrue(scoring.get("trained").asBoolean());
    assertEquals(7.5, scoring.at("/peers/0/score").asDouble());
    assertEquals("score", scoring.at("/peers/0/lane").asText());
    assertEquals(6.25, scoring.at("/peers/0/byModel/one_class_svm").asDouble());
    assertEquals("ack_p50", scoring.at("/peers/0/reasons/0/feature").asText());
    assertEquals(80, scoring.at("/peers/0/reasons/0/value").asDouble());
    assertEquals("ms", scoring.at("/peers/0/reasons/0/unit").asText());
    assertEquals(60.5, scoring.at("/peers/0/reasons/0/contribution").asDouble());
    assertTrue(scoring.at("/peers/0/reasons/1/value").isNull(), "not this peer's alone");
    assertTrue(scoring.at("/peers/1/score").isNull(), "no model");
  }

  @Test
  void tellsHowFarItsAuditsAre() {
    JsonNode audits = client.get("/v1/schedule").json();

    assertEquals(4, audits.get("boundRounds").asLong());
    assertEquals(12, audits.get("rounds").asLong());
    assertEquals("bank-b", audits.at("/wards/0/node").asText());
    assertEquals(2, audits.at("/wards/0/waiting").asLong());
    assertEquals("floor", audits.at("/wards/0/lane").asText());
    assertEquals(3, audits.get("scoreThreshold").asDouble());
    JsonNode turn = audits.at("/wards/0/turns/0");
    assertEquals(11, turn.get("round").asLong());
    assertEquals(1, turn.get("place").asInt());
    assertEquals(2, turn.get("places").asInt());
    assertEquals(4, turn.get("fromIndex").asLong());
    assertEquals(7, turn.get("toIndex").asLong());
    assertEquals("floor", turn.get("lane").asText());
    assertEquals(1, turn.get("waitedRounds").asLong());
    assertEquals(3, turn.get("boundRounds").asLong());
    assertTrue(turn.get("score").isNull(), "no model");
    assertEquals(0, turn.get("reasons").size());
  }

  @Test
  void tellsWhatIsOpen() {
    JsonNode open = client.get("/v1/challenges").json();

    assertEquals("message", open.at("/0/kind").asText());
    assertEquals("bank-b", open.at("/0/target").asText());
    assertEquals("bank-c", open.at("/0/challenger").asText());
    assertEquals("1970-01-01T00:00:01Z", open.at("/0/since").asText());
    assertTrue(open.at("/0/overdue").asBoolean());
  }

  @Test
  void takesATransactionForAnotherNode() {
    TestClient.Answer answer =
        client.post("/v1/challenges", "application/cose", Buffer.buffer("good"));

    assertEquals(200, answer.status());
    assertEquals("bank-b", answer.json().get("target").asText());
    assertEquals(64, answer.json().get("challenge").asText().length());
    assertEquals("asked", answer.json().get("state").asText());
    JsonNode refused =
        client.post("/v1/challenges", "application/cose", Buffer.buffer("refused")).json();
    assertEquals("refused", refused.get("state").asText());
    assertEquals("unauthorised", refused.get("code").asText());
    assertEquals(Status.UNAUTHORISED.meaning(), refused.get("message").asText());
    assertEquals(
        "statement_bad_signature",
        client.post("/v1/challenges", "application/cose", Buffer.buffer("bad")).problem());
  }

  @Test
  void exportsEvidence() {
    Hash faultId = Hash.sha256(new byte[] {9});
    node.service.evidence.add(
        new EvidenceFile(faultId, "FORK", "member-x", "bank-x", 17, Bytes.utf8("proof")));

    JsonNode list = client.get("/v1/evidence").json();
    assertEquals("FORK", list.at("/0/kind").asText());
    assertEquals(5, list.at("/0/bytes").asInt());
    assertEquals("proof", client.get(list.at("/0/path").asText()).text());
    assertEquals("not_found", client.get("/v1/evidence/" + "00".repeat(32)).problem());
  }

  @Test
  void takesProposalsAndBallotsAndSaysWhyNot() {
    for (String path : List.of("/v1/governance/proposals", "/v1/governance/ballots")) {
      assertEquals(200, client.post(path, COSE, Buffer.buffer("yes")).status());
      TestClient.Answer refused = client.post(path, COSE, Buffer.buffer("no"));
      assertEquals(422, refused.status());
      assertEquals("wrong_epoch", refused.problem());
      assertEquals("[]", client.get(path).text());
    }
    assertEquals(404, client.get("/v1/governance/proposals/" + "00".repeat(32)).status());
    assertEquals(0, client.get("/v1/governance").json().get("epoch").asInt());
  }

  @Test
  void takesDecisionsAndSaysWhyNot() {
    String path = "/v1/governance/decisions";
    int largest = Decision.MAX_BYTES;
    JsonNode taken = client.post(path, CBOR, Buffer.buffer(new byte[largest])).json();
    assertEquals(largest, taken.get("bytes").asInt());
    String base64 = Base64.getEncoder().encodeToString(new byte[largest]);
    Buffer json = Buffer.buffer("{\"content\":\"" + base64 + "\"}");
    assertEquals(largest, client.post(path, JSON, json).json().get("bytes").asInt());

    assertEquals("wrong_epoch", client.post(path, CBOR, Buffer.buffer("no")).problem());
    assertEquals(
        "json_unexpected",
        client.post(path, JSON, Buffer.buffer("{\"statement\":\"eWVz\"}")).problem());
    assertEquals("unsupported_media_type", client.post(path, COSE, Buffer.buffer("yes")).problem());
    assertEquals(200, client.post(path, CBOR, Buffer.buffer("old")).status());
    assertEquals(
        2,
        node.recorded.stream().filter(line -> line.contains(" | governance.hand-in | ")).count());
  }

  @Test
  void pagesThroughDecisions() {
    JsonNode first = client.get("/v1/governance/decisions?limit=2").json();
    assertEquals(2, first.get("items").size());
    JsonNode rest =
        client.get("/v1/governance/decisions?limit=2&cursor=" + first.get("next").asText()).json();
    assertEquals(2, rest.at("/items/0/epoch").asInt());
    assertTrue(rest.get("next").isNull());
  }

  @Test
  void namesEveryRequest() {
    TestClient.Answer own = client.get("/v1/status");
    TestClient.Answer next = client.get("/v1/status");

    assertTrue(!own.header("x-request-id").equals(next.header("x-request-id")));
  }
}
