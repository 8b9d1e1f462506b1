package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
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
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.identity.CertificateAuthority;
import org.probity.node.identity.CertificateRegister;
import org.probity.node.identity.KeyKind;
import org.probity.node.identity.LiveTlsIdentity;
import org.probity.node.identity.NodeCertificates;
import org.probity.node.identity.NodeIdentityFiles;
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
  private LiveTlsIdentity own;
  private NodeListeners listeners;

  @BeforeEach
  void start() {
    authority = CertificateAuthority.create("Test consortium", Instant.now(), random);
    own = identity("bank-a");
    ListenerConfig loopback = new ListenerConfig(ListenAddress.loopback(), HttpLimits.clients());
    listeners =
        RunningNode.get(
            NodeListeners.start(
                vertx,
                new NodeListeners.Setup(
                    loopback,
                    loopback,
                    loopback,
                    ListenerTls.of(own, PeerTrust.of(own.roots())),
                    AccessRules.open(),
                    ActionRecord.NONE,
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

  private LiveTlsIdentity identity(String node) {
    Path own = directory.resolve(node);
    NodeKeys keys = NodeKeys.generate(random);
    keys.save(own);
    NodeCertificates.issue(authority, keys, node, node, List.of(), Instant.now()).save(own);
    return LiveTlsIdentity.load(own, Optional.empty(), keys, node);
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
    LiveTlsIdentity peer = identity("bank-b");
    PeerClient client =
        new PeerClient(
            vertx,
            peer.peerKey(),
            PeerTrust.of(peer.roots()),
            node ->
                Optional.of(
                    new AddressBook.Address("127.0.0.1", listeners.urls().peer().getPort())),
            PeerLimits.standard());

    assertEquals(
        PeerReply.ok(Bytes.utf8("bank-b")),
        RunningNode.get(client.checkpoint("bank-a", Bytes.utf8("view"))));
    RunningNode.get(client.close());
  }

  /** New keys and certificates in the folder of an identity that was made here. */
  private List<String> renew(String node, LiveTlsIdentity identity) {
    Path own = directory.resolve(node);
    List<X509Certificate> issued =
        NodeIdentityFiles.requestsForNewTlsKeys(
                own, Optional.empty(), node, node, List.of(), random)
            .stream()
            .map(one -> authority.issue(one, Instant.now(), CertificateAuthority.DEFAULT_VALIDITY))
            .toList();
    NodeIdentityFiles.install(own, Optional.empty(), node, issued, Instant.now());
    assertTrue(identity.refresh(Instant.now()));
    return issued.stream().map(CertificateRegister::serialOf).toList();
  }

  private static String shown(HttpConnection connection) {
    try {
      return CertificateRegister.serialOf(
          (X509Certificate) connection.sslSession().getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException e) {
      return "none";
    }
  }

  private HttpClientAgent agent(Optional<LiveTlsIdentity> shows) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(true)
            .setUseAlpn(true)
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
            .setTrustOptions(TrustOptions.wrap(TlsIdentity.trustManager(authority.roots())));
    shows.ifPresent(identity -> options.setKeyCertOptions(identity.peerKey()));
    return vertx.createHttpClient(options);
  }

  private static HttpClientRequest request(HttpClientAgent agent, int port) {
    return RunningNode.get(agent.request(HttpMethod.GET, port, "localhost", "/v1/status"));
  }

  /** Nothing is resumed either: a resumed session would go on showing the former certificate. */
  @Test
  void renewedAreShownByListenersFromTheNextConnectionOn() {
    HttpClientAgent agent = agent(Optional.of(identity("bank-b")));
    for (int port :
        List.of(listeners.urls().client().getPort(), listeners.urls().peer().getPort())) {
      HttpClientRequest first = request(agent, port);
      String before = shown(first.connection());
      List<String> renewed = renew("bank-a", own);
      RunningNode.get(listeners.show(own.clientListenerKey(), own.peerKey()));

      RunningNode.get(first.send().compose(HttpClientResponse::body));
      HttpClientRequest same = request(agent, port);
      assertEquals(before, shown(same.connection()), "an open connection stays");
      assertSame(first.connection(), same.connection());
      RunningNode.get(first.connection().close());
      HttpClientRequest next = request(agent, port);
      assertTrue(renewed.contains(shown(next.connection())));
      assertEquals(HttpVersion.HTTP_2, next.version());
      RunningNode.get(next.connection().close());
    }
    RunningNode.get(agent.close());
    // And peers still have to show who they are.
    HttpClientAgent stranger = agent(Optional.empty());
    assertThrows(
        RunningNode.FailedFuture.class,
        () ->
            RunningNode.get(
                stranger
                    .request(
                        HttpMethod.GET, listeners.urls().peer().getPort(), "localhost", "/log/x")
                    .compose(HttpClientRequest::send)));
    RunningNode.get(stranger.close());
  }

  @Test
  void renewedAreShownToPeersFromTheNextRequestOn() {
    List<HttpConnection> connections = new CopyOnWriteArrayList<>();
    AtomicInteger closed = new AtomicInteger();
    HttpServer peer =
        RunningNode.get(
            vertx
                .createHttpServer(
                    ServerOptions.mutualTls(
                        ListenAddress.loopback(),
                        HttpLimits.peers(),
                        own.peerKey(),
                        PeerTrust.of(own.roots()).clients()))
                .connectionHandler(
                    connection -> {
                      connections.add(connection);
                      connection.closeHandler(end -> closed.incrementAndGet());
                    })
                .requestHandler(it -> it.response().end(shown(it.connection())))
                .listen());
    LiveTlsIdentity caller = identity("bank-b");
    PeerClient client =
        new PeerClient(
            vertx,
            caller.peerKey(),
            PeerTrust.of(caller.roots()),
            node -> Optional.of(new AddressBook.Address("127.0.0.1", peer.actualPort())),
            PeerLimits.standard());
    RunningNode.get(client.newestCheckpoint("bank-a"));

    Bytes renewed = Bytes.utf8(renew("bank-b", caller).get(0));
    RunningNode.get(client.show(caller.peerKey()));

    assertEquals(renewed, RunningNode.get(client.newestCheckpoint("bank-a")));
    assertEquals(2, connections.size());
    assertEquals(0, closed.get(), "what is under way ends on the connection it began on");
    // Also by a client that was not there before.
    client.disconnect("bank-a");
    assertEquals(renewed, RunningNode.get(client.newestCheckpoint("bank-a")));
    RunningNode.get(client.close());
    RunningNode.get(peer.close());
  }
}
