package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.identity.IdentityFixtures.NOW;
import static org.probity.node.identity.IdentityFixtures.RANDOM;
import static org.probity.node.identity.IdentityFixtures.assertFails;
import static org.probity.node.identity.IdentityFixtures.authority;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which list is in force, whatever is put in its place. */
class LiveRevocationsTest {
  private static final Duration WEEK = Duration.ofDays(7);

  @TempDir Path directory;
  private Path file;
  private Path kept;
  private CertificateRegister register;
  private X509Certificate certificate;

  @BeforeEach
  void found() {
    authority().save(directory.resolve("ca"));
    register = CertificateRegister.open(directory.resolve("ca"), RANDOM);
    file = directory.resolve("list.pem");
    kept = directory.resolve("kept.pem");
    certificate =
        register.issue(
            CertificateRequest.create(
                Secret.generate(KeyKind.ED25519, RANDOM),
                Purpose.TLS,
                "bank-a",
                "member-a",
                List.of()),
            false,
            NOW,
            WEEK);
  }

  private String publish(int seconds) {
    return PemFiles.readText(register.publish(NOW.plusSeconds(seconds), WEEK).file());
  }

  private String revoking(int seconds) {
    register.revoke(
        CertificateRegister.serialOf(certificate), RevocationReason.KEY_COMPROMISE, NOW);
    return publish(seconds);
  }

  private void put(String text) {
    PemFiles.replaceText(file, text);
  }

  private LiveRevocations load() {
    return LiveRevocations.load(file, kept, register.authority().roots());
  }

  @Test
  void aNodeThatWasToldOfNoListRevokesNothing() {
    assertFalse(LiveRevocations.none().refresh());
    assertFalse(LiveRevocations.none().isRevoked(certificate));
    assertEquals(Optional.empty(), LiveRevocations.none().inForce());
  }

  @Test
  void aListIsTakenUpWhenItIsThere() {
    put(publish(0));
    LiveRevocations live = load();
    assertFalse(live.isRevoked(certificate));
    assertFalse(live.refresh(), "it is in force");
    put(revoking(1));
    assertTrue(live.refresh());
    assertTrue(live.isRevoked(certificate));
    assertFalse(live.refresh());
  }

  @Test
  void whatIsNotUsableLeavesTheOneInForce() throws Exception {
    String former = publish(0);
    String present = revoking(1);
    put(present);
    LiveRevocations live = load();
    CertificateAuthority namesake = authority();
    namesake.save(directory.resolve("namesake"));
    String ofAnother =
        PemFiles.readText(
            CertificateRegister.open(directory.resolve("namesake"), RANDOM)
                .publish(NOW.plusSeconds(9), WEEK)
                .file());
    String forged =
        present.replaceFirst(
            "BEGIN X509 CRL-----\n.{20}", "BEGIN X509 CRL-----\n" + "A".repeat(20));
    for (String[] wrong :
        new String[][] {
          {"revocation_list_older", former},
          {"revocation_list_untrusted", ofAnother},
          {"revocation_list_malformed", forged},
          {"revocation_list_malformed", present.substring(0, present.length() / 3)},
          {"revocation_list_incomplete", ""}
        }) {
      put(wrong[1]);
      assertFails(wrong[0], live::refresh);
      assertTrue(live.isRevoked(certificate), wrong[0]);
    }
    Files.delete(file);
    assertFails("revocation_list_unreadable", live::refresh);
    Files.createDirectory(file);
    assertFails("revocation_list_unreadable", live::refresh);
    Files.delete(file);
    assertTrue(live.isRevoked(certificate));
    put(present);
    assertFalse(live.refresh());
  }

  /** Whoever could put back an older file while a node is down could make a thief's key good. */
  @Test
  void aRestartDoesNotGoBack() throws Exception {
    String former = publish(0);
    put(revoking(1));
    LiveRevocations first = load();
    assertFalse(Files.exists(kept), "a look writes nothing");
    first.keep();
    put(former);
    assertTrue(load().isRevoked(certificate));
    assertFails("revocation_list_older", load()::refresh);
    Files.delete(file);
    assertTrue(load().isRevoked(certificate));
    // A copy that is damaged is none.
    PemFiles.replaceText(kept, "");
    assertFails("revocation_list_unreadable", this::load);
    put(former);
    assertFalse(load().isRevoked(certificate));
  }

  @Test
  void aNodeThatWasToldOfAListAndHasNeverHadOneDoesNotStart() {
    assertFails("revocation_list_unreadable", this::load);
    put("no list");
    assertFails("revocation_list_incomplete", this::load);
  }

  /** The disk is full: what has come counts, and is kept as soon as it can be. */
  @Test
  void aListThatCannotBeKeptIsInForce() throws Exception {
    put(revoking(0));
    Path nowhere = directory.resolve("missing").resolve("kept.pem");
    LiveRevocations live = LiveRevocations.load(file, nowhere, register.authority().roots());
    assertFails("key_file_io", live::keep);
    assertTrue(live.isRevoked(certificate));
    Files.createDirectory(directory.resolve("missing"));
    live.keep();
    assertEquals(Files.readString(file), Files.readString(nowhere));
  }
}
