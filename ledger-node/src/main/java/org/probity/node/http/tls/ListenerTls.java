package org.probity.node.http.tls;

import io.vertx.core.net.KeyCertOptions;
import java.util.Set;
import org.probity.node.identity.LiveTlsIdentity;

/**
 * What the listeners show and whom they believe.
 *
 * @param clientKey shown to clients and browsers; of several the client's offer decides
 * @param peerKey shown to other nodes
 * @param peerTrust whom the peers' listener believes
 */
public record ListenerTls(KeyCertOptions clientKey, KeyCertOptions peerKey, PeerTrust peerTrust) {
  /** The only protocol version spoken, everywhere. */
  public static final Set<String> PROTOCOLS = Set.of("TLSv1.3");

  public static ListenerTls of(LiveTlsIdentity identity, PeerTrust peerTrust) {
    return new ListenerTls(identity.clientListenerKey(), identity.peerKey(), peerTrust);
  }
}
