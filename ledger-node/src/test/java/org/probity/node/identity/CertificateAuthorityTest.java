package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.identity.IdentityFixtures.NOW;
import static org.probity.node.identity.IdentityFixtures.RANDOM;
import static org.probity.node.identity.IdentityFixtures.assertFails;
import static org.probity.node.identity.IdentityFixtures.authority;
import static org.probity.node.identity.IdentityFixtures.enrol;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateAuthorityTest {
  @TempDir Path directory;

  private static X509Certificate issue(
      CertificateAuthority authority, KeyKind kind, Purpose purpose, String node) {
    return authority.issue(
        CertificateRequest.create(
            Secret.generate(kind, RANDOM), purpose, node, "member-a", List.of("node.example.org")),
        NOW,
        Duration.ofDays(30));
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void aTlsCertificateNamesItsNodeAndIsTrusted(KeyKind kind) throws Exception {
    CertificateAuthority authority = authority();
    X509Certificate certificate = issue(authority, kind, Purpose.TLS, "bank-a");
    assertEquals(Optional.of("bank-a"), PeerIdentity.nodeOf(certificate));
    assertEquals(
        List.of(
            List.of(6, "urn:probity:node:bank-a"),
            List.of(2, "bank-a"),
            List.of(2, "localhost"),
            List.of(7, "127.0.0.1"),
            List.of(2, "node.example.org")),
        List.copyOf(certificate.getSubjectAlternativeNames()));
    assertEquals(-1, certificate.getBasicConstraints());
    assertEquals(
        List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"), certificate.getExtendedKeyUsage());
    assertTrue(certificate.getKeyUsage()[0]);
    assertTrue(certificate.getSerialNumber().bitLength() > 64);
    certificate.verify(authority.root(kind).getPublicKey());
    X509Certificate[] chain = {certificate};
    String type = kind == KeyKind.ED25519 ? "UNKNOWN" : "ECDHE_ECDSA";
    TlsIdentity.trustManager(authority.roots()).checkClientTrusted(chain, type);
    TlsIdentity.trustManager(authority.roots()).checkServerTrusted(chain, type);
    assertThrows(
        CertificateException.class,
        () -> TlsIdentity.trustManager(authority().roots()).checkClientTrusted(chain, type));
  }

  @Test
  void aSigningKeysCertificateIsNoUseOnAConnection() {
    CertificateAuthority authority = authority();
    for (Purpose purpose : List.of(Purpose.LOG, Purpose.COSIGNER)) {
      X509Certificate certificate = issue(authority, KeyKind.ED25519, purpose, "bank-a");
      assertEquals(Optional.empty(), PeerIdentity.nodeOf(certificate));
      assertThrows(
          IllegalArgumentException.class, () -> issue(authority, KeyKind.P256, purpose, "bank-a"));
    }
  }

  @Test
  void serialsDiffer() {
    CertificateAuthority authority = authority();
    assertNotEquals(
        issue(authority, KeyKind.P256, Purpose.TLS, "a").getSerialNumber(),
        issue(authority, KeyKind.P256, Purpose.TLS, "a").getSerialNumber());
  }

  @Test
  void anAuthorityIsLoadedAgain() {
    CertificateAuthority authority = authority();
    Path folder = directory.resolve("ca");
    authority.save(folder);
    assertTrue(CertificateAuthority.existsIn(folder));
    CertificateAuthority loaded = CertificateAuthority.load(folder, RANDOM);
    assertEquals(authority.roots(), loaded.roots());
    X509Certificate certificate = issue(loaded, KeyKind.ED25519, Purpose.TLS, "bank-a");
    assertEquals(
        certificate.getIssuerX500Principal(),
        authority.root(KeyKind.ED25519).getSubjectX500Principal());
    assertFails("key_file_exists", () -> authority.save(folder));
  }

  @Test
  void aNodesFilesAreCheckedAgainstEachOther() throws Exception {
    CertificateAuthority authority = authority();
    Path a = directory.resolve("a");
    Path b = directory.resolve("b");
    NodeKeys keys = enrol(authority, "bank-a", a);
    NodeKeys otherKeys = enrol(authority, "bank-b", b);

    TlsIdentity identity = TlsIdentity.load(a, NodeKeys.load(a), "bank-a");
    assertEquals(keys.tls().jcaPublic(), identity.certificate().getPublicKey());
    identity.requireValid(NOW.plus(CertificateAuthority.DEFAULT_VALIDITY).minusSeconds(1));
    assertFails("certificate_wrong_node", () -> TlsIdentity.load(a, keys, "bank-c"));
    assertFails("certificate_key_mismatch", () -> TlsIdentity.load(a, otherKeys, "bank-a"));
    assertFails("certificate_expired", () -> identity.requireValid(NOW.plus(Duration.ofDays(400))));
    assertFails(
        "certificate_not_yet_valid", () -> identity.requireValid(NOW.minus(Duration.ofDays(1))));
    Files.delete(a.resolve(NodeKeys.ROOTS));
    PemFiles.writeCertificates(a.resolve(NodeKeys.ROOTS), authority().roots());
    assertFails("certificate_untrusted", () -> TlsIdentity.load(a, keys, "bank-a"));
  }

  @Test
  void oneKeyForTwoJobsIsRefused() {
    Secret key = Secret.generate(KeyKind.ED25519, RANDOM);
    Secret other = Secret.generate(KeyKind.ED25519, RANDOM);
    Secret browser = Secret.generate(KeyKind.P256, RANDOM);
    assertFails("key_reused", () -> new NodeKeys(key, key, other, browser));
    assertFails("key_reused", () -> new NodeKeys(key, other, key, browser));
    assertFails("key_reused", () -> new NodeKeys(other, key, key, browser));
    assertFails("key_kind_mismatch", () -> new NodeKeys(key, other, browser, browser));
    assertFails("key_kind_mismatch", () -> new MemberKey(browser));
  }

  @Test
  void opensslVerifiesTheChainAndTheRevocation() throws Exception {
    CertificateAuthority authority = authority();
    for (KeyKind kind : KeyKind.values()) {
      Path root = directory.resolve(kind + "-root.pem");
      Path leaf = directory.resolve(kind + "-leaf.pem");
      Path list = directory.resolve(kind + "-crl.pem");
      X509Certificate certificate = issue(authority, kind, Purpose.TLS, "bank-a");
      PemFiles.writeCertificates(root, List.of(authority.root(kind)));
      PemFiles.writeCertificates(leaf, List.of(certificate));
      PemFiles.writeText(
          list, authority.revocationList(kind, BigInteger.ONE, List.of(), NOW, Duration.ofDays(7)));
      String verified =
          PemFilesTest.OpenSsl.run(
                  "verify",
                  "-x509_strict",
                  "-purpose",
                  "sslserver",
                  "-crl_check",
                  "-CRLfile",
                  list.toString(),
                  "-CAfile",
                  root.toString(),
                  leaf.toString())
              .text();
      assertTrue(verified.endsWith(": OK\n"), verified);

      Path revoking = directory.resolve(kind + "-crl2.pem");
      PemFiles.writeText(
          revoking,
          authority.revocationList(
              kind,
              BigInteger.TWO,
              List.of(
                  new CertificateAuthority.Revoked(
                      certificate.getSerialNumber(), NOW, RevocationReason.SUPERSEDED)),
              NOW,
              Duration.ofDays(7)));
      AssertionError refused =
          assertThrows(
              AssertionError.class,
              () ->
                  PemFilesTest.OpenSsl.run(
                      "verify",
                      "-crl_check",
                      "-CRLfile",
                      revoking.toString(),
                      "-CAfile",
                      root.toString(),
                      leaf.toString()));
      assertTrue(refused.getMessage().contains("certificate revoked"), refused.getMessage());
    }
  }
}
