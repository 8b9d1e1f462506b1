package org.probity.node.http;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority in memory, for certificates good and bad. */
public final class TestPki {
  private static final Duration DAY = Duration.ofDays(1);

  private final KeyPair caKey;
  private final X509Certificate ca;
  private long serial = 1;

  public TestPki(String name) {
    caKey = generate("Ed25519");
    ca = certificate(caKey, name, new GeneralName[0], true, Instant.now().plus(DAY));
  }

  public X509Certificate ca() {
    return ca;
  }

  /** A node's identity with the given kinds of keys, Ed25519 or EC. */
  public TestIdentity node(String node, String... keyAlgorithms) {
    return identity("urn:probity:node:" + node, Instant.now().plus(DAY), keyAlgorithms);
  }

  TestIdentity expired(String node) {
    return identity("urn:probity:node:" + node, Instant.now().minusSeconds(60), "Ed25519");
  }

  /** A certificate that names no node. */
  TestIdentity nameless() {
    return identity("urn:probity:cosigner:bank-b", Instant.now().plus(DAY), "Ed25519");
  }

  /** Trusts this authority and shows nothing. */
  TestIdentity anonymous() {
    return TestIdentity.of(List.of(), List.of(ca));
  }

  /** A node's key and certificate alone, to be combined with another authority's trust. */
  TestIdentity.Entry entry(String node) {
    return entry("urn:probity:node:" + node, Instant.now().plus(DAY), "Ed25519");
  }

  private TestIdentity identity(String uri, Instant until, String... keyAlgorithms) {
    return TestIdentity.of(
        List.of(keyAlgorithms).stream().map(algorithm -> entry(uri, until, algorithm)).toList(),
        List.of(ca));
  }

  private TestIdentity.Entry entry(String uri, Instant until, String keyAlgorithm) {
    GeneralName[] names = {
      new GeneralName(GeneralName.uniformResourceIdentifier, uri),
      new GeneralName(GeneralName.dNSName, "localhost"),
      new GeneralName(GeneralName.iPAddress, "127.0.0.1")
    };
    KeyPair key = generate(keyAlgorithm);
    return new TestIdentity.Entry(
        key.getPrivate(), List.of(certificate(key, "node", names, false, until)));
  }

  private static KeyPair generate(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate certificate(
      KeyPair key, String name, GeneralName[] names, boolean authority, Instant until) {
    X500Name subject = new X500Name("CN=" + name);
    X500Name issuer = authority ? subject : new X500Name(ca.getSubjectX500Principal().getName());
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              BigInteger.valueOf(serial++),
              Date.from(Instant.now().minus(DAY)),
              Date.from(until),
              subject,
              key.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder("Ed25519").build(caKey.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
