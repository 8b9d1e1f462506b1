package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.net.KeyCertOptions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.probity.node.http.NodeHealth;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.OwnCertificates;

/** When an operator hears of certificates, and how often. */
class CertificateWatchTest {
  private static final Instant END = Instant.parse("2026-12-31T00:00:00Z");

  /** In a folder whose content the test decides. */
  private static final class Certificates implements OwnCertificates {
    Instant end = END;
    boolean renewed;
    String trouble = "";

    @Override
    public KeyCertOptions peerKey() {
      throw new AssertionError("not for the watch");
    }

    @Override
    public KeyCertOptions clientListenerKey() {
      throw new AssertionError("not for the watch");
    }

    @Override
    public Map<String, Instant> ends() {
      return Map.of("nodes", end, "authority", Instant.MAX);
    }

    @Override
    public Map<String, X509Certificate> shown() {
      throw new AssertionError("not for the watch");
    }

    @Override
    public boolean refresh(Instant now) {
      if (!trouble.isEmpty()) {
        throw new IdentityException("certificate_untrusted", trouble);
      }
      boolean changed = renewed;
      renewed = false;
      return changed;
    }

    @Override
    public void requireValid(Instant now) {
      throw new AssertionError("at the start only");
    }
  }

  /** Shows the time that the test sets. */
  private static final class Hands extends Clock {
    private Instant now = END.minus(Duration.ofDays(100));

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final Certificates certificates = new Certificates();
  private final Hands clock = new Hands();
  private final AtomicInteger renewals = new AtomicInteger();
  private final List<String> warned = new ArrayList<>();
  private final CertificateWatch watch =
      new CertificateWatch(certificates, clock, renewals::incrementAndGet, warned::add);

  private void lookBeforeEnd(Duration left) {
    clock.now = END.minus(left);
    watch.look();
    watch.look();
  }

  @Test
  void eachStepIsSaidOnce() {
    lookBeforeEnd(Duration.ofDays(30));
    assertEquals(List.of(), watch.warnings());
    String last = "";
    for (Duration left :
        List.of(
            Duration.ofDays(30).minusSeconds(1),
            Duration.ofDays(14).minusSeconds(1),
            Duration.ofDays(3).minusSeconds(1),
            Duration.ofSeconds(-1))) {
      int before = warned.size();
      lookBeforeEnd(left);
      assertEquals(before + 1, warned.size(), warned::toString);
      List<NodeHealth.Warning> warnings = watch.warnings();
      assertEquals(1, warnings.size(), warnings::toString);
      assertEquals("certificate for nodes", warnings.get(0).name());
      assertTrue(!warnings.get(0).reason().equals(last), last);
      last = warnings.get(0).reason();
      assertTrue(last.contains(END.toString()), last);
    }
    assertTrue(last.contains("it is over"), last);
    assertEquals(0, renewals.get());
  }

  @Test
  void aRenewalEndsTheWarningAndTheNextEndIsSaidAgain() {
    lookBeforeEnd(Duration.ofDays(2));
    certificates.end = END.plus(Duration.ofDays(100));
    certificates.renewed = true;
    watch.look();
    assertEquals(1, renewals.get());
    assertEquals(List.of(), watch.warnings());
    clock.now = certificates.end.minus(Duration.ofDays(2));
    watch.look();
    assertEquals(2, warned.size(), warned::toString);
  }

  @Test
  void whatCannotBeTakenUpIsSaidOnceAndStaysAWarning() {
    certificates.trouble = "not ours";
    watch.look();
    watch.look();
    assertEquals(
        List.of("the former certificates go on being shown: certificate_untrusted: not ours"),
        warned);
    assertEquals(
        List.of(new NodeHealth.Warning("renewed certificates", "certificate_untrusted: not ours")),
        watch.warnings());
    certificates.trouble = "";
    watch.look();
    assertEquals(List.of(), watch.warnings());
  }
}
