package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.crypto.Hash;
import org.probity.node.access.Callers;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.RequestLimits;
import org.probity.node.access.Role;
import org.probity.node.http.tls.PeerTrust;

/**
 * A caller whose certificate is revoked is refused whatever it asks for, although the operator
 * still lists it: with a full handshake, with one that resumes a session, and on the connection
 * that it has.
 */
class RevokedCallerTest {
  /** What everybody may ask for, by listener. */
  private static final Map<String, String> PATHS =
      Map.of(NodeListeners.CLIENTS, "/log/checkpoint", NodeListeners.OPERATIONS, "/livez");

  private static final AtomicReference<Callers> CALLERS = new AtomicReference<>(Callers.NOBODY);
  private static final Set<X509Certificate> REVOKED = ConcurrentHashMap.newKeySet();

  private static RunningNode node;

  @BeforeAll
  static void start() {
    node =
        new RunningNode(
            pki ->
                new AccessRules(
                    CALLERS::get,
                    Set.of(),
                    Optional.of(new PeerTrust(List.of(pki.ca()), REVOKED::contains)),
                    true,
                    RequestLimits.standard()),
            ListenAddress.loopback());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /** Somebody whom the operator has listed by certificate. */
  private static final class Caller {
    private final X509Certificate certificate;
    private final TestClient client;
    private final String path;

    Caller(String listener) {
      TestIdentity.Entry entry = node.pki.entry("auditor");
      certificate = entry.chain().get(0);
      path = PATHS.get(listener);
      TestIdentity identity = TestIdentity.of(List.of(entry), List.of(node.pki.ca()));
      boolean isClient = listener.equals(NodeListeners.CLIENTS);
      client =
          isClient
              ? node.clientShowing(identity)
              : new TestClient(node.vertx, node.urls().ops(), identity, false);
      CALLERS.set(new Callers(List.of(known(certificate))));
    }

    private static KnownCaller known(X509Certificate certificate) {
      try {
        return new KnownCaller(
            "auditor",
            KnownCaller.Proof.CERTIFICATE,
            Hash.sha256(certificate.getEncoded()),
            Set.of(Role.AUDIT),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty());
      } catch (CertificateEncodingException e) {
        throw new AssertionError(e);
      }
    }

    void isRevoked() {
      REVOKED.add(certificate);
    }

    TestClient.Answer ask() {
      return client.get(path);
    }

    /** The one on which a request was answered. */
    HttpConnection connection() {
      Promise<HttpConnection> connection = Promise.promise();
      node.vertx.runOnContext(
          turn ->
              client
                  .agent()
                  .request(client.options(HttpMethod.GET, path))
                  .compose(
                      request ->
                          request
                              .send()
                              .compose(HttpClientResponse::body)
                              .map(body -> request.connection()))
                  .onComplete(connection));
      return RunningNode.get(connection.future());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {NodeListeners.CLIENTS, NodeListeners.OPERATIONS})
  void shakesNoHands(String listener) {
    Caller caller = new Caller(listener);
    caller.isRevoked();
    assertThrows(RunningNode.FailedFuture.class, caller::ask);
    assertEquals(200, new Caller(listener).ask().status(), "another");
    assertEquals(200, node.client().get(PATHS.get(NodeListeners.CLIENTS)).status(), "nobody");
  }

  /** The first connection is closed by the client, so the next request resumes its session. */
  @ParameterizedTest
  @ValueSource(strings = {NodeListeners.CLIENTS, NodeListeners.OPERATIONS})
  void isRefusedWhenItResumesASession(String listener) {
    Caller caller = new Caller(listener);
    RunningNode.get(caller.connection().close());
    assertEquals(200, caller.ask().status());
    RunningNode.get(caller.connection().close());

    caller.isRevoked();
    node.recorded.clear();

    TestClient.Answer answer = caller.ask();
    assertEquals(403, answer.status());
    assertEquals("certificate_revoked", answer.problem());
    // Who would have operated the node is known, although it is not let in.
    String refused =
        "auditor | refused | GET /livez: the authority has revoked this certificate of auditor"
            + " | certificate_revoked";
    assertEquals(
        listener.equals(NodeListeners.OPERATIONS) ? List.of(refused) : List.of(), node.recorded);
  }

  /** Well before it would be closed for being idle, which is after 30 s for operations. */
  @ParameterizedTest
  @ValueSource(strings = {NodeListeners.CLIENTS, NodeListeners.OPERATIONS})
  void losesItsIdleConnection(String listener) throws Exception {
    Promise<Void> closed = Promise.promise();
    Caller caller = new Caller(listener);
    caller.connection().closeHandler(end -> closed.tryComplete());

    caller.isRevoked();

    closed.future().toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }
}
