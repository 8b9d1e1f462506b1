package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Origin;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;

/** Who gets in at the peers' listener, and what it does for them. */
class PeerListenerTest {
  private static final String BINARY = "application/octet-stream";

  private static RunningNode node;
  private static TestClient peer;

  @BeforeAll
  static void start() {
    node = new RunningNode();
    peer = node.peer(node.pki.node(RunningNode.PEER, "Ed25519"));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static void assertNoHandshake(TestIdentity identity) {
    TestClient stranger = node.peer(identity);
    assertThrows(RunningNode.FailedFuture.class, () -> stranger.get("/log/checkpoint"));
  }

  @Test
  void letsCurrentNodesIn() {
    assertEquals(200, peer.get("/log/checkpoint").status());
    assertEquals(200, node.peer(node.pki.node("bank-c", "EC")).get("/log/checkpoint").status());
  }

  @Test
  void refusesWhoShowsNoCertificate() {
    assertNoHandshake(node.pki.anonymous());
  }

  @Test
  void refusesCertificatesOfAnotherAuthority() {
    TestPki foreign = new TestPki("consortium");
    TestClient stranger =
        node.peer(
            TestIdentity.of(List.of(foreign.entry(RunningNode.PEER)), List.of(node.pki.ca())));

    assertThrows(RunningNode.FailedFuture.class, () -> stranger.get("/log/checkpoint"));
  }

  @Test
  void refusesExpiredCertificates() {
    assertNoHandshake(node.pki.expired(RunningNode.PEER));
  }

  @Test
  void refusesCertificatesThatNameNoNode() {
    TestClient.Answer answer = node.peer(node.pki.nameless()).get("/log/checkpoint");

    assertEquals(403, answer.status());
    assertEquals("certificate_without_node", answer.problem());
  }

  @Test
  void refusesNodesOfNoMember() {
    TestClient.Answer answer =
        node.peer(node.pki.node(RunningNode.REVOKED, "Ed25519")).get("/log/checkpoint");

    assertEquals(403, answer.status());
    assertEquals("not_a_current_node", answer.problem());
  }

  @Test
  void refusesOlderTls() {
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(true)
            .setEnabledSecureTransportProtocols(Set.of("TLSv1.2"))
            .setKeyCertOptions(node.pki.node(RunningNode.PEER, "EC").keyCertOptions())
            .setTrustOptions(node.pki.anonymous().trustOptions());
    HttpClientAgent old = node.vertx.createHttpClient(options);
    RunningNode.FailedFuture failure =
        assertThrows(
            RunningNode.FailedFuture.class,
            () ->
                RunningNode.get(
                    old.request(
                        HttpMethod.GET,
                        node.urls().peer().getPort(),
                        "127.0.0.1",
                        "/log/checkpoint")));
    RunningNode.get(old.close());

    assertTrue(failure.getCause() instanceof SSLHandshakeException, failure.toString());
  }

  @Test
  void refusesARevokedNodeOnTheConnectionItHas() {
    node.service.currentNodes.add("bank-d");
    TestClient member = node.peer(node.pki.node("bank-d", "Ed25519"));
    assertEquals(200, member.get("/log/checkpoint").status());

    node.service.currentNodes.remove("bank-d");

    assertEquals("not_a_current_node", member.get("/log/checkpoint").problem());
  }

  /** Well before it would be closed for being idle: 120 s. */
  @Test
  void closesTheIdleConnectionOfARevokedNode() {
    node.service.currentNodes.add("bank-g");
    TestClient member = node.peer(node.pki.node("bank-g", "Ed25519"));
    Promise<Void> closed = Promise.promise();
    Promise<Integer> status = Promise.promise();
    node.vertx.runOnContext(
        turn ->
            member
                .agent()
                .request(member.options(HttpMethod.GET, "/log/checkpoint"))
                .compose(
                    request -> {
                      request.connection().closeHandler(over -> closed.tryComplete());
                      return request.send();
                    })
                .map(HttpClientResponse::statusCode)
                .onComplete(status));
    assertEquals(200, RunningNode.get(status.future()));

    node.service.currentNodes.remove("bank-g");

    RunningNode.get(closed.future());
  }

  @Test
  void aSuspendedNodeMayAskForDecisionsAndNothingElse() {
    node.service.currentNodes.add("bank-e");
    TestClient member = node.peer(node.pki.node("bank-e", "Ed25519"));
    assertEquals(200, member.get("/log/checkpoint").status());

    node.service.standings.put("bank-e", PeerStanding.SUSPENDED);

    assertEquals("node_suspended", member.get("/log/checkpoint").problem());
    assertEquals(
        200, member.post("/peer/v1/governance", BINARY, Buffer.buffer("what is new")).status());
    node.service.standings.put("bank-e", PeerStanding.REVOKED);
    assertEquals(
        "node_revoked",
        member.post("/peer/v1/governance", BINARY, Buffer.buffer("what is new")).problem());
    node.service.standings.remove("bank-e");
    assertEquals(200, member.get("/log/checkpoint").status());
  }

  @Test
  void passesMessagesOnWithTheirSender() {
    TestClient.Answer answer = peer.post("/peer/v1/checkpoint", BINARY, Buffer.buffer("view"));

    assertEquals(200, answer.status());
    assertEquals(RunningNode.PEER, answer.text());
    assertTrue(node.service.received.contains(Bytes.utf8("view")));
  }

  @Test
  void answersAnEnvelopeWithTheAckOrTheHeldSize() {
    assertEquals("ack", peer.post("/peer/v1/envelope", BINARY, Buffer.buffer("e")).text());
    node.service.envelopeReply = PeerReply.wrongBase(17);
    TestClient.Answer wrongBase = peer.post("/peer/v1/envelope", BINARY, Buffer.buffer("e"));
    node.service.envelopeReply = PeerReply.ok(Bytes.utf8("ack"));

    assertEquals(409, wrongBase.status());
    assertEquals("text/x.tlog.size", wrongBase.header("content-type"));
    assertEquals("17\n", wrongBase.text());
  }

  @Test
  void refusesLongMessages() {
    Buffer body = Buffer.buffer(new byte[PeerRoutes.MAX_ENVELOPE_BYTES + 1]);

    assertEquals("body_too_large", peer.post("/peer/v1/envelope", BINARY, body).problem());
    assertEquals("evidence_rejected", peer.post("/peer/v1/evidence", BINARY, body).problem());
    assertEquals(
        "body_too_large",
        peer.post(
                "/peer/v1/evidence",
                BINARY,
                Buffer.buffer(new byte[PeerRoutes.MAX_EVIDENCE_BYTES + 1]))
            .problem());
  }

  @Test
  void takesChallenges() {
    Buffer statement = Buffer.buffer("challenge");
    assertEquals("answer", peer.post("/peer/v1/challenge", BINARY, statement).text());
    assertEquals(
        "body_too_large",
        peer.post(
                "/peer/v1/challenge",
                BINARY,
                Buffer.buffer(new byte[Challenge.MAX_STATEMENT_BYTES + 1]))
            .problem());
  }

  @Test
  void takesAudits() {
    Buffer statement = Buffer.buffer("audit");
    assertEquals(200, peer.post("/peer/v1/audit", BINARY, statement).status());
    assertEquals(
        "body_too_large",
        peer.post(
                "/peer/v1/audit",
                BINARY,
                Buffer.buffer(new byte[AuditStatement.MAX_STATEMENT_BYTES + 1]))
            .problem());
  }

  @Test
  void saysHowFarItKnowsALog() throws DecodeException {
    Hash known = Hash.sha256(new byte[] {1});
    HeldLog held = new HeldLog(true, 0, Optional.of(Bytes.utf8("signed")));
    node.service.held.put(known, held);

    TestClient.Answer answer = peer.get("/peer/v1/log/" + known.toHex() + "/held");
    assertEquals("application/cbor", answer.header("content-type"));
    assertEquals(held, HeldLog.decode(Bytes.wrap(answer.body().getBytes())));
    assertEquals(
        HeldLog.UNKNOWN,
        HeldLog.decode(
            Bytes.wrap(peer.get("/peer/v1/log/" + "00".repeat(32) + "/held").body().getBytes())));
    assertEquals("bad_origin_hash", peer.get("/peer/v1/log/zz/held").problem());
  }

  @Test
  void servesEntriesItHoldsForAWard() throws DecodeException {
    MemoryLog ward = new MemoryLog(new Origin(MemoryNode.NETWORK, "bank-c", 0), (byte) 3);
    ward.append(List.of(Bytes.utf8("one"), Bytes.utf8("two")));
    Hash origin = TileRoutes.originHash(ward.origin().format());
    node.service.replicas.put(origin, ward);
    String path = "/peer/v1/log/" + origin.toHex() + "/entries";

    LogFrame all = LogFrame.decode(Bytes.wrap(peer.get(path + "?from=0").body().getBytes()));
    LogFrame some = LogFrame.decode(Bytes.wrap(peer.get(path + "?from=1&to=2").body().getBytes()));

    assertEquals(ward.published().checkpoint(), all.checkpoint());
    assertEquals(3, all.entries().size());
    assertEquals(List.of(Bytes.utf8("one")), some.entries());
    assertEquals("not_found", peer.get(path + "?from=3").problem());
    assertEquals("bad_range", peer.get(path + "?from=2&to=1").problem());
    assertEquals("missing_parameter", peer.get(path).problem());
    assertEquals(
        "not_found", peer.get("/peer/v1/log/" + "00".repeat(32) + "/entries?from=0").problem());
    assertEquals("bad_origin_hash", peer.get("/peer/v1/log/zz/entries?from=0").problem());
  }

  @Test
  void showsTheOwnLogByOriginToo() {
    Hash origin = TileRoutes.originHash(node.service.log.origin().format());

    assertEquals(
        peer.get("/log/checkpoint").text(),
        peer.get("/replica/" + origin.toHex() + "/checkpoint").text());
  }
}
