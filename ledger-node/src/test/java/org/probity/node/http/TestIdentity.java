package org.probity.node.http;

import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** What one side of a TLS connection shows and whom it believes, with any certificates. */
public final class TestIdentity {
  private static final char[] IN_MEMORY = "in-memory".toCharArray();

  private final KeyManagerFactory keys;
  private final TrustManagerFactory trust;
  private final List<X509Certificate> anchors;
  private final List<X509Certificate> certificates;

  private TestIdentity(
      KeyManagerFactory keys,
      TrustManagerFactory trust,
      List<X509Certificate> anchors,
      List<X509Certificate> certificates) {
    this.certificates = certificates;
    this.keys = keys;
    this.trust = trust;
    this.anchors = anchors;
  }

  /**
   * A key with its certificate.
   *
   * @param chain the key's own certificate first, without the trust anchor
   */
  public record Entry(PrivateKey key, List<X509Certificate> chain) {
    public Entry {
      chain = List.copyOf(chain);
    }
  }

  /**
   * An identity from keys and anchors in memory.
   *
   * @param entries none for a client that stays anonymous
   * @param anchors the consortium's CA certificates, at least one
   * @throws IllegalArgumentException if a key or certificate is unusable
   */
  public static TestIdentity of(List<Entry> entries, Collection<X509Certificate> anchors) {
    if (anchors.isEmpty()) {
      throw new IllegalArgumentException("TLS needs at least one trust anchor");
    }
    try {
      return new TestIdentity(
          keyManagers(entries),
          trusting(anchors),
          List.copyOf(anchors),
          entries.stream().map(entry -> entry.chain().get(0)).toList());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("unusable TLS key or certificate: " + e.getMessage(), e);
    }
  }

  public KeyCertOptions keyCertOptions() {
    return KeyCertOptions.wrap(keys);
  }

  public TrustOptions trustOptions() {
    return TrustOptions.wrap(trust);
  }

  public KeyManagerFactory keyManagers() {
    return keys;
  }

  /** Of its own keys. */
  public List<X509Certificate> certificates() {
    return certificates;
  }

  public List<X509Certificate> anchors() {
    return anchors;
  }

  private static TrustManagerFactory trusting(Collection<X509Certificate> anchors)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int alias = 0;
    for (X509Certificate anchor : anchors) {
      store.setCertificateEntry("anchor" + alias++, anchor);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return factory;
  }

  private static KeyManagerFactory keyManagers(List<Entry> entries)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int alias = 0;
    for (Entry entry : entries) {
      store.setKeyEntry(
          "key" + alias++,
          platformKey(entry.key()),
          IN_MEMORY,
          entry.chain().toArray(X509Certificate[]::new));
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, IN_MEMORY);
    return factory;
  }

  /** The JDK's own object for a key that may be Bouncy Castle's: SunJSSE signs with these only. */
  private static PrivateKey platformKey(PrivateKey key) throws GeneralSecurityException {
    String algorithm = key.getAlgorithm().equals("ECDSA") ? "EC" : key.getAlgorithm();
    return KeyFactory.getInstance(algorithm)
        .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
  }
}
