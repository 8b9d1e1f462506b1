package org.probity.node.identity;

import io.vertx.core.net.KeyCertOptions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Map;

/** The certificates that a running node shows. */
public interface OwnCertificates {

  /** Shown to other nodes, as a server and as a client. */
  KeyCertOptions peerKey();

  /** Shown to clients and browsers; of several the client's offer decides. */
  KeyCertOptions clientListenerKey();

  /** Until when they are valid, by what they are for. */
  Map<String, Instant> ends();

  /** Which ones, by what they are for. */
  Map<String, X509Certificate> shown();

  /**
   * Takes up what is in the node's folder now.
   *
   * @return whether that is something else than before; then the keys above are others
   * @throws IdentityException if it is not usable; what was shown goes on being shown
   */
  boolean refresh(Instant now);

  /**
   * Before a start: without a valid certificate nobody talks to the node.
   *
   * @throws IdentityException {@code certificate_expired}, {@code certificate_not_yet_valid}
   */
  void requireValid(Instant now);
}
