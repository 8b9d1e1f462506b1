package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.http.NodeHealth;
import org.probity.node.identity.CertificateAuthority;
import org.probity.node.identity.CertificateRegister;
import org.probity.node.identity.CertificateRequest;
import org.probity.node.identity.KeyKind;
import org.probity.node.identity.LiveRevocations;
import org.probity.node.identity.NodeIdentityFiles;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.RevocationReason;

/** When an operator hears of revocation lists, and how often. */
class RevocationWatchTest {
  private static final Duration MONTH = Duration.ofDays(30);

  @TempDir Path directory;
  private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final SecureRandom random = new SecureRandom();
  private final List<String> warned = new ArrayList<>();
  private final AtomicInteger arrivals = new AtomicInteger();
  private Instant time = start;
  private CertificateRegister register;
  private X509Certificate own;
  private LiveRevocations live;
  private RevocationWatch watch;

  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return time;
        }

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }
      };

  @BeforeEach
  void found() throws Exception {
    Path ca = directory.resolve("ca");
    CertificateAuthority.create("Test", start, random).save(ca);
    register = CertificateRegister.open(ca, random);
    CertificateRequest request =
        NodeIdentityFiles.requests(NodeKeys.generate(random), "bank-a", "member-a", List.of())
            .get(2);
    assertEquals(KeyKind.ED25519, request.kind());
    own = register.issue(request, false, start, MONTH);
    publish();
    live =
        LiveRevocations.load(
            directory.resolve("crl.pem"),
            directory.resolve("kept.pem"),
            register.authority().roots());
    watch =
        new RevocationWatch(
            live, () -> Map.of("nodes", own), clock, arrivals::incrementAndGet, warned::add);
  }

  private void publish() throws Exception {
    Files.write(
        directory.resolve("crl.pem"), Files.readAllBytes(register.publish(time, MONTH).file()));
  }

  private void look(Duration later) {
    time = start.plus(later);
    watch.look();
    watch.look();
  }

  @Test
  void aListThatIsDueIsSaidOnceAndStaysInForce() {
    look(Duration.ofDays(20));
    assertEquals(List.of(), warned);
    assertEquals(List.of(), watch.warnings());
    look(Duration.ofDays(20).plusSeconds(1));
    assertEquals(
        List.of("revocation list: the next one is due by " + start.plus(MONTH) + ": identity crl"),
        warned);
    look(MONTH.plusSeconds(1));
    assertEquals(2, warned.size(), warned::toString);
    List<NodeHealth.Warning> warnings = watch.warnings();
    assertEquals(1, warnings.size());
    assertEquals("revocation list", warnings.get(0).name());
    assertTrue(warnings.get(0).reason().startsWith("the next one was due at " + start.plus(MONTH)));
    assertEquals(1, live.inForce().stream().count());
  }

  @Test
  void theNextOneEndsTheWarning() throws Exception {
    look(Duration.ofDays(25));
    publish();
    watch.look();
    assertEquals(1, arrivals.get());
    assertEquals(List.of(), watch.warnings());
    assertTrue(Files.exists(directory.resolve("kept.pem")));
    look(Duration.ofDays(25 + 21));
    assertEquals(2, warned.size(), warned::toString);
  }

  @Test
  void whatCannotBeTakenUpIsSaidOnceAndStaysAWarning() throws Exception {
    Files.writeString(directory.resolve("crl.pem"), "nothing");
    look(Duration.ZERO);
    assertEquals(1, warned.size(), warned::toString);
    assertTrue(
        warned
            .get(0)
            .startsWith(
                "revocation list: the former one stays in force: revocation_list_incomplete: "),
        warned.get(0));
    assertEquals(1, watch.warnings().size());
    assertEquals(0, arrivals.get());
    time = start.plusSeconds(1);
    publish();
    watch.look();
    assertEquals(List.of(), watch.warnings());
  }

  /** Otherwise its operator would see a network that is down. */
  @Test
  void aNodeSaysThatItsOwnCertificateWasRevoked() throws Exception {
    register.revoke(CertificateRegister.serialOf(own), RevocationReason.KEY_COMPROMISE, start);
    time = start.plusSeconds(1);
    publish();
    watch.look();
    watch.look();
    assertEquals(
        List.of(
            "certificate for nodes: the authority has revoked it, nobody accepts it: identity"
                + " request"),
        warned);
    assertEquals(1, arrivals.get());
  }
}
