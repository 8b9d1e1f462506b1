package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.probity.node.identity.IdentityFixtures.authority;
import static org.probity.node.identity.IdentityFixtures.enrol;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.http.tls.PeerTrust;

/** Real handshakes: what the peer listener and the client listener will be configured with. */
class TlsIdentityTest {
  @TempDir Path directory;
  private Vertx vertx;
  private CertificateAuthority authority;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    authority = authority();
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private LiveTlsIdentity identity(CertificateAuthority issuer, String node) {
    Path folder = directory.resolve(node + "-" + System.identityHashCode(issuer));
    NodeKeys keys = enrol(issuer, node, folder);
    return LiveTlsIdentity.load(folder, Optional.empty(), keys, node);
  }

  private HttpServer peerListener(LiveTlsIdentity identity) throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setSsl(true)
            .setUseAlpn(true)
            .setClientAuth(ClientAuth.REQUIRED)
            .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
            .setKeyCertOptions(identity.peerKey())
            .setTrustOptions(trust(identity));
    return await(
        vertx
            .createHttpServer(options)
            .requestHandler(
                request -> {
                  try {
                    X509Certificate peer =
                        (X509Certificate)
                            request.connection().sslSession().getPeerCertificates()[0];
                    request
                        .response()
                        .end(PeerIdentity.nodeOf(peer).orElse("?") + " " + request.version());
                  } catch (SSLPeerUnverifiedException e) {
                    request.response().setStatusCode(401).end();
                  }
                })
            .listen());
  }

  private String get(HttpClientOptions options, int port) throws Exception {
    HttpClient client = vertx.createHttpClient(options);
    return await(
        client
            .request(HttpMethod.GET, port, "localhost", "/")
            .compose(request -> request.send())
            .compose(response -> response.body())
            .map(body -> body.toString()));
  }

  private static HttpClientOptions client() {
    return new HttpClientOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
  }

  private static TrustOptions trust(LiveTlsIdentity identity) {
    return PeerTrust.of(identity.roots()).clients();
  }

  @Test
  void nodesAuthenticateEachOtherOverHttp2() throws Exception {
    HttpServer server = peerListener(identity(authority, "bank-a"));
    LiveTlsIdentity caller = identity(authority, "bank-b");
    HttpClientOptions options =
        client().setKeyCertOptions(caller.peerKey()).setTrustOptions(trust(caller));
    assertEquals("bank-b HTTP_2", get(options, server.actualPort()));
  }

  @Test
  void aCertificateOfAnotherConsortiumIsRefusedOnBothSides() throws Exception {
    HttpServer server = peerListener(identity(authority, "bank-a"));
    LiveTlsIdentity stranger = identity(authority(), "bank-b");
    LiveTlsIdentity caller = identity(authority, "bank-b");
    // They do not trust us, we do not trust them.
    assertThrows(
        ExecutionException.class,
        () ->
            get(
                client().setKeyCertOptions(caller.peerKey()).setTrustOptions(trust(stranger)),
                server.actualPort()));
    assertThrows(
        ExecutionException.class,
        () ->
            get(
                client().setKeyCertOptions(stranger.peerKey()).setTrustOptions(trust(caller)),
                server.actualPort()));
    assertThrows(
        ExecutionException.class,
        () -> get(client().setTrustOptions(trust(caller)), server.actualPort()));
  }

  @Test
  void theClientListenerServesBothKindsOfKeys() throws Exception {
    LiveTlsIdentity identity = identity(authority, "bank-a");
    HttpServer server =
        await(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(0)
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setKeyCertOptions(identity.clientListenerKey()))
                .requestHandler(request -> request.response().end("hello"))
                .listen());
    assertEquals("hello", get(client().setTrustOptions(trust(identity)), server.actualPort()));

    Path roots = directory.resolve("roots.pem");
    PemFiles.writeCertificates(roots, authority.roots());
    for (String[] kind :
        new String[][] {{"ecdsa_secp256r1_sha256", "ecdsa"}, {"ed25519", "ed25519"}}) {
      String session =
          PemFilesTest.OpenSsl.run(
                  "s_client",
                  "-connect",
                  "localhost:" + server.actualPort(),
                  "-tls1_3",
                  "-sigalgs",
                  kind[0],
                  "-CAfile",
                  roots.toString(),
                  "-verify_return_error",
                  "-verify_hostname",
                  "localhost")
              .text();
      assertEquals(
          true,
          session.toLowerCase(Locale.ROOT).contains("peer signature type: " + kind[1]),
          session);
      assertEquals(true, session.contains("Verify return code: 0 (ok)"), session);
    }
  }
}
