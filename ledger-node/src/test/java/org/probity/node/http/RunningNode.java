package org.probity.node.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.probity.node.http.tls.ListenerTls;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.metrics.NodeMetrics;

/** A {@link MemoryNode} behind real listeners on loopback, with two current peers. */
final class RunningNode implements AutoCloseable {
  static final String NODE = "bank-a";
  static final String PEER = "bank-b";
  static final String REVOKED = "bank-x";

  final TestPki pki = new TestPki("consortium");
  final Vertx vertx = AcceptGate.open(new VertxOptions());
  final MemoryNode service = new MemoryNode(NODE, NODE, PEER, "bank-c");
  final NodeMetrics metrics = NodeMetrics.forNode(NODE, "test");
  final Set<X509Certificate> revoked = ConcurrentHashMap.newKeySet();

  /** What was put on record, one line each. */
  final List<String> recorded = new CopyOnWriteArrayList<>();

  final NodeListeners listeners;
  private final List<TestClient> clients = new CopyOnWriteArrayList<>();

  RunningNode() {
    this(HttpLimits.clients(), HttpLimits.peers());
  }

  /** With the clients' listener on another address of this machine. */
  RunningNode(String clientHost) {
    this(new ListenAddress(clientHost, 0, clientHost), HttpLimits.clients(), HttpLimits.peers());
  }

  RunningNode(HttpLimits clients, HttpLimits peers) {
    this(ListenAddress.loopback(), clients, peers);
  }

  /** With rules of who may do what. */
  RunningNode(Function<TestPki, AccessRules> rules, ListenAddress operations) {
    this(ListenAddress.loopback(), HttpLimits.clients(), HttpLimits.peers(), rules, operations);
  }

  private RunningNode(ListenAddress clientAddress, HttpLimits clients, HttpLimits peers) {
    this(clientAddress, clients, peers, pki -> AccessRules.open(), ListenAddress.loopback());
  }

  private RunningNode(
      ListenAddress clientAddress,
      HttpLimits clients,
      HttpLimits peers,
      Function<TestPki, AccessRules> rules,
      ListenAddress operations) {
    TestIdentity identity = pki.node(NODE, "Ed25519", "EC");
    ActionRecord actions =
        (who, what, about, outcome) -> recorded.add(String.join(" | ", who, what, about, outcome));
    listeners =
        get(
            NodeListeners.start(
                vertx,
                new NodeListeners.Setup(
                    new ListenerConfig(clientAddress, clients),
                    new ListenerConfig(ListenAddress.loopback(), peers),
                    new ListenerConfig(operations, HttpLimits.operations()),
                    new ListenerTls(
                        identity.keyCertOptions(),
                        identity.keyCertOptions(),
                        new PeerTrust(identity.anchors(), revoked::contains)),
                    rules.apply(pki),
                    actions,
                    "test",
                    List.of()),
                service,
                service,
                metrics));
  }

  NodeUrls urls() {
    return listeners.urls();
  }

  /** A client of the public listener. */
  TestClient client() {
    return kept(new TestClient(vertx, urls().client(), pki.anonymous(), true));
  }

  /** A client of the public listener that shows {@code identity}. */
  TestClient clientShowing(TestIdentity identity) {
    return kept(new TestClient(vertx, urls().client(), identity, true));
  }

  /** Vert.x closes clients that are garbage, even with a request under way. */
  private TestClient kept(TestClient client) {
    clients.add(client);
    return client;
  }

  /** The same over HTTP/1.1. */
  TestClient clientHttp1() {
    return kept(new TestClient(vertx, urls().client(), pki.anonymous(), false));
  }

  /** A client of the peers' listener that shows {@code identity}. */
  TestClient peer(TestIdentity identity) {
    return kept(new TestClient(vertx, urls().peer(), identity, true));
  }

  static <T> T get(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    } catch (ExecutionException e) {
      throw new FailedFuture(e.getCause());
    }
  }

  /** A future that failed, for tests that expect it. */
  static final class FailedFuture extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedFuture(Throwable cause) {
      super(cause);
    }
  }

  @Override
  public void close() {
    get(listeners.shutdown(Duration.ZERO));
    get(vertx.close());
    metrics.close();
  }
}
