package org.probity.node.identity;

import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;

/**
 * What a node shows on TLS connections and whom it trusts there.
 *
 * <p>Key stores are made in memory: Vert.x's PEM options do not read Ed25519 keys. Immutable.
 */
public final class TlsIdentity {
  private static final char[] NO_PASSWORD = new char[0];

  private final String node;
  private final Entry between;
  private final Entry browser;
  private final List<X509Certificate> roots;

  private record Entry(Secret secret, X509Certificate certificate) {}

  private TlsIdentity(String node, Entry between, Entry browser, List<X509Certificate> roots) {
    this.node = node;
    this.between = between;
    this.browser = browser;
    this.roots = List.copyOf(roots);
  }

  /**
   * Loads a node's certificates and checks them against its keys, its id and the roots; against the
   * time, {@link #requireValid} does.
   *
   * @throws IdentityException {@code certificate_key_mismatch}, {@code certificate_untrusted},
   *     {@code certificate_wrong_node}, or a file's own code
   */
  public static TlsIdentity load(Path directory, NodeKeys keys, String node) {
    List<X509Certificate> roots = PemFiles.readCertificates(directory.resolve(NodeKeys.ROOTS));
    return new TlsIdentity(
        node,
        entry(directory.resolve(NodeKeys.TLS_CERTIFICATE), keys.tls(), roots, node),
        entry(directory.resolve(NodeKeys.BROWSER_TLS_CERTIFICATE), keys.browserTls(), roots, node),
        roots);
  }

  private static Entry entry(Path file, Secret secret, List<X509Certificate> roots, String node) {
    X509Certificate certificate = PemFiles.readCertificates(file).get(0);
    if (!certificate.getPublicKey().equals(secret.jcaPublic())) {
      throw new IdentityException(
          "certificate_key_mismatch",
          file + " is not the certificate of this node's key: request a new one");
    }
    NodeIdentityFiles.requireTrusted(String.valueOf(file), certificate, roots);
    NodeIdentityFiles.requireNode(String.valueOf(file), certificate, node);
    return new Entry(secret, certificate);
  }

  public String node() {
    return node;
  }

  /** The certificate shown to other nodes. */
  public X509Certificate certificate() {
    return between.certificate();
  }

  /** The certificate shown to browsers. */
  public X509Certificate browserCertificate() {
    return browser.certificate();
  }

  public List<X509Certificate> roots() {
    return roots;
  }

  /**
   * Whether both certificates are valid.
   *
   * @throws IdentityException {@code certificate_expired}, {@code certificate_not_yet_valid}
   */
  void requireValid(Instant now) {
    for (X509Certificate certificate : List.of(certificate(), browserCertificate())) {
      NodeIdentityFiles.requireValid("a certificate of " + node, certificate, now);
    }
  }

  /** When the first of the roots expires. */
  Instant rootsExpireAt() {
    return roots.stream()
        .map(root -> root.getNotAfter().toInstant())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** Between nodes, on both ends: Ed25519 only. */
  KeyCertOptions peerKey() {
    return KeyCertOptions.wrap(keyManager(List.of(between)));
  }

  /** For the listener that clients and browsers use: both, the client's offer decides. */
  KeyCertOptions clientListenerKey() {
    return KeyCertOptions.wrap(keyManager(List.of(between, browser)));
  }

  /** Certificates that these roots issued. Who the peer is, is asked with {@link PeerIdentity}. */
  public X509TrustManager trustManager() {
    return trustManager(roots);
  }

  /** Trusts what these roots issued, and nothing else. */
  public static X509TrustManager trustManager(List<X509Certificate> roots) {
    try {
      KeyStore store = emptyStore();
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry("root-" + i, roots.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          return x509;
        }
      }
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot make a trust manager", e);
    }
    throw new IllegalStateException("this JDK has no X.509 trust manager");
  }

  private static X509KeyManager keyManager(List<Entry> entries) {
    try {
      KeyStore store = emptyStore();
      for (Entry entry : entries) {
        put(store, entry.secret(), entry.certificate());
      }
      return keyManager(store);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot make a key manager", e);
    }
  }

  /**
   * Shows a client's own certificate.
   *
   * @param chain the key's certificate first
   * @throws IdentityException {@code certificate_key_mismatch}
   */
  public static X509KeyManager keyManager(Secret secret, List<X509Certificate> chain) {
    if (!chain.get(0).getPublicKey().equals(secret.jcaPublic())) {
      throw new IdentityException(
          "certificate_key_mismatch", "the certificate is not of this key: name both");
    }
    try {
      KeyStore store = emptyStore();
      put(store, secret, chain.toArray(X509Certificate[]::new));
      return keyManager(store);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot make a key manager", e);
    }
  }

  private static void put(KeyStore store, Secret secret, X509Certificate... chain)
      throws GeneralSecurityException {
    store.setKeyEntry(secret.kind().name(), secret.jcaPrivate(), NO_PASSWORD, chain);
  }

  private static X509KeyManager keyManager(KeyStore store) throws GeneralSecurityException {
    KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
    factory.init(store, NO_PASSWORD);
    for (KeyManager manager : factory.getKeyManagers()) {
      if (manager instanceof X509KeyManager x509) {
        return x509;
      }
    }
    throw new IllegalStateException("this JDK has no X.509 key manager");
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }
}
