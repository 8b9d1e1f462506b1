package org.probity.node.http.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.probity.node.identity.PeerIdentity;

/**
 * Believes a server that shows a certificate of the consortium's CA for one expected node, whatever
 * address it was reached at. Thread-safe.
 */
public final class PinnedTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager chains;
  private final String node;

  private PinnedTrust(X509ExtendedTrustManager chains, String node) {
    this.chains = chains;
    this.node = node;
  }

  /** Trusts {@code node} as certified by one of {@code anchors}. */
  public static X509ExtendedTrustManager toNode(Collection<X509Certificate> anchors, String node) {
    return new PinnedTrust(chains(anchors), node);
  }

  /** Trusts whatever host one of {@code anchors} certified, with the usual host name check. */
  public static X509ExtendedTrustManager toHost(Collection<X509Certificate> anchors) {
    return chains(anchors);
  }

  private static X509ExtendedTrustManager chains(Collection<X509Certificate> anchors) {
    try {
      return TrustStores.manager(TrustStores.trusting(anchors));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("unusable trust anchor: " + e.getMessage(), e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType);
    checkNode(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    // Without the engine the delegate checks the chain but not the host name: the node id, which is
    // in the certificate, takes the host name's place.
    checkServerTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("pinned trust is for clients only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }

  private void checkNode(X509Certificate[] chain) throws CertificateException {
    Optional<String> found = PeerIdentity.nodeOf(chain[0]);
    if (!found.equals(Optional.of(node))) {
      throw new CertificateException(
          "expected node " + node + ", the certificate is for " + found.orElse("no node"));
    }
  }
}
