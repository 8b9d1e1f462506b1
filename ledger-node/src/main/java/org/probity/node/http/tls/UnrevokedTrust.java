package org.probity.node.http.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Believes whom another trust manager does, unless the certificate is revoked. Thread-safe. */
final class UnrevokedTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager chains;
  private final Predicate<X509Certificate> revoked;

  UnrevokedTrust(X509ExtendedTrustManager chains, Predicate<X509Certificate> revoked) {
    this.chains = chains;
    this.revoked = revoked;
  }

  private void requireUnrevoked(X509Certificate[] chain) throws CertificateException {
    if (revoked.test(chain[0])) {
      throw new CertificateException(
          "certificate " + chain[0].getSerialNumber().toString(16) + " was revoked");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType);
    requireUnrevoked(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType, socket);
    requireUnrevoked(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType, engine);
    requireUnrevoked(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    chains.checkClientTrusted(chain, authType);
    requireUnrevoked(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    chains.checkClientTrusted(chain, authType, socket);
    requireUnrevoked(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    chains.checkClientTrusted(chain, authType, engine);
    requireUnrevoked(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
