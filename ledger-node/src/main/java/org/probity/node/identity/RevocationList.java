package org.probity.node.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.util.io.pem.PemObject;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates an authority has revoked: one X.509 v2 list per root (RFC 5280 §5), all of
 * them in one file, so that none can be handed on without the others.
 *
 * <pre>
 * -----BEGIN X509 CRL-----   signed by the Ed25519 root
 * -----BEGIN X509 CRL-----   signed by the P-256 root
 * </pre>
 *
 * <p>Each says its number, which rises, and until when the next one is to come. Immutable; looking
 * a certificate up costs one hash look-up.
 */
public final class RevocationList {
  /** Of the time between two lists, so that a weekly one is not warned of for a month. */
  private static final double DUE_SOON = 1.0 / 3;

  private final Map<X500Principal, Part> parts;

  /** What one root says. */
  private record Part(X509CRL signed, BigInteger number, Set<BigInteger> serials) {}

  private RevocationList(Map<X500Principal, Part> parts) {
    this.parts = Map.copyOf(parts);
  }

  /**
   * Reads and verifies.
   *
   * @param what the file, for messages
   * @param roots of the authority; each must have signed one list, and nobody else any
   * @throws IdentityException {@code revocation_list_malformed}, {@code revocation_list_untrusted},
   *     {@code revocation_list_incomplete}
   */
  public static RevocationList parse(String what, String pem, List<X509Certificate> roots) {
    Map<X500Principal, Part> parts = new LinkedHashMap<>();
    for (X509CRL signed : decode(what, pem)) {
      X500Principal issuer = signed.getIssuerX500Principal();
      if (roots.stream().noneMatch(root -> isSignedBy(signed, root))) {
        throw new IdentityException(
            "revocation_list_untrusted",
            what + " has a list by " + issuer + " that no root in " + NodeKeys.ROOTS + " signed");
      }
      if (parts.put(issuer, part(what, signed)) != null) {
        throw malformed(what + " has two lists by " + issuer, null);
      }
    }
    for (X509Certificate root : roots) {
      if (!parts.containsKey(root.getSubjectX500Principal())) {
        throw new IdentityException(
            "revocation_list_incomplete",
            what + " has no list by " + root.getSubjectX500Principal());
      }
    }
    return new RevocationList(parts);
  }

  private static List<X509CRL> decode(String what, String pem) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509CRL> lists = new ArrayList<>();
      for (PemObject object : PemFiles.parse(pem)) {
        if (!object.getType().equals(PemFiles.CRL)) {
          throw malformed(what + " holds a " + object.getType(), null);
        }
        lists.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(object.getContent())));
      }
      return lists;
    } catch (IOException
        | CertificateException
        | CRLException
        | IllegalArgumentException
        | IllegalStateException e) {
      throw malformed(what + " is no revocation list in PEM", e);
    }
  }

  private static Part part(String what, X509CRL signed) {
    byte[] number = signed.getExtensionValue(Extension.cRLNumber.getId());
    if (number == null || signed.getNextUpdate() == null) {
      throw malformed(what + " does not say its number and when the next one comes", null);
    }
    Set<String> critical = signed.getCriticalExtensionOIDs();
    if (critical != null && !critical.isEmpty()) {
      // Of parts of certificates, or of changes only: not the whole truth.
      throw malformed(what + " is not a complete list: " + critical, null);
    }
    Set<BigInteger> serials = new HashSet<>();
    Set<? extends X509CRLEntry> entries = signed.getRevokedCertificates();
    if (entries != null) {
      entries.forEach(entry -> serials.add(entry.getSerialNumber()));
    }
    try {
      return new Part(
          signed,
          CRLNumber.getInstance(JcaX509ExtensionUtils.parseExtensionValue(number)).getCRLNumber(),
          Set.copyOf(serials));
    } catch (IOException | IllegalArgumentException e) {
      throw malformed(what + " has a number that does not parse", e);
    }
  }

  private static IdentityException malformed(String message, @Nullable Throwable cause) {
    return cause == null
        ? new IdentityException("revocation_list_malformed", message)
        : new IdentityException("revocation_list_malformed", message, cause);
  }

  private static boolean isSignedBy(X509CRL list, X509Certificate root) {
    try {
      list.verify(root.getPublicKey());
      return list.getIssuerX500Principal().equals(root.getSubjectX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Whether a certificate is in the list of who issued it. */
  public boolean isRevoked(X509Certificate certificate) {
    Part part = parts.get(certificate.getIssuerX500Principal());
    return part != null && part.serials().contains(certificate.getSerialNumber());
  }

  /** How many certificates are revoked. */
  public int size() {
    return parts.values().stream().mapToInt(part -> part.serials().size()).sum();
  }

  /** The highest of the lists' numbers. */
  public BigInteger number() {
    return parts.values().stream()
        .map(Part::number)
        .max(Comparator.naturalOrder())
        .orElse(BigInteger.ZERO);
  }

  /** When it was signed. */
  public Instant made() {
    return parts.values().stream()
        .map(part -> part.signed().getThisUpdate().toInstant())
        .min(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** Until when the next one is to come. */
  public Instant nextUpdate() {
    return parts.values().stream()
        .map(part -> part.signed().getNextUpdate().toInstant())
        .min(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** How much of its time is left: 1 just signed, 0 when the next one is due, then less. */
  public double leftRatio(Instant now) {
    double whole = Duration.between(made(), nextUpdate()).toMillis();
    return Duration.between(now, nextUpdate()).toMillis() / Math.max(1, whole);
  }

  /** Whether it is time to ask the authority for the next one. */
  public boolean isDueSoon(Instant now) {
    return leftRatio(now) < DUE_SOON;
  }

  /** Whether it is, signature by signature, the other. */
  boolean isSameAs(RevocationList other) {
    return parts.equals(other.parts);
  }

  /**
   * Whether it may take the place of another that is in force: none of its numbers is lower, and
   * what has the same number is the same.
   *
   * @throws IdentityException {@code revocation_list_older}
   */
  void requireNoOlder(String what, RevocationList inForce) {
    for (Map.Entry<X500Principal, Part> entry : parts.entrySet()) {
      Part before = inForce.parts.get(entry.getKey());
      Part after = entry.getValue();
      if (before == null) {
        continue;
      }
      int rises = after.number().compareTo(before.number());
      if (rises < 0 || (rises == 0 && !after.equals(before))) {
        throw new IdentityException(
            "revocation_list_older",
            what
                + " has number "
                + after.number()
                + " by "
                + entry.getKey()
                + ", and "
                + before.number()
                + " is in force: get the newest from the authority");
      }
    }
  }
}
