package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.identity.IdentityFixtures.NOW;
import static org.probity.node.identity.IdentityFixtures.RANDOM;
import static org.probity.node.identity.IdentityFixtures.assertFails;
import static org.probity.node.identity.IdentityFixtures.authority;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/** Which lists of revoked certificates are believed (RFC 5280 §5). */
class RevocationListTest {
  private static final Duration WEEK = Duration.ofDays(7);

  private final CertificateAuthority authority = authority();

  private X509Certificate issue(KeyKind kind) {
    return authority.issue(
        CertificateRequest.create(
            Secret.generate(kind, RANDOM), Purpose.TLS, "bank-a", "member-a", List.of()),
        NOW,
        WEEK);
  }

  private static String list(
      CertificateAuthority by, KeyKind kind, long number, X509Certificate... revoked) {
    return by.revocationList(
        kind,
        BigInteger.valueOf(number),
        List.of(revoked).stream()
            .map(
                one ->
                    new CertificateAuthority.Revoked(
                        one.getSerialNumber(), NOW, RevocationReason.SUPERSEDED))
            .toList(),
        NOW,
        WEEK);
  }

  private String both(long number, X509Certificate... revoked) {
    return list(authority, KeyKind.ED25519, number, revoked)
        + list(authority, KeyKind.P256, number);
  }

  private RevocationList parse(String text) {
    return RevocationList.parse("crl.pem", text, authority.roots());
  }

  @Test
  void aCertificateIsRevokedByWhoIssuedIt() {
    X509Certificate revoked = issue(KeyKind.ED25519);
    X509Certificate good = issue(KeyKind.ED25519);
    RevocationList list = parse(both(7, revoked));
    assertTrue(list.isRevoked(revoked));
    assertFalse(list.isRevoked(good));
    assertEquals(1, list.size());
    assertEquals(BigInteger.valueOf(7), list.number());
    assertEquals(NOW.truncatedTo(ChronoUnit.SECONDS).plus(WEEK), list.nextUpdate());
    assertEquals(NOW.truncatedTo(ChronoUnit.SECONDS), list.made());
    // The other root's list says nothing of it.
    RevocationList ofTheOther =
        parse(list(authority, KeyKind.ED25519, 8) + list(authority, KeyKind.P256, 8, revoked));
    assertFalse(ofTheOther.isRevoked(revoked));
  }

  @Test
  void whatTheAuthorityHasNotSignedIsNotBelieved() {
    CertificateAuthority namesake = authority();
    assertFails(
        "revocation_list_untrusted",
        () -> parse(list(namesake, KeyKind.ED25519, 1) + list(authority, KeyKind.P256, 1)));
    for (String text :
        List.of(
            "",
            "no list",
            PemFiles.pem(authority.roots()),
            PemFiles.pem(PemFiles.CRL, new byte[] {1, 2, 3}),
            "-----BEGIN X509 CRL-----\nAAAA")) {
      assertFails(
          text.isEmpty() || text.equals("no list")
              ? "revocation_list_incomplete"
              : "revocation_list_malformed",
          () -> parse(text));
    }
  }

  /** Without one of them the certificates it names would be good again. */
  @Test
  void eachRootHasItsListAndOne() {
    assertFails("revocation_list_incomplete", () -> parse(list(authority, KeyKind.ED25519, 1)));
    assertFails(
        "revocation_list_malformed", () -> parse(both(1) + list(authority, KeyKind.ED25519, 2)));
  }

  /** A list of one of our roots without what a list must say, or of a part of its certificates. */
  private String partial(boolean hasNext, boolean hasNumber, boolean isDelta) throws Exception {
    Secret secret = Secret.generate(KeyKind.ED25519, RANDOM);
    X500Name name = new X500Name("CN=Another root");
    X509v2CRLBuilder builder = new X509v2CRLBuilder(name, Date.from(NOW));
    if (hasNext) {
      builder.setNextUpdate(Date.from(NOW.plus(WEEK)));
    }
    if (hasNumber) {
      builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE));
    }
    if (isDelta) {
      builder.addExtension(Extension.deltaCRLIndicator, true, new CRLNumber(BigInteger.ONE));
    }
    String text =
        PemFiles.pem(
            PemFiles.CRL,
            builder
                .build(new JcaContentSignerBuilder("Ed25519").build(secret.jcaPrivate()))
                .getEncoded());
    X509Certificate root =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(NOW),
                        Date.from(NOW.plus(WEEK)),
                        name,
                        secret.jcaPublic())
                    .build(new JcaContentSignerBuilder("Ed25519").build(secret.jcaPrivate())));
    return String.valueOf(RevocationList.parse("crl.pem", text, List.of(root)).number());
  }

  @Test
  void aListSaysItsNumberAndItsEndAndIsWhole() throws Exception {
    assertEquals("1", partial(true, true, false));
    assertFails("revocation_list_malformed", () -> partial(false, true, false));
    assertFails("revocation_list_malformed", () -> partial(true, false, false));
    assertFails("revocation_list_malformed", () -> partial(true, true, true));
  }

  @Test
  void anOlderListDoesNotTakeThePlaceOfANewer() {
    X509Certificate revoked = issue(KeyKind.ED25519);
    RevocationList inForce = parse(both(7, revoked));
    parse(both(8)).requireNoOlder("crl.pem", inForce);
    inForce.requireNoOlder("crl.pem", inForce);
    assertFails(
        "revocation_list_older", () -> parse(both(6, revoked)).requireNoOlder("crl.pem", inForce));
    // Another list of the same number, and one of two that is older.
    assertFails("revocation_list_older", () -> parse(both(7)).requireNoOlder("crl.pem", inForce));
    assertFails(
        "revocation_list_older",
        () ->
            parse(list(authority, KeyKind.ED25519, 8) + list(authority, KeyKind.P256, 6))
                .requireNoOlder("crl.pem", inForce));
  }
}
