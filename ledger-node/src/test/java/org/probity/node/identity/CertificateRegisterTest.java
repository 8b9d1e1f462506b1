package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.identity.IdentityFixtures.NOW;
import static org.probity.node.identity.IdentityFixtures.RANDOM;
import static org.probity.node.identity.IdentityFixtures.assertFails;
import static org.probity.node.identity.IdentityFixtures.authority;
import static org.probity.node.identity.IdentityFixtures.enrol;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateRegisterTest {
  private static final Duration VALIDITY = Duration.ofDays(30);

  @TempDir Path temporary;
  private Path directory;
  private CertificateRegister register;

  @BeforeEach
  void found() {
    directory = temporary.resolve("ca");
    authority().save(directory);
    register = CertificateRegister.open(directory, RANDOM);
  }

  private X509Certificate issue(KeyKind kind, String node) {
    return register.issue(
        CertificateRequest.create(
            Secret.generate(kind, RANDOM), Purpose.TLS, node, "member-a", List.of()),
        NOW,
        VALIDITY);
  }

  @Test
  void whatWasIssuedIsInTheBooks() {
    X509Certificate first = issue(KeyKind.ED25519, "bank-a");
    X509Certificate second = issue(KeyKind.P256, "bank-b");
    CertificateRegister again = CertificateRegister.open(directory, RANDOM);
    assertEquals(
        List.of(first, second).stream().map(CertificateRegister::serialOf).sorted().toList(),
        again.issued().stream().map(CertificateRegister.Issued::serial).sorted().toList());
    again.enter(first);
    assertEquals(2, again.issued().size());
    assertTrue(again.issued().stream().allMatch(one -> one.revokedAt().isEmpty()));
  }

  @Test
  void aRevocationStandsFromItsFirstMoment() {
    String serial = CertificateRegister.serialOf(issue(KeyKind.ED25519, "bank-a"));
    assertEquals(NOW, register.revoke(serial, NOW));
    assertEquals(NOW, register.revoke(serial, NOW.plusSeconds(5)));
    assertEquals(
        List.of(Optional.of(NOW)),
        CertificateRegister.open(directory, RANDOM).issued().stream()
            .map(CertificateRegister.Issued::revokedAt)
            .toList());
    for (String unknown : List.of("", "1", "../../x", "zz")) {
      assertFails("certificate_unknown", () -> register.revoke(unknown, NOW));
    }
  }

  @Test
  void anInterruptedRevocationIsARevocation() throws Exception {
    String serial = CertificateRegister.serialOf(issue(KeyKind.ED25519, "bank-a"));
    Files.createFile(directory.resolve("revoked").resolve(serial));
    assertEquals(Optional.of(Instant.EPOCH), register.issued().get(0).revokedAt());
  }

  @Test
  void opensslHonoursTheListThatIsPublished() throws Exception {
    for (KeyKind kind : KeyKind.values()) {
      X509Certificate good = issue(kind, "bank-a");
      X509Certificate bad = issue(kind, "bank-b");
      register.revoke(CertificateRegister.serialOf(bad), NOW);
      String name = kind == KeyKind.ED25519 ? "ed25519" : "p256";
      verify(name, good);
      AssertionError refused = assertThrows(AssertionError.class, () -> verify(name, bad));
      assertTrue(refused.getMessage().contains("certificate revoked"), refused.getMessage());
    }
  }

  private void verify(String kind, X509Certificate certificate) throws Exception {
    Path leaf = temporary.resolve(CertificateRegister.serialOf(certificate) + ".pem");
    PemFiles.writeCertificates(leaf, List.of(certificate));
    PemFilesTest.OpenSsl.run(
        "verify",
        "-crl_check",
        "-CRLfile",
        directory.resolve("crl-" + kind + ".pem").toString(),
        "-CAfile",
        directory.resolve("ca-" + kind + ".pem").toString(),
        leaf.toString());
  }

  @Test
  void aNodeRenewsAllItsCertificates() {
    Path folder = temporary.resolve("keys");
    NodeKeys keys = enrol(register.authority(), "bank-a", folder);
    Instant later = NOW.plus(Duration.ofDays(300));
    List<CertificateRequest> requests =
        NodeIdentityFiles.requests(keys, "bank-a", "bank-a", List.of("new.example.org"));
    assertEquals(
        List.of("log-ed25519.csr", "cosigner-ed25519.csr", "tls-ed25519.csr", "tls-p256.csr"),
        requests.stream().map(NodeIdentityFiles::fileName).toList());
    assertEquals(
        List.of("log-cert.pem", "cosigner-cert.pem", "tls-ed25519-cert.pem", "tls-p256-cert.pem"),
        requests.stream()
            .map(request -> register.issue(request, later, Duration.ofDays(397)))
            .map(certificate -> NodeIdentityFiles.install(folder, keys, certificate))
            .map(file -> file.getFileName().toString())
            .toList());
    TlsIdentity renewed = TlsIdentity.load(folder, keys, "bank-a", NOW.plus(Duration.ofDays(600)));
    assertTrue(renewed.expiresAt().isAfter(NOW.plus(Duration.ofDays(690))));
  }

  @Test
  void aCertificateThatDoesNotFitIsNotInstalled() {
    Path folder = temporary.resolve("keys");
    NodeKeys keys = enrol(register.authority(), "bank-a", folder);
    X509Certificate ofAnother = issue(KeyKind.ED25519, "bank-a");
    assertFails(
        "certificate_key_mismatch", () -> NodeIdentityFiles.install(folder, keys, ofAnother));
    X509Certificate ofStrangers =
        authority()
            .issue(
                CertificateRequest.create(keys.tls(), Purpose.TLS, "bank-a", "bank-a", List.of()),
                NOW,
                VALIDITY);
    assertFails(
        "certificate_untrusted", () -> NodeIdentityFiles.install(folder, keys, ofStrangers));
    assertEquals("bank-a", TlsIdentity.load(folder, keys, "bank-a", NOW).node());
  }
}
