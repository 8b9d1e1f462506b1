package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.peer.PeerClient;
import org.probity.node.http.peer.PeerLimits;
import org.probity.node.http.tls.ListenerTls;
import org.probity.node.identity.CertificateAuthority;
import org.probity.node.identity.KeyKind;
import org.probity.node.identity.NodeCertificates;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.TlsIdentity;
import org.probity.node.metrics.NodeMetrics;

/** Listeners and clients with certificates as a consortium's own authority issues them. */
class ConsortiumCertificatesTest {
  @TempDir private Path directory;

  private final Vertx vertx = AcceptGate.open(new VertxOptions());
  private final SecureRandom random = new SecureRandom();
  private final MemoryNode service = new MemoryNode("bank-a", "bank-a", "bank-b");
  private final NodeMetrics metrics = NodeMetrics.forNode("bank-a", "test");
  private CertificateAuthority authority;
  private NodeListeners listeners;

  @BeforeEach
  void start() {
    authority = CertificateAuthority.create("Test consortium", Instant.now(), random);
    ListenerConfig loopback = new ListenerConfig(ListenAddress.loopback(), HttpLimits.clients());
    listeners =
        RunningNode.get(
            NodeListeners.start(
                vertx,
                new NodeListeners.Setup(
                    loopback,
                    loopback,
                    loopback,
                    ListenerTls.of(identity("bank-a")),
                    "test",
                    List.of()),
                service,
                service,
                metrics));
  }

  @AfterEach
  void stop() {
    RunningNode.get(listeners.shutdown(Duration.ZERO));
    RunningNode.get(vertx.close());
    metrics.close();
  }

  private TlsIdentity identity(String node) {
    Path own = directory.resolve(node);
    NodeKeys keys = NodeKeys.generate(random);
    keys.save(own);
    NodeCertificates.issue(authority, keys, node, node, List.of(), Instant.now()).save(own);
    return TlsIdentity.load(own, keys, node, Instant.now());
  }

  @Test
  void serveClients() throws ApiException {
    ApiClient client = ApiClient.of(listeners.urls().client(), authority.roots());

    assertEquals("bank-a", client.status().node());
    assertEquals("bank-a", client.pinnedTo("bank-a").status().node());
  }

  /** Chromium takes no Ed25519 anywhere in a chain. */
  @Test
  void serveBrowsersThatKnowTheEcdsaRootOnly() {
    X509Certificate root = authority.root(KeyKind.P256);
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(true)
            .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
            .setTrustOptions(TrustOptions.wrap(TlsIdentity.trustManager(List.of(root))));
    HttpClientAgent browser = vertx.createHttpClient(options);
    int status =
        RunningNode.get(
            browser
                .request(
                    HttpMethod.GET, listeners.urls().client().getPort(), "localhost", "/v1/status")
                .compose(request -> request.send())
                .map(response -> response.statusCode()));

    assertEquals(200, status);
    // Also keeps it reachable until here: Vert.x closes clients that are garbage.
    RunningNode.get(browser.close());
  }

  @Test
  void servePeers() {
    TlsIdentity peer = identity("bank-b");
    PeerClient client =
        new PeerClient(
            vertx,
            peer.peerKey(),
            peer.roots(),
            node ->
                Optional.of(
                    new AddressBook.Address("127.0.0.1", listeners.urls().peer().getPort())),
            PeerLimits.standard());

    assertEquals(
        PeerReply.ok(Bytes.utf8("bank-b")),
        RunningNode.get(client.checkpoint("bank-a", Bytes.utf8("view"))));
    RunningNode.get(client.close());
  }
}
