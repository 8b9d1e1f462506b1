package org.probity.node.http.api;

import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/** TLS 1.3 for the JDK's HTTP client. */
final class ApiTls {
  private static final String PROTOCOL = "TLSv1.3";

  private ApiTls() {}

  /**
   * @param trust null for the JDK's own roots
   * @param shown what this end shows where it is asked for a certificate; null for nothing
   */
  static SSLContext context(
      @Nullable X509ExtendedTrustManager trust, @Nullable X509KeyManager shown) {
    try {
      SSLContext context = SSLContext.getInstance(PROTOCOL);
      context.init(
          shown == null ? null : new KeyManager[] {shown},
          trust == null ? null : new TrustManager[] {trust},
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK from 17 on has TLS 1.3", e);
    }
  }

  static SSLParameters parameters() {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {PROTOCOL});
    return parameters;
  }
}
