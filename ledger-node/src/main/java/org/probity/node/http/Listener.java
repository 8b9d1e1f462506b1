package org.probity.node.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running HTTP server over one route table. */
public final class Listener {
  private static final long SWEEP_MILLIS = 500;

  private final Vertx vertx;
  private final HttpServer server;
  private final URI url;
  private final RouteTable routes;
  private final long sweepTimer;
  private final List<Runnable> beforeShutdown;

  private Listener(
      Vertx vertx,
      HttpServer server,
      URI url,
      RouteTable routes,
      long sweepTimer,
      List<Runnable> beforeShutdown) {
    this.vertx = vertx;
    this.server = server;
    this.url = url;
    this.routes = routes;
    this.sweepTimer = sweepTimer;
    this.beforeShutdown = beforeShutdown;
  }

  /**
   * Binds and serves.
   *
   * @param vertx of {@link AcceptGate#open}
   * @param name for metrics
   * @param beforeShutdown ends what would keep connections busy for ever
   */
  static Future<Listener> start(
      Vertx vertx,
      String name,
      ListenAddress address,
      HttpServerOptions options,
      HttpLimits limits,
      RouteTable routes,
      Gate gate,
      MeterRegistry registry,
      List<Runnable> beforeShutdown) {
    HttpMetrics metrics = new HttpMetrics(registry, name);
    ConnectionTable connections =
        new ConnectionTable(limits.times().handshake(), limits.times().idle());
    AcceptGate gateway = AcceptGate.of(vertx);
    ConnectionLimit limit =
        new ConnectionLimit(limits.maxConnections(), limits.maxConnectionsPerAddress());
    metrics.gauge("probity.http.open.connections", "Open now", limit::open);
    RequestIds ids = new RequestIds(System.nanoTime());
    RequestPipeline pipeline =
        new RequestPipeline(
            vertx, routes, gate, limits, new RequestIds(System.nanoTime()), metrics, connections);
    HttpServer server =
        vertx
            .createHttpServer(options)
            .connectionHandler(connection -> handshaken(connection, connections, metrics))
            .exceptionHandler(broken -> metrics.connectionBroken())
            .invalidRequestHandler(new MalformedRequests(ids))
            .requestHandler(pipeline::handle);
    return server
        .listen()
        .recover(failure -> Future.failedFuture(named(name, address, failure)))
        .map(
            bound -> {
              gateway.guard(bound.actualPort(), limit, metrics::connectionRefused);
              long timer =
                  vertx.setPeriodic(
                      SWEEP_MILLIS, id -> connections.sweep(System.nanoTime(), gate::mayStay));
              URI url =
                  URI.create(
                      (options.isSsl() ? "https://" : "http://")
                          + address.advertisedHost()
                          + ":"
                          + bound.actualPort());
              return new Listener(vertx, bound, url, routes, timer, List.copyOf(beforeShutdown));
            });
  }

  /** The operating system names neither the address nor what wanted it. */
  private static Throwable named(String listener, ListenAddress address, Throwable failure) {
    if (!(failure instanceof BindException)) {
      return failure;
    }
    BindException named =
        new BindException(
            "the listener for "
                + listener
                + " cannot have "
                + address.host()
                + ":"
                + address.port()
                + " ("
                + failure.getMessage()
                + "): stop what uses it, or set "
                + (listener.equals(NodeListeners.OPERATIONS)
                    ? listener
                    : listener.substring(0, listener.length() - 1))
                + ".port or .host");
    named.initCause(failure);
    return named;
  }

  private static void handshaken(
      HttpConnection connection, ConnectionTable connections, HttpMetrics metrics) {
    connections.add(connection, System.nanoTime());
    connection.closeHandler(closed -> connections.remove(connection));
    connection.exceptionHandler(broken -> metrics.connectionBroken());
  }

  /** With the actual port, without a final slash. */
  public URI url() {
    return url;
  }

  public int port() {
    return server.actualPort();
  }

  public RouteTable routes() {
    return routes;
  }

  /** New connections are made with these options and resume none from before; open ones stay. */
  Future<Void> update(ServerSSLOptions options) {
    return server.updateSSLOptions(options, true).mapEmpty();
  }

  /** Takes no new connections, lets what is under way finish for at most {@code grace}. */
  public Future<Void> shutdown(Duration grace) {
    vertx.cancelTimer(sweepTimer);
    beforeShutdown.forEach(Runnable::run);
    int port = server.actualPort();
    return server
        .shutdown(grace.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(done -> AcceptGate.of(vertx).unguard(port));
  }
}
