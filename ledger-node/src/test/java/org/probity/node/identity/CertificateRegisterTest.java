package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
        false,
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
    assertTrue(again.issued().stream().allMatch(one -> one.revocation().isEmpty()));
  }

  @Test
  void aRevocationStandsFromItsFirstMoment() {
    String serial = CertificateRegister.serialOf(issue(KeyKind.ED25519, "bank-a"));
    CertificateRegister.Revocation first =
        new CertificateRegister.Revocation(NOW, RevocationReason.KEY_COMPROMISE);
    assertEquals(first, register.revoke(serial, RevocationReason.KEY_COMPROMISE, NOW));
    assertEquals(first, register.revoke(serial, RevocationReason.SUPERSEDED, NOW.plusSeconds(5)));
    assertEquals(
        List.of(Optional.of(first)),
        CertificateRegister.open(directory, RANDOM).issued().stream()
            .map(CertificateRegister.Issued::revocation)
            .toList());
    for (String unknown : List.of("", "1", "../../x", "zz")) {
      assertFails(
          "certificate_unknown", () -> register.revoke(unknown, RevocationReason.SUPERSEDED, NOW));
    }
  }

  /** The number on a certificate of somebody else is nobody's. */
  @Test
  void aCertificateOfAnotherAuthorityIsNotInTheBooks() {
    X509Certificate ours = issue(KeyKind.ED25519, "bank-a");
    X509Certificate root = register.authority().root(KeyKind.ED25519);
    assertEquals(ours, register.find(ours).certificate());
    assertFails("certificate_unknown", () -> register.find(root));
    // Entered under another's number, as a file that was renamed would be.
    PemFiles.writeCertificates(
        directory.resolve("issued").resolve(CertificateRegister.serialOf(root) + ".pem"),
        List.of(ours));
    assertFails("certificate_unknown", () -> register.find(root));
  }

  @Test
  void anInterruptedRevocationIsARevocation() throws Exception {
    String serial = CertificateRegister.serialOf(issue(KeyKind.ED25519, "bank-a"));
    Files.createFile(directory.resolve("revoked").resolve(serial));
    assertEquals(
        Optional.of(
            new CertificateRegister.Revocation(
                Instant.EPOCH, RevocationReason.PRIVILEGE_WITHDRAWN)),
        register.issued().get(0).revocation());
  }

  /** Also when the clock was put back: nodes refuse a list with a lower number. */
  @Test
  void theNumberOfTheListRises() {
    Duration week = Duration.ofDays(7);
    CertificateRegister.Published first = register.publish(NOW, week);
    assertEquals(BigInteger.valueOf(NOW.toEpochMilli()), first.list().number());
    assertEquals(
        NOW.truncatedTo(ChronoUnit.SECONDS).plus(week), first.list().nextUpdate(), "as asked for");
    CertificateRegister.Published second = register.publish(NOW.minusSeconds(3600), week);
    assertEquals(first.list().number().add(BigInteger.ONE), second.list().number());
    CertificateRegister.Published third = register.publish(NOW.plusSeconds(1), week);
    assertEquals(BigInteger.valueOf(NOW.plusSeconds(1).toEpochMilli()), third.list().number());
    PemFiles.replaceText(third.file(), "-----BEGIN X509 CRL-----\n");
    assertFails("revocation_list_malformed", () -> register.publish(NOW.plusSeconds(2), week));
  }

  @Test
  void opensslHonoursTheListThatIsPublished() throws Exception {
    for (KeyKind kind : KeyKind.values()) {
      X509Certificate good = issue(kind, "bank-a");
      X509Certificate bad = issue(kind, "bank-b");
      RevocationReason reason = RevocationReason.KEY_COMPROMISE;
      register.revoke(CertificateRegister.serialOf(bad), reason, NOW);
      Path list = register.publish(NOW, Duration.ofDays(7)).file();
      String name = kind == KeyKind.ED25519 ? "ed25519" : "p256";
      verify(name, list, good);
      AssertionError refused = assertThrows(AssertionError.class, () -> verify(name, list, bad));
      assertTrue(refused.getMessage().contains("certificate revoked"), refused.getMessage());
    }
  }

  private void verify(String kind, Path list, X509Certificate certificate) throws Exception {
    Path leaf = temporary.resolve(CertificateRegister.serialOf(certificate) + ".pem");
    PemFiles.writeCertificates(leaf, List.of(certificate));
    PemFilesTest.OpenSsl.run(
        "verify",
        "-crl_check",
        "-CRLfile",
        list.toString(),
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
    List<X509Certificate> issued =
        requests.stream()
            .map(request -> register.issue(request, false, later, Duration.ofDays(397)))
            .toList();
    assertEquals(
        List.of("log-cert.pem", "cosigner-cert.pem", "tls-ed25519-cert.pem", "tls-p256-cert.pem"),
        install(folder, issued, later).stream()
            .map(file -> file.getFileName().toString())
            .toList());
    TlsIdentity renewed = TlsIdentity.load(folder, keys, "bank-a");
    renewed.requireValid(NOW.plus(Duration.ofDays(690)));
  }

  private static List<Path> install(Path folder, List<X509Certificate> certificates, Instant now) {
    return NodeIdentityFiles.install(folder, Optional.empty(), "bank-a", certificates, now);
  }

  @Test
  void aCertificateThatDoesNotFitIsNotInstalled() {
    Path folder = temporary.resolve("keys");
    NodeKeys keys = enrol(register.authority(), "bank-a", folder);
    X509Certificate ofAnother = issue(KeyKind.ED25519, "bank-a");
    assertFails("certificate_key_mismatch", () -> install(folder, List.of(ofAnother), NOW));
    X509Certificate ofStrangers =
        authority()
            .issue(
                CertificateRequest.create(keys.tls(), Purpose.TLS, "bank-a", "bank-a", List.of()),
                NOW,
                VALIDITY);
    assertFails("certificate_untrusted", () -> install(folder, List.of(ofStrangers), NOW));
    assertEquals("bank-a", TlsIdentity.load(folder, keys, "bank-a").node());
  }

  private CertificateRequest request(Secret key, String node, String member, String... hosts) {
    return CertificateRequest.create(key, Purpose.TLS, node, member, List.of(hosts));
  }

  private void assertRefused(String code, CertificateRequest request, boolean renews) {
    int before = register.issued().size();
    assertFails(code, () -> register.issue(request, renews, NOW, VALIDITY));
    assertEquals(before, register.issued().size(), "nothing was issued");
  }

  @Test
  void theBooksSayWhoMayAskForWhat() {
    Secret key = Secret.generate(KeyKind.ED25519, RANDOM);
    Secret next = Secret.generate(KeyKind.ED25519, RANDOM);
    register.issue(request(key, "bank-a", "member-a"), false, NOW, VALIDITY);

    assertRefused("request_wrong_member", request(next, "bank-a", "member-b"), true);
    assertRefused("request_key_taken", request(key, "bank-b", "member-b"), true);
    assertRefused(
        "request_key_taken",
        CertificateRequest.create(key, Purpose.LOG, "bank-a", "member-a", List.of()),
        true);
    assertRefused("request_host_taken", request(next, "bank-b", "member-b", "bank-a"), true);
    assertRefused("renewal_unconfirmed", request(next, "bank-a", "member-a"), false);
    Instant late = register.authority().root(KeyKind.ED25519).getNotAfter().toInstant();
    assertFails(
        "validity_too_long",
        () -> register.issue(request(key, "bank-a", "member-a"), false, late, VALIDITY));

    // The same key goes on; another one is confirmed; of the other kind nothing was issued yet.
    register.issue(request(key, "bank-a", "member-a"), false, NOW, VALIDITY);
    X509Certificate second =
        register.issue(request(next, "bank-a", "member-a"), true, NOW, VALIDITY);
    Secret browser = Secret.generate(KeyKind.P256, RANDOM);
    register.issue(request(browser, "bank-a", "member-a"), false, NOW, VALIDITY);

    register.revoke(CertificateRegister.serialOf(second), RevocationReason.SUPERSEDED, NOW);
    assertRefused("request_key_revoked", request(next, "bank-a", "member-a"), true);
  }

  /** After all its certificates have ended or were revoked a node gets one without confirmation. */
  @Test
  void nothingIsConfirmedThatReplacesNothingGood() {
    register.issue(
        request(Secret.generate(KeyKind.ED25519, RANDOM), "bank-a", "member-a"),
        false,
        NOW.minus(VALIDITY).minusSeconds(1),
        VALIDITY);
    X509Certificate good = issue(KeyKind.ED25519, "bank-a");
    register.revoke(CertificateRegister.serialOf(good), RevocationReason.SUPERSEDED, NOW);
    issue(KeyKind.ED25519, "bank-a");
  }
}
