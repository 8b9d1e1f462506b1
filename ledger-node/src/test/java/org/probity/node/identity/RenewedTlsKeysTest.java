package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.identity.IdentityFixtures.NOW;
import static org.probity.node.identity.IdentityFixtures.RANDOM;
import static org.probity.node.identity.IdentityFixtures.assertFails;
import static org.probity.node.identity.IdentityFixtures.authority;
import static org.probity.node.identity.IdentityFixtures.enrol;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A TLS key and its certificate are replaced together, also if that is interrupted. */
class RenewedTlsKeysTest {
  private static final Duration VALIDITY = Duration.ofDays(500);
  private static final Optional<String> OPEN = Optional.empty();

  @TempDir Path temporary;
  private final CertificateAuthority authority = authority();
  private Path folder;
  private NodeKeys first;

  @BeforeEach
  void enrolled() {
    folder = temporary.resolve("keys");
    first = enrol(authority, "bank-a", folder);
  }

  private List<CertificateRequest> request() {
    return request(OPEN);
  }

  private List<CertificateRequest> request(Optional<String> passphrase) {
    return NodeIdentityFiles.requestsForNewTlsKeys(
        folder, passphrase, "bank-a", "bank-a", List.of("a.example"), RANDOM);
  }

  private List<X509Certificate> issue(List<CertificateRequest> requests) {
    return requests.stream().map(one -> authority.issue(one, NOW, VALIDITY)).toList();
  }

  private List<Path> install(List<X509Certificate> certificates) {
    return NodeIdentityFiles.install(folder, OPEN, "bank-a", certificates, NOW);
  }

  private TlsIdentity loaded() {
    return TlsIdentity.load(folder, NodeKeys.load(folder), "bank-a");
  }

  private SortedMap<String, String> files() throws Exception {
    SortedMap<String, String> content = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        content.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return content;
  }

  @Test
  void askingChangesNothingThatIsInUse() throws Exception {
    SortedMap<String, String> before = files();
    List<PublicKey> keys = request().stream().map(CertificateRequest::key).toList();

    assertEquals(keys, request().stream().map(CertificateRequest::key).toList(), "again");
    SortedMap<String, String> after = files();
    for (String next : List.of("tls-ed25519-next.pem", "tls-p256-next.pem")) {
      assertTrue(after.remove(next) != null, next);
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(next))));
    }
    assertEquals(before, after);
    assertEquals(first.tls().jcaPublic(), NodeKeys.load(folder).tls().jcaPublic());
    assertFalse(keys.contains(first.tls().jcaPublic()));
  }

  @Test
  void bothAreReplacedAndWhatWasThereIsKeptAside() throws Exception {
    List<X509Certificate> issued = issue(request());
    SortedMap<String, String> before = files();

    assertEquals(
        List.of("tls-ed25519-cert.pem", "tls-p256-cert.pem"),
        install(issued).stream().map(file -> file.getFileName().toString()).toList());

    SortedMap<String, String> after = files();
    for (String kind : List.of("ed25519", "p256")) {
      String tls = "tls-" + kind;
      assertEquals(before.get(tls + ".pem"), after.get(tls + "-former.pem"));
      assertEquals(before.get(tls + "-cert.pem"), after.get(tls + "-cert-former.pem"));
      assertEquals(before.get(tls + "-next.pem"), after.get(tls + ".pem"));
      assertNull(after.get(tls + "-next.pem"));
    }
    assertEquals(issued.get(0), loaded().certificate());
    assertEquals(issued.get(1), loaded().browserCertificate());
    assertEquals(first.log().jcaPublic(), NodeKeys.load(folder).log().jcaPublic());
    // And once more, over the former pair of before.
    install(issue(request()));
    assertEquals(after.get("tls-p256.pem"), files().get("tls-p256-former.pem"));
  }

  /** What a crash can leave: after the certificate, and after the first of the two keys. */
  @Test
  void anInterruptedReplacementIsOneConsistentPair() throws Exception {
    List<X509Certificate> issued = issue(request());
    PemFiles.replaceText(
        folder.resolve(NodeKeys.TLS_CERTIFICATE), PemFiles.pem(List.of(issued.get(0))));
    assertEquals(issued.get(0), loaded().certificate());

    Files.move(
        folder.resolve("tls-ed25519.pem"),
        folder.resolve("tls-ed25519-former.pem"),
        StandardCopyOption.ATOMIC_MOVE);
    assertEquals(issued.get(0), loaded().certificate());

    install(issued);
    assertEquals(issued.get(0), loaded().certificate());
    assertEquals(issued.get(1), loaded().browserCertificate());
    assertFalse(Files.exists(folder.resolve("tls-ed25519-next.pem")));
    assertEquals(
        first.tls().jcaPublic(),
        PemFiles.readSecret(folder.resolve("tls-ed25519-former.pem")).jcaPublic());
  }

  /** Otherwise the keys of an interrupted replacement would be asked for again, and be in use. */
  @Test
  void askingFinishesAnInterruptedReplacement() {
    List<X509Certificate> issued = issue(request());
    PemFiles.replaceText(
        folder.resolve(NodeKeys.TLS_CERTIFICATE), PemFiles.pem(List.of(issued.get(0))));

    assertNotEquals(issued.get(0).getPublicKey(), request().get(0).key());
    assertEquals(issued.get(0), loaded().certificate());
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnythingIsReplaced() throws Exception {
    List<CertificateRequest> requests = request();
    X509Certificate good = issue(requests).get(0);
    CertificateRequest browser = requests.get(1);
    Secret key = PemFiles.readSecret(folder.resolve("tls-p256-next.pem"));
    SortedMap<String, String> before = files();

    Instant longAgo = NOW.minus(VALIDITY).minusSeconds(1);
    refused("certificate_expired", good, authority.issue(browser, longAgo, VALIDITY));
    refused(
        "certificate_not_yet_valid",
        good,
        authority.issue(browser, NOW.plus(Duration.ofHours(1)), VALIDITY));
    refused("certificate_untrusted", good, authority().issue(browser, NOW, VALIDITY));
    CertificateRequest ofAnother =
        CertificateRequest.create(key, Purpose.TLS, "bank-b", "bank-a", List.of());
    refused("certificate_wrong_node", good, authority.issue(ofAnother, NOW, VALIDITY));
    CertificateRequest notForConnections =
        CertificateRequest.create(
            PemFiles.readSecret(folder.resolve("tls-ed25519-next.pem")),
            Purpose.LOG,
            "bank-a",
            "bank-a",
            List.of());
    refused("certificate_wrong_node", good, authority.issue(notForConnections, NOW, VALIDITY));
    Secret stranger = Secret.generate(KeyKind.P256, RANDOM);
    refused(
        "certificate_key_mismatch",
        good,
        authority.issue(
            CertificateRequest.create(stranger, Purpose.TLS, "bank-a", "bank-a", List.of()),
            NOW,
            VALIDITY));
    assertEquals(before, files());
  }

  private void refused(String code, X509Certificate... certificates) {
    assertFails(code, () -> install(List.of(certificates)));
  }

  @Test
  void lostTlsKeysAreMadeAgain() throws Exception {
    for (String lost :
        List.of(
            NodeKeys.TLS_KEY,
            NodeKeys.TLS_CERTIFICATE,
            NodeKeys.BROWSER_TLS_KEY,
            NodeKeys.BROWSER_TLS_CERTIFICATE)) {
      Files.delete(folder.resolve(lost));
    }
    assertFails("key_file_missing", this::loaded);
    install(issue(request()));
    assertEquals("bank-a", loaded().node());
  }

  /** Keys that were encrypted do not become readable by being renewed. */
  @Test
  void aPassphraseCoversTheNewKeysToo() throws Exception {
    List<CertificateRequest> requests = request(Optional.of("horse"));
    Path next = folder.resolve("tls-ed25519-next.pem");
    assertTrue(Files.readString(next).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY"));
    assertFails("key_file_locked", () -> PemFiles.readSecret(next));
    assertFails("key_file_locked", () -> PemFiles.readSecret(next, Optional.of("battery")));
    NodeIdentityFiles.install(folder, Optional.of("horse"), "bank-a", issue(requests), NOW);
    assertEquals(
        requests.get(0).key(), NodeKeys.load(folder, Optional.of("horse")).tls().jcaPublic());
  }

  @Test
  void whatIsShownFollowsTheFolder() throws Exception {
    LiveTlsIdentity live = LiveTlsIdentity.load(folder, OPEN, NodeKeys.load(folder), "bank-a");
    Instant end = live.ends().get("nodes");
    assertFalse(live.refresh(NOW));
    List<X509Certificate> issued = issue(request());
    assertFalse(live.refresh(NOW), "only asked for");

    install(issued);

    assertTrue(live.refresh(NOW));
    assertFalse(live.refresh(NOW));
    assertTrue(live.ends().get("nodes").isAfter(end));
    assertEquals(
        issued.get(1).getNotAfter().toInstant(), live.ends().get("browsers"), "both kinds");
    X509Certificate strangers = authority().issue(request().get(0), NOW, VALIDITY);
    PemFiles.replaceText(
        folder.resolve(NodeKeys.TLS_CERTIFICATE), PemFiles.pem(List.of(strangers)));
    assertFails("certificate_untrusted", () -> live.refresh(NOW));
    assertEquals(issued.get(0).getNotAfter().toInstant(), live.ends().get("nodes"));
  }
}
