package org.probity.node.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The consortium's certificate authority: an Ed25519 root for everything between nodes, and a P-256
 * root for what browsers see (Chromium verifies no Ed25519 signature).
 *
 * <p>Immutable; safe for use by many threads. Directory, mode 0700:
 *
 * <pre>
 * ca-ed25519.pem  ca-ed25519-key.pem  ca-p256.pem  ca-p256-key.pem
 * </pre>
 */
public final class CertificateAuthority {
  /** Certificates are valid from a little earlier, for clocks that are a little behind. */
  static final Duration BACKDATE = Duration.ofMinutes(10);

  static final Duration ROOT_VALIDITY = Duration.ofDays(20 * 365);
  public static final Duration DEFAULT_VALIDITY = Duration.ofDays(397);

  private static final int SERIAL_BYTES = 16;

  private final SecureRandom random;
  private final Map<KeyKind, Root> roots;

  private record Root(Secret secret, X509Certificate certificate) {}

  private CertificateAuthority(SecureRandom random, Root ed25519, Root p256) {
    this.random = random;
    this.roots = Map.of(KeyKind.ED25519, ed25519, KeyKind.P256, p256);
  }

  /** A new authority with new keys. */
  public static CertificateAuthority create(String consortium, Instant now, SecureRandom random) {
    return new CertificateAuthority(
        random,
        root(consortium + " root", KeyKind.ED25519, now, random),
        root(consortium + " root for browsers", KeyKind.P256, now, random));
  }

  private static Root root(String name, KeyKind kind, Instant now, SecureRandom random) {
    Secret secret = Secret.generate(kind, random);
    X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, name).build();
    try {
      X509v3CertificateBuilder builder =
          builder(subject, subject, secret.jcaPublic(), now, ROOT_VALIDITY, random)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  new JcaX509ExtensionUtils().createSubjectKeyIdentifier(secret.jcaPublic()));
      return new Root(secret, sign(builder, secret));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot make a root certificate", e);
    }
  }

  /** Reads an authority that {@link #save} wrote. */
  public static CertificateAuthority load(Path directory, SecureRandom random) {
    return new CertificateAuthority(
        random, load(directory, KeyKind.ED25519), load(directory, KeyKind.P256));
  }

  private static Root load(Path directory, KeyKind kind) {
    Path file = certificateFile(directory, kind);
    X509Certificate certificate = PemFiles.readCertificates(file).get(0);
    Secret secret = PemFiles.readSecret(keyFile(directory, kind));
    if (!certificate.getPublicKey().equals(secret.jcaPublic())) {
      throw new IdentityException(
          "certificate_key_mismatch", file + " is not the certificate of the key beside it");
    }
    return new Root(secret, certificate);
  }

  /** Writes keys and certificates to a new directory. */
  public void save(Path directory) {
    PemFiles.createPrivateDirectory(directory);
    for (KeyKind kind : KeyKind.values()) {
      PemFiles.writeSecret(keyFile(directory, kind), of(kind).secret());
      PemFiles.writeCertificates(certificateFile(directory, kind), List.of(of(kind).certificate()));
    }
  }

  private static Path keyFile(Path directory, KeyKind kind) {
    return directory.resolve(kind == KeyKind.ED25519 ? "ca-ed25519-key.pem" : "ca-p256-key.pem");
  }

  private static Path certificateFile(Path directory, KeyKind kind) {
    return directory.resolve(kind == KeyKind.ED25519 ? "ca-ed25519.pem" : "ca-p256.pem");
  }

  /** Whether {@code directory} already holds an authority. */
  public static boolean existsIn(Path directory) {
    return Files.exists(keyFile(directory, KeyKind.ED25519));
  }

  private Root of(KeyKind kind) {
    Root root = roots.get(kind);
    if (root == null) {
      throw new IllegalStateException("no root of kind " + kind);
    }
    return root;
  }

  public X509Certificate root(KeyKind kind) {
    return of(kind).certificate();
  }

  /** Both roots, Ed25519 first: what everyone trusts. */
  public List<X509Certificate> roots() {
    return List.of(root(KeyKind.ED25519), root(KeyKind.P256));
  }

  /**
   * Issues a certificate for a request whose proof of possession held. Whether this node belongs to
   * that member is for the caller to know.
   */
  public X509Certificate issue(CertificateRequest request, Instant now, Duration validity) {
    Purpose purpose = request.purpose();
    Root root = of(request.kind());
    X500Name subject =
        new X500NameBuilder()
            .addRDN(BCStyle.CN, request.node())
            .addRDN(BCStyle.O, request.member())
            .addRDN(BCStyle.OU, purpose.text())
            .build();
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          builder(name(root.certificate()), subject, request.key(), now, validity, random)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  extensions.createSubjectKeyIdentifier(request.key()))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  extensions.createAuthorityKeyIdentifier(root.certificate()))
              .addExtension(Extension.subjectAlternativeName, false, names(request, purpose));
      if (purpose == Purpose.TLS) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      }
      return sign(builder, root.secret());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot issue a certificate for " + request, e);
    }
  }

  private static GeneralNames names(CertificateRequest request, Purpose purpose) {
    List<GeneralName> names = new ArrayList<>();
    names.add(
        new GeneralName(
            GeneralName.uniformResourceIdentifier, PeerIdentity.uri(request.node(), purpose)));
    if (purpose == Purpose.TLS) {
      Set<String> hosts = new LinkedHashSet<>();
      hosts.add(request.node());
      hosts.add("localhost");
      hosts.add("127.0.0.1");
      hosts.addAll(request.hosts());
      hosts.forEach(host -> names.add(Hosts.name(host)));
    }
    return new GeneralNames(names.toArray(GeneralName[]::new));
  }

  /**
   * A revoked certificate.
   *
   * @param serial its serial number
   * @param at when
   * @param reason why
   */
  public record Revoked(BigInteger serial, Instant at, RevocationReason reason) {}

  /** A certificate revocation list of one root, as PEM: what other software understands. */
  public String revocationList(
      KeyKind kind, BigInteger number, List<Revoked> revoked, Instant now, Duration validity) {
    Root root = of(kind);
    X509v2CRLBuilder builder = new X509v2CRLBuilder(name(root.certificate()), Date.from(now));
    builder.setNextUpdate(Date.from(now.plus(validity)));
    for (Revoked one : revoked) {
      builder.addCRLEntry(one.serial(), Date.from(one.at()), one.reason().code());
    }
    try {
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(root.certificate()));
      builder.addExtension(
          Extension.cRLNumber, false, new org.bouncycastle.asn1.x509.CRLNumber(number));
      return PemFiles.pem(PemFiles.CRL, builder.build(signer(root.secret())).getEncoded());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot make a revocation list", e);
    }
  }

  private static X500Name name(X509Certificate certificate) {
    return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer,
      X500Name subject,
      PublicKey key,
      Instant now,
      Duration validity,
      SecureRandom random) {
    byte[] serial = new byte[SERIAL_BYTES];
    random.nextBytes(serial);
    Instant from = now.truncatedTo(ChronoUnit.SECONDS).minus(BACKDATE);
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(1, serial).setBit(0),
        Date.from(from),
        Date.from(now.truncatedTo(ChronoUnit.SECONDS).plus(validity)),
        subject,
        key);
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, Secret issuer)
      throws CertificateException {
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer(issuer)));
  }

  private static org.bouncycastle.operator.ContentSigner signer(Secret secret) {
    try {
      return new JcaContentSignerBuilder(secret.kind().signatureAlgorithm())
          .build(secret.jcaPrivate());
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("every supported JDK signs with " + secret.kind(), e);
    }
  }
}
