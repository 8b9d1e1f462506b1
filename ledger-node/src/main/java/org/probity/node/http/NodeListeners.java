package org.probity.node.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.probity.node.http.tls.ListenerTls;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.metrics.NodeMetrics;

/** The three listeners of one node. */
public final class NodeListeners {
  static final String CLIENTS = "clients";
  private static final String PEERS = "peers";
  static final String OPERATIONS = "operations";

  private final Listener clients;
  private final Listener peers;
  private final Listener operations;

  private final Setup setup;

  private NodeListeners(Setup setup, Listener clients, Listener peers, Listener operations) {
    this.setup = setup;
    this.clients = clients;
    this.peers = peers;
    this.operations = operations;
  }

  /**
   * How to listen.
   *
   * @param version of the software, for {@code /version}
   * @param access who may do what at the clients' and the operations listener
   * @param actions where operators' actions are put on record
   * @param moreClientRoutes what else the clients' listener serves, the console for example
   */
  public record Setup(
      ListenerConfig clients,
      ListenerConfig peers,
      ListenerConfig operations,
      ListenerTls tls,
      AccessRules access,
      ActionRecord actions,
      String version,
      List<Route> moreClientRoutes) {
    public Setup {
      moreClientRoutes = List.copyOf(moreClientRoutes);
    }
  }

  /**
   * Binds all three; if one cannot be bound, none stays.
   *
   * @param service for clients and operations
   * @param peerService for peers, normally the same
   */
  public static Future<NodeListeners> start(
      Vertx vertx, Setup setup, NodeService service, NodeService peerService, NodeMetrics metrics) {
    // The clients' listener tells the other two's addresses, so it comes last.
    AtomicReference<@Nullable NodeUrls> urls = new AtomicReference<>();
    Future<Listener> operations = startOperations(vertx, setup, service, metrics);
    Future<Listener> peers = startPeers(vertx, setup, peerService, metrics);
    return Future.join(operations, peers)
        .compose(both -> startClients(vertx, setup, service, metrics, urls))
        .map(
            clients -> {
              urls.set(
                  new NodeUrls(clients.url(), peers.result().url(), operations.result().url()));
              return new NodeListeners(setup, clients, peers.result(), operations.result());
            })
        .recover(
            failure -> {
              closeIfStarted(operations);
              closeIfStarted(peers);
              return Future.failedFuture(failure);
            });
  }

  private static void closeIfStarted(Future<Listener> listener) {
    listener.onSuccess(started -> started.shutdown(Duration.ZERO));
  }

  private static Future<Listener> startClients(
      Vertx vertx,
      Setup setup,
      NodeService service,
      NodeMetrics metrics,
      AtomicReference<@Nullable NodeUrls> urls) {
    ListenAddress address = setup.clients().address();
    HttpLimits limits = setup.clients().limits();
    ClientRoutes own =
        new ClientRoutes(
            vertx, service, () -> known(urls), limits.times().heartBeat(), setup.actions());
    List<Route> routes = new ArrayList<>(own.routes());
    routes.addAll(setup.moreClientRoutes());
    return Listener.start(
        vertx,
        CLIENTS,
        address,
        clientTls(setup, setup.clients(), setup.tls().clientKey()),
        limits,
        new RouteTable(routes),
        new ClientGate(
            limits.maxRequestsPerCaller(),
            new Authority(
                setup.access().callers(),
                setup.access().certificates(),
                setup.access().anonymous()),
            setup.access().perCaller(),
            System::nanoTime),
        metrics.registry(),
        List.of(own::endStreams));
  }

  /** Asks for a certificate only where one may be known: a browser then asks its user. */
  private static HttpServerOptions clientTls(
      Setup setup, ListenerConfig listener, KeyCertOptions key) {
    return setup
        .access()
        .certificates()
        .map(PeerTrust::clients)
        .map(trust -> ServerOptions.knowingTls(listener.address(), listener.limits(), key, trust))
        .orElseGet(() -> ServerOptions.tls(listener.address(), listener.limits(), key));
  }

  private static NodeUrls known(AtomicReference<@Nullable NodeUrls> urls) {
    NodeUrls known = urls.get();
    if (known == null) {
      throw Problems.notReady("the listeners are just starting", 1);
    }
    return known;
  }

  private static Future<Listener> startPeers(
      Vertx vertx, Setup setup, NodeService service, NodeMetrics metrics) {
    ListenAddress address = setup.peers().address();
    HttpLimits limits = setup.peers().limits();
    PeerRoutes routes = new PeerRoutes(vertx, service, limits.times().heartBeat());
    return Listener.start(
        vertx,
        PEERS,
        address,
        ServerOptions.mutualTls(
            address, limits, setup.tls().peerKey(), setup.tls().peerTrust().clients()),
        limits,
        new RouteTable(routes.routes()),
        new PeerGate(service::standing, setup.tls().peerTrust(), limits.maxRequestsPerCaller()),
        metrics.registry(),
        List.of(routes::endStreams));
  }

  private static Future<Listener> startOperations(
      Vertx vertx, Setup setup, NodeService service, NodeMetrics metrics) {
    ListenAddress address = setup.operations().address();
    HttpLimits limits = setup.operations().limits();
    return Listener.start(
        vertx,
        OPERATIONS,
        address,
        setup.access().operationsTls()
            ? clientTls(setup, setup.operations(), setup.tls().clientKey())
            : ServerOptions.plain(address, limits),
        limits,
        new RouteTable(new OpsRoutes(service, metrics, setup.version(), setup.actions()).routes()),
        new OperationsGate(address.host(), setup.access(), setup.actions()),
        metrics.registry(),
        List.of());
  }

  public NodeUrls urls() {
    return new NodeUrls(clients.url(), peers.url(), operations.url());
  }

  /** New connections are shown these keys; open ones stay as they are. */
  public Future<Void> show(KeyCertOptions clientKey, KeyCertOptions peerKey) {
    ListenerConfig ofPeers = setup.peers();
    return Future.join(
            clients.update(clientTls(setup, setup.clients(), clientKey).getSslOptions()),
            setup.access().operationsTls()
                ? operations.update(clientTls(setup, setup.operations(), clientKey).getSslOptions())
                : Future.succeededFuture(),
            peers.update(
                ServerOptions.mutualTls(
                        ofPeers.address(),
                        ofPeers.limits(),
                        peerKey,
                        setup.tls().peerTrust().clients())
                    .getSslOptions()))
        .mapEmpty();
  }

  /** What each listener serves, by the listener's name. */
  Map<String, RouteTable> routeTables() {
    return Map.of(
        CLIENTS, clients.routes(), PEERS, peers.routes(), OPERATIONS, operations.routes());
  }

  /** Stops accepting on all listeners and lets what is under way finish. */
  public Future<Void> shutdown(Duration grace) {
    return Future.join(clients.shutdown(grace), peers.shutdown(grace), operations.shutdown(grace))
        .mapEmpty();
  }
}
