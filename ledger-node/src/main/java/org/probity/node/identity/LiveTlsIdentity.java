package org.probity.node.identity;

import io.vertx.core.net.KeyCertOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a running node shows on TLS connections: the keys and certificates of its folder, also after
 * they were renewed. Thread-safe.
 *
 * <p>Whom the node trusts is read once.
 */
public final class LiveTlsIdentity implements OwnCertificates {
  private final Path directory;
  private final Optional<String> passphrase;
  private volatile TlsIdentity shown;

  private LiveTlsIdentity(Path directory, Optional<String> passphrase, TlsIdentity first) {
    this.directory = directory;
    this.passphrase = passphrase;
    this.shown = first;
  }

  /**
   * Loads what the node begins with.
   *
   * @throws IdentityException as {@link TlsIdentity#load}
   */
  public static LiveTlsIdentity load(
      Path directory, Optional<String> passphrase, NodeKeys keys, String node) {
    return new LiveTlsIdentity(directory, passphrase, TlsIdentity.load(directory, keys, node));
  }

  @Override
  public synchronized boolean refresh(Instant now) {
    boolean isSame =
        certificateIn(TlsPair.NODES).equals(shown.certificate())
            && certificateIn(TlsPair.BROWSERS).equals(shown.browserCertificate());
    if (isSame) {
      return false;
    }
    NodeKeys keys = NodeKeys.load(directory, passphrase);
    TlsIdentity next = TlsIdentity.load(directory, keys, shown.node());
    next.requireValid(now);
    shown = next;
    return true;
  }

  private X509Certificate certificateIn(TlsPair pair) {
    return PemFiles.readCertificates(pair.certificateFile(directory)).get(0);
  }

  @Override
  public Map<String, Instant> ends() {
    TlsIdentity now = shown;
    return Map.of(
        "nodes", now.certificate().getNotAfter().toInstant(),
        "browsers", now.browserCertificate().getNotAfter().toInstant(),
        "authority", now.rootsExpireAt());
  }

  @Override
  public Map<String, X509Certificate> shown() {
    TlsIdentity now = shown;
    return Map.of("nodes", now.certificate(), "browsers", now.browserCertificate());
  }

  @Override
  public void requireValid(Instant now) {
    shown.requireValid(now);
  }

  @Override
  public KeyCertOptions peerKey() {
    return shown.peerKey();
  }

  @Override
  public KeyCertOptions clientListenerKey() {
    return shown.clientListenerKey();
  }

  public List<X509Certificate> roots() {
    return shown.roots();
  }
}
