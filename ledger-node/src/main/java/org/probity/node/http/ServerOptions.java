package org.probity.node.http;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.probity.node.http.tls.ListenerTls;

/** Vert.x options for the three listeners. Vert.x's own defaults have no idle time-out. */
final class ServerOptions {
  private static final int MAX_REQUEST_LINE_BYTES = 4 * 1024;
  private static final int ACCEPT_BACKLOG = 256;

  private ServerOptions() {}

  static HttpServerOptions plain(ListenAddress address, HttpLimits limits) {
    return bounded(address, limits).setHttp2ClearTextEnabled(false);
  }

  /** TLS 1.3, HTTP/2 or HTTP/1.1, any client. */
  static HttpServerOptions tls(ListenAddress address, HttpLimits limits, KeyCertOptions key) {
    return bounded(address, limits)
        .setSsl(true)
        .setEnabledSecureTransportProtocols(ListenerTls.PROTOCOLS)
        .setKeyCertOptions(key)
        .setSslHandshakeTimeout(limits.times().handshake().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setUseAlpn(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1));
  }

  /** TLS 1.3, and the client shows a certificate of the consortium's CA. */
  static HttpServerOptions mutualTls(
      ListenAddress address, HttpLimits limits, KeyCertOptions key, TrustOptions trust) {
    return tls(address, limits, key).setClientAuth(ClientAuth.REQUIRED).setTrustOptions(trust);
  }

  /** TLS 1.3, any client; one that has a certificate that {@code trust} believes may show it. */
  static HttpServerOptions knowingTls(
      ListenAddress address, HttpLimits limits, KeyCertOptions key, TrustOptions trust) {
    return tls(address, limits, key).setClientAuth(ClientAuth.REQUEST).setTrustOptions(trust);
  }

  private static HttpServerOptions bounded(ListenAddress address, HttpLimits limits) {
    return new HttpServerOptions()
        .setHost(address.host())
        .setPort(address.port())
        .setAcceptBacklog(ACCEPT_BACKLOG)
        .setTcpNoDelay(true)
        .setIdleTimeout((int) limits.times().idle().toMillis())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setMaxHeaderSize(limits.maxHeaderBytes())
        .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
        .setHandle100ContinueAutomatically(true)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(limits.maxStreamsPerConnection())
                .setMaxHeaderListSize(limits.maxHeaderBytes()));
  }
}
