package org.probity.node.http.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.KeyCertOptions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.probity.node.http.tls.ListenerTls;
import org.probity.node.http.tls.PeerTrust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes connections to nodes: where they listen, and proof that they are who they should be. */
final class PeerConnector {
  /** Streams that nobody reads at the moment must not keep answers from coming through. */
  private static final int CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final long HTTP2_CANCEL = 8;

  private static final Logger LOG = LoggerFactory.getLogger(PeerConnector.class);

  private final Vertx vertx;
  private volatile KeyCertOptions key;
  private final PeerTrust trust;
  private final AddressBook addresses;
  private final PeerLimits limits;
  private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();

  PeerConnector(
      Vertx vertx, KeyCertOptions key, PeerTrust trust, AddressBook addresses, PeerLimits limits) {
    this.vertx = vertx;
    this.key = key;
    this.trust = trust;
    this.addresses = addresses;
    this.limits = limits;
  }

  /** What this node shows from now on; to agents made before, with {@link #tls}. */
  void show(KeyCertOptions next) {
    key = next;
  }

  /** How an agent for one node shakes hands now. */
  ClientSSLOptions tls(String node) {
    return options(node).getSslOptions();
  }

  private HttpClientOptions options(String node) {
    return new HttpClientOptions()
        .setSsl(true)
        .setEnabledSecureTransportProtocols(ListenerTls.PROTOCOLS)
        .setKeyCertOptions(key)
        .setTrustOptions(trust.server(node))
        // The pinned trust checks the node's id, which is stronger than a host name.
        .setVerifyHost(false)
        .setUseAlpn(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2))
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setConnectTimeout((int) limits.connect().toMillis())
        .setSslHandshakeTimeout(limits.connect().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setHttp2KeepAliveTimeout((int) Math.max(1, limits.idle().toSeconds()))
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
        .setInitialSettings(
            new Http2Settings().setPushEnabled(false).setMaxHeaderListSize(MAX_HEADER_BYTES))
        .setTcpNoDelay(true)
        .setDecompressionSupported(false);
  }

  /** A client for one node: at most one connection, and only to who has that node's certificate. */
  HttpClientAgent agent(String node) {
    return vertx
        .httpClientBuilder()
        .with(options(node))
        .with(new PoolOptions().setHttp2MaxSize(1).setMaxWaitQueueSize(limits.maxWaiting()))
        .withConnectHandler(
            connection -> {
              // A peer that dies is no error here: whoever waits for an answer is told.
              connection.exceptionHandler(broken -> LOG.debug("{}: {}", node, broken.toString()));
              open.add(connection);
              connection.closeHandler(closed -> open.remove(connection));
            })
        .build();
  }

  /** Closes the connections to who has shown a certificate that is revoked by now. */
  void closeRevoked() {
    open.stream().filter(trust::isRevoked).forEach(HttpConnection::close);
  }

  Future<HttpClientRequest> open(
      HttpClientAgent agent, String node, HttpMethod method, String path) {
    Optional<AddressBook.Address> address = addresses.find(node);
    if (address.isEmpty()) {
      return Future.failedFuture(
          PeerFailure.of(
              PeerFailure.Kind.UNREACHABLE, "no_address", "no address of " + node + " is known"));
    }
    return agent
        .request(
            new RequestOptions()
                .setMethod(method)
                .setHost(address.get().host())
                .setPort(address.get().port())
                .setURI(path)
                .setConnectTimeout(limits.connect().toMillis()))
        .recover(failure -> Future.failedFuture(failure(node, failure)))
        .compose(request -> unrevoked(node, request));
  }

  /** A resumed session has shown its certificate to no trust manager. */
  private Future<HttpClientRequest> unrevoked(String node, HttpClientRequest request) {
    HttpConnection connection = request.connection();
    if (!trust.isRevoked(connection)) {
      return Future.succeededFuture(request);
    }
    request.reset(HTTP2_CANCEL);
    connection.close();
    return Future.failedFuture(
        PeerFailure.of(
            PeerFailure.Kind.UNREACHABLE,
            "certificate_revoked",
            "the authority has revoked the certificate of " + node));
  }

  /** What went wrong with a connection, in our terms. */
  static PeerFailure failure(String node, Throwable cause) {
    return cause instanceof PeerFailure known
        ? known
        : PeerFailure.of(
            PeerFailure.Kind.UNREACHABLE, "connection_failed", node + ": " + cause.getMessage());
  }
}
