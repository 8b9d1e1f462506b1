package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.TlogProof;
import org.probity.ledger.client.WitnessLink;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.api.EvidenceSummary;
import org.probity.node.http.api.HttpWitnesses;
import org.probity.node.http.api.NodeStatus;
import org.probity.node.http.api.Page;
import org.probity.node.http.api.SubmissionResult;

class ApiClientTest {
  private static RunningNode node;
  private static ApiClient client;

  @BeforeAll
  static void start() {
    node = new RunningNode();
    client = ApiClient.of(node.urls().client(), List.of(node.pki.ca()));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @AfterEach
  void restore() {
    node.service.queueFull = false;
  }

  @Test
  void submitsAndFetchesTheReceipt() throws ApiException, DecodeException {
    SubmissionResult result = client.submit(Bytes.utf8("paid"));

    assertTrue(result.accepted());
    assertEquals(Hash.sha256(Bytes.utf8("paid").toArray()).toHex(), result.statementId());
    long index = result.index().orElseThrow();
    assertEquals(index, TlogProof.parse(client.receipt(index)).index());
    assertEquals(
        result.index(),
        client
            .transaction(MemoryNode.SUBMITTER, Bytes.fromHex(String.format("%032x", index)))
            .orElseThrow()
            .index());
    assertEquals(
        Optional.empty(), client.transaction(Bytes.of((byte) 1), Bytes.wrap(new byte[16])));
  }

  @Test
  void tellsWhyAStatementWasRefused() {
    ApiException refused = assertThrows(ApiException.class, () -> client.submit(Bytes.utf8("bad")));

    assertEquals(422, refused.status());
    assertEquals("signature_invalid", refused.code());
  }

  @Test
  void submitsManyAtOnce() throws ApiException {
    List<SubmissionResult> results =
        client.submitAll(List.of(Bytes.utf8("a"), Bytes.utf8("bad"), Bytes.utf8("c")));

    assertEquals(
        List.of(true, false, true), results.stream().map(SubmissionResult::accepted).toList());
    assertEquals("signature_invalid", results.get(1).code());
  }

  @Test
  void submitsConcurrently() {
    List<CompletableFuture<SubmissionResult>> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      all.add(client.submitAsync(Bytes.utf8("concurrent " + i)));
    }

    assertEquals(
        60, all.stream().map(each -> each.join().index().orElseThrow()).distinct().count());
  }

  @Test
  void tellsWhenToComeBack() {
    node.service.queueFull = true;

    ApiException busy = assertThrows(ApiException.class, () -> client.submit(Bytes.utf8("x")));

    assertTrue(busy.isBusy());
    assertEquals(2, busy.retryAfterSeconds().orElseThrow());
  }

  @Test
  void readsWhatTheNodeKnows() throws ApiException {
    NodeStatus status = client.status();
    assertEquals(RunningNode.NODE, status.node());
    assertEquals(node.urls().peer().toString(), status.peerUrl());
    assertEquals("suspected", client.peers().get(0).verdict());
    assertEquals(0.5, client.peers().get(0).score());
    assertEquals(Bytes.utf8("genesis"), client.genesis());
    assertEquals(node.service.ownLog().checkpoint(), client.checkpoint());
    Hash faultId = Hash.sha256(new byte[] {5});
    node.service.evidence.add(
        new EvidenceFile(faultId, "FORK", "member-x", "bank-x", 3, Bytes.utf8("proof")));
    EvidenceSummary summary = client.evidence().get(0);
    assertEquals("FORK", summary.kind());
    assertEquals(Bytes.utf8("proof"), client.evidenceFile(summary.faultId()));
  }

  @Test
  void handsInProofsAndCheckpoints() throws ApiException {
    assertEquals(
        WitnessLink.Comparison.CONSISTENT, client.showCheckpoint(Bytes.utf8("a checkpoint")));
    ApiException rejected =
        assertThrows(ApiException.class, () -> client.submitEvidence(Bytes.utf8("no proof")));

    assertEquals("evidence_rejected", rejected.code());
    assertTrue(node.service.received.contains(Bytes.utf8("a checkpoint")));
    assertTrue(node.service.received.contains(Bytes.utf8("no proof")));
  }

  /** What a client counts as seen hangs on it, so no word stands for another. */
  @Test
  void knowsWhatHasComeOfACheckpoint() throws ApiException {
    PeerReply before = node.service.toStrangers;
    try {
      for (WitnessLink.Comparison said : WitnessLink.Comparison.values()) {
        node.service.toStrangers =
            said == WitnessLink.Comparison.AHEAD
                ? PeerReply.refused("checkpoint_ahead")
                : PeerReply.ok(Bytes.utf8(said.name()));
        assertEquals(said, client.showCheckpoint(Bytes.utf8("another")));
      }
      for (PeerReply other :
          List.of(PeerReply.ok(Bytes.utf8("CLOSED")), PeerReply.refused("not_a_ward"))) {
        node.service.toStrangers = other;
        assertThrows(ApiException.class, () -> client.showCheckpoint(Bytes.utf8("another")));
      }
    } finally {
      node.service.toStrangers = before;
    }
  }

  @Test
  void aWitnessThatIsBehindIsAskedAgain() throws WitnessLink.UnansweredException {
    PeerReply before = node.service.toStrangers;
    int asked = node.service.received.size();
    try {
      node.service.toStrangers = PeerReply.refused("checkpoint_ahead");
      HttpWitnesses witnesses =
          new HttpWitnesses(
              witness -> {
                // It is asked for before each request.
                if (node.service.received.size() - asked == 2) {
                  node.service.toStrangers = PeerReply.ok(Bytes.utf8("CONSISTENT"));
                }
                return client;
              });
      assertEquals(
          WitnessLink.Comparison.CONSISTENT,
          witnesses.showCheckpoint("bank-x", Bytes.utf8("a later one")));
      assertEquals(3, node.service.received.size() - asked);
    } finally {
      node.service.toStrangers = before;
    }
  }

  @Test
  void readsTheLedger() throws ApiException {
    assertEquals(
        MemoryNode.ACCOUNT, client.account(MemoryNode.ACCOUNT).orElseThrow().get("id").asText());
    assertEquals(Optional.empty(), client.account("00".repeat(16)));
    assertEquals("CZK", client.assets(Optional.empty()).items().get(0).get("code").asText());
    assertEquals(1, client.accounts(Optional.empty()).items().size());
    Page<JsonNode> rest = client.transfers(MemoryNode.ACCOUNT, Optional.of("1"));
    assertEquals(2, rest.items().size());
    assertEquals(Optional.empty(), rest.next());
  }

  @Test
  void believesThePinnedNodeAtAnyName() throws ApiException {
    assertEquals(RunningNode.NODE, client.pinnedTo(RunningNode.NODE).status().node());
    ApiException wrong =
        assertThrows(ApiException.class, () -> client.pinnedTo(RunningNode.PEER).status());
    assertEquals("tls_failed", wrong.code());
    assertEquals(0, wrong.status());
  }

  @Test
  void believesItsOwnConsortiumOnly() {
    ApiClient stranger =
        ApiClient.of(node.urls().client(), List.of(new TestPki("consortium").ca()));

    assertEquals("tls_failed", assertThrows(ApiException.class, stranger::status).code());
  }

  @Test
  void checksTheHostNameUnlessPinned() throws ApiException {
    // 127.0.0.2 is the same machine under a name that is in no certificate.
    try (RunningNode elsewhere = new RunningNode("127.0.0.2")) {
      ApiClient byName = ApiClient.of(elsewhere.urls().client(), List.of(elsewhere.pki.ca()));

      assertEquals("tls_failed", assertThrows(ApiException.class, byName::status).code());
      assertEquals(RunningNode.NODE, byName.pinnedTo(RunningNode.NODE).status().node());
    }
  }

  /** An https server with the node's kind of certificate that answers as told. */
  private static ApiException failureAgainst(Consumer<HttpServerResponse> behaviour) {
    return failureAgainst(behaviour, ApiClient::status);
  }

  private interface Call {
    Object of(ApiClient client) throws ApiException;
  }

  private static ApiException failureAgainst(Consumer<HttpServerResponse> behaviour, Call call) {
    Vertx vertx = node.vertx;
    HttpServer server =
        RunningNode.get(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                        .setKeyCertOptions(node.pki.node("bank-c", "EC").keyCertOptions()))
                .requestHandler(request -> behaviour.accept(request.response().setChunked(true)))
                .listen(0, "127.0.0.1"));
    ApiClient client =
        ApiClient.of(
            URI.create("https://127.0.0.1:" + server.actualPort()), List.of(node.pki.ca()));
    ApiException failure = assertThrows(ApiException.class, () -> call.of(client));
    RunningNode.get(server.close());
    return failure;
  }

  @Test
  void cutsOffAnAnswerWithoutEnd() {
    byte[] megabyte = new byte[1 << 20];
    ApiException failure =
        failureAgainst(
            response -> {
              for (int i = 0; i < 17; i++) {
                response.write(Buffer.buffer(megabyte));
              }
            });

    assertTrue(failure.getMessage().contains("more than"), failure.getMessage());
  }

  @Test
  void cutsOffAnEventWithoutEnd() {
    byte[] megabyte = new byte[1 << 20];
    ApiException failure =
        failureAgainst(
            response -> {
              response.write("id: 0\ndata: ");
              response.write(Buffer.buffer(megabyte)).onSuccess(sent -> response.write(" "));
            },
            client -> client.events(0, event -> false).await(Duration.ofSeconds(20)));

    assertEquals("stream_failed", failure.code());
    assertTrue(failure.getMessage().contains("a line of more than"), failure.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "{\"node\":[]}", "{\"node\":\"a\",\"node\":\"b\"}", "[]"})
  void noticesNonsense(String body) {
    assertEquals("nonsense", failureAgainst(response -> response.end(body)).code());
  }

  @Test
  void tellsAProxysErrorsFromTheNodes() {
    ApiException failure =
        failureAgainst(response -> response.setStatusCode(502).end("Bad Gateway"));

    assertEquals(502, failure.status());
    assertEquals("status_502", failure.code());
  }

  @Test
  void tellsWhenNobodyListens() {
    HttpServer gone =
        RunningNode.get(
            node.vertx.createHttpServer().requestHandler(r -> {}).listen(0, "127.0.0.1"));
    int port = gone.actualPort();
    RunningNode.get(gone.close());
    ApiClient lost = ApiClient.of(URI.create("https://127.0.0.1:" + port), List.of(node.pki.ca()));

    assertEquals("unreachable", assertThrows(ApiException.class, lost::status).code());
  }
}
