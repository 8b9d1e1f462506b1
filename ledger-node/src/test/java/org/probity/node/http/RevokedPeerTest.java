package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerClient;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerLimits;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.http.wire.LogFrame;

/**
 * A revoked certificate opens no connection, in either direction: not with a full handshake, not
 * with one that resumes a session, and what was open with it ends.
 */
class RevokedPeerTest {
  private static final String PATH = "/log/checkpoint";
  private static final PeerLimits PATIENT =
      new PeerLimits(
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          64,
          1 << 20);

  private static RunningNode node;

  @BeforeAll
  static void start() {
    node = new RunningNode();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static void revoke(TestIdentity identity) {
    node.revoked.addAll(identity.certificates());
  }

  @Test
  void isRefusedInTheHandshakeByTheListener() {
    TestIdentity identity = node.pki.node(RunningNode.PEER, "Ed25519");
    revoke(identity);
    TestClient peer = node.peer(identity);
    assertThrows(RunningNode.FailedFuture.class, () -> peer.get(PATH));
    assertEquals(
        200, node.peer(node.pki.node(RunningNode.PEER, "Ed25519")).get(PATH).status(), "another");
  }

  /** The first connection is closed by the client, so the next request resumes its session. */
  @Test
  void isRefusedByTheListenerWhenItResumesASession() {
    TestIdentity identity = node.pki.node(RunningNode.PEER, "Ed25519");
    TestClient peer = node.peer(identity);
    HttpConnection first = connection(peer);
    RunningNode.get(first.close());
    assertEquals(200, peer.get(PATH).status());
    RunningNode.get(connection(peer).close());

    revoke(identity);

    TestClient.Answer answer = peer.get(PATH);
    assertEquals(403, answer.status());
    assertEquals("certificate_revoked", answer.problem());
  }

  /** Well before it would be closed for being idle: 120 s. */
  @Test
  void losesItsIdleConnectionAtTheListener() {
    TestIdentity identity = node.pki.node(RunningNode.PEER, "Ed25519");
    Promise<Void> closed = Promise.promise();
    connection(node.peer(identity)).closeHandler(end -> closed.tryComplete());

    revoke(identity);

    RunningNode.get(closed.future());
  }

  private static HttpConnection connection(TestClient peer) {
    Promise<HttpConnection> connection = Promise.promise();
    node.vertx.runOnContext(
        turn ->
            peer.agent()
                .request(peer.options(HttpMethod.GET, PATH))
                .compose(
                    request ->
                        request
                            .send()
                            .compose(HttpClientResponse::body)
                            .map(body -> request.connection()))
                .onComplete(connection));
    return RunningNode.get(connection.future());
  }

  /** A peer whose certificate is revoked at some time, and a client of it. */
  private static final class Reached implements AutoCloseable {
    final TestIdentity identity = node.pki.node("bank-c", "Ed25519");
    final BlockingQueue<HttpConnection> connections = new LinkedBlockingQueue<>();
    final CountDownLatch streaming = new CountDownLatch(1);
    final Set<X509Certificate> revoked = ConcurrentHashMap.newKeySet();
    final HttpServer server =
        RunningNode.get(
            node.vertx
                .createHttpServer(
                    ServerOptions.tls(
                        ListenAddress.loopback(), HttpLimits.peers(), identity.keyCertOptions()))
                .connectionHandler(connections::add)
                .requestHandler(
                    it -> {
                      if (it.path().equals(PATH)) {
                        it.response().end("newest");
                      } else {
                        it.response().setChunked(true).writeHead();
                        streaming.countDown();
                      }
                    })
                .listen());
    final PeerClient client =
        new PeerClient(
            node.vertx,
            node.pki.node(RunningNode.PEER, "Ed25519").keyCertOptions(),
            new PeerTrust(List.of(node.pki.ca()), revoked::contains),
            name -> Optional.of(new AddressBook.Address("127.0.0.1", server.actualPort())),
            PATIENT);

    HttpConnection next() throws InterruptedException {
      HttpConnection connection = connections.poll(20, TimeUnit.SECONDS);
      if (connection == null) {
        throw new AssertionError("no connection");
      }
      return connection;
    }

    void ask() {
      RunningNode.get(client.newestCheckpoint("bank-c"));
    }

    /** Until it no longer uses the connection that was closed here; that is what it comes to. */
    void askAnew(String expected) {
      String found = "";
      for (int tries = 0; tries < 50 && !expected.equals(found); tries++) {
        try {
          ask();
          found = "newest";
        } catch (RunningNode.FailedFuture e) {
          PeerFailure failure = (PeerFailure) e.getCause();
          found = failure.code();
          assertFalse(failure.getMessage().contains("was revoked"), "nothing is resumed");
        }
      }
      assertEquals(expected, found);
    }

    PeerFailure refused() {
      return (PeerFailure) assertThrows(RunningNode.FailedFuture.class, this::ask).getCause();
    }

    @Override
    public void close() {
      RunningNode.get(client.close());
      RunningNode.get(server.close());
    }
  }

  @Test
  void isRefusedInTheHandshakeByTheClient() {
    try (Reached peer = new Reached()) {
      peer.revoked.addAll(peer.identity.certificates());
      PeerFailure failure = peer.refused();
      assertEquals(PeerFailure.Kind.UNREACHABLE, failure.kind());
      assertEquals("connection_failed", failure.code(), failure.getMessage());
    }
  }

  @Test
  void isRefusedByTheClientOnTheConnectionItHas() throws Exception {
    try (Reached peer = new Reached()) {
      peer.ask();
      Promise<Void> closed = Promise.promise();
      peer.next().closeHandler(end -> closed.tryComplete());
      peer.revoked.addAll(peer.identity.certificates());
      PeerFailure failure = peer.refused();
      assertEquals(PeerFailure.Kind.UNREACHABLE, failure.kind());
      assertEquals("certificate_revoked", failure.code());
      RunningNode.get(closed.future());
    }
  }

  /** The trust manager is not asked then: the handshake goes through, the request does not. */
  @Test
  void isRefusedByTheClientWhenItResumesASession() throws Exception {
    try (Reached peer = new Reached()) {
      peer.ask();
      RunningNode.get(peer.next().close());
      peer.askAnew("newest");
      RunningNode.get(peer.next().close());
      peer.revoked.addAll(peer.identity.certificates());
      peer.askAnew("certificate_revoked");
    }
  }

  @Test
  void losesWhatTheClientHasOpenWhenTheListArrives() throws Exception {
    try (Reached peer = new Reached()) {
      BlockingQueue<PeerFailure> end = new LinkedBlockingQueue<>();
      peer.client.stream(
          "bank-c",
          0,
          new LogStreamReader() {
            @Override
            public void frame(LogFrame frame) {
              throw new AssertionError("nothing is sent");
            }

            @Override
            public void ended(PeerFailure reason) {
              end.add(reason);
            }
          });
      assertTrue(peer.streaming.await(20, TimeUnit.SECONDS), "nobody asks for the stream");
      peer.client.closeRevoked();
      peer.revoked.addAll(peer.identity.certificates());

      peer.client.closeRevoked();

      PeerFailure reason = end.poll(20, TimeUnit.SECONDS);
      assertEquals(PeerFailure.Kind.UNREACHABLE, reason == null ? null : reason.kind());
    }
  }
}
