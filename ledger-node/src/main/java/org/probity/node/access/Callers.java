package org.probity.node.access;

import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.crypto.Hash;

/**
 * Everybody who is known by name, found by what they show. Immutable.
 *
 * <p>A look-up compares with all of them and each in constant time, some microseconds for the most
 * there may be: how long it takes says nothing about how much of a digest was right.
 */
public final class Callers {
  /** Most in one file. */
  public static final int MAX_CALLERS = 1000;

  public static final Callers NOBODY = new Callers(List.of());

  private final List<KnownCaller> all;

  public Callers(List<KnownCaller> all) {
    this.all = List.copyOf(all);
  }

  public List<KnownCaller> all() {
    return all;
  }

  /** Whose token this is; empty if it is nobody's, or over. */
  public Optional<KnownCaller> byToken(String token, Instant now) {
    if (token.length() > AccessToken.MAX_CHARACTERS) {
      return Optional.empty();
    }
    return find(KnownCaller.Proof.TOKEN, AccessToken.digest(token), now);
  }

  /**
   * Whose certificate this is; empty if it is nobody's, or over. That its chain leads to a trusted
   * root the TLS handshake has seen to; but connections outlive certificates.
   */
  public Optional<KnownCaller> byCertificate(X509Certificate certificate, Instant now) {
    try {
      certificate.checkValidity(Date.from(now));
      return find(KnownCaller.Proof.CERTIFICATE, Hash.sha256(certificate.getEncoded()), now);
    } catch (CertificateExpiredException
        | CertificateNotYetValidException
        | CertificateEncodingException e) {
      return Optional.empty();
    }
  }

  private Optional<KnownCaller> find(KnownCaller.Proof proof, Hash shown, Instant now) {
    byte[] sought = shown.toArray();
    @Nullable KnownCaller found = null;
    for (KnownCaller caller : all) {
      boolean isSame = MessageDigest.isEqual(caller.digest().toArray(), sought);
      if (isSame && caller.proof() == proof) {
        found = caller;
      }
    }
    return Optional.ofNullable(found).filter(caller -> !caller.isOver(now));
  }
}
