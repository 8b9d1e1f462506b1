package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.cli.RunningConsortium.fields;
import static org.probity.node.cli.RunningConsortium.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.RevocationList;
import org.probity.node.network.NetworkLayout;

/** What the authority's keeper types when a certificate is to lose its effect. */
@Timeout(120)
class RevokedCertificatesTest {
  @TempDir Path directory;
  private NetworkLayout layout;

  @BeforeEach
  void found() {
    Path folder = directory.resolve("c");
    layout = new NetworkLayout(folder);
    RunningConsortium.Run founded =
        run(
            "network",
            "init",
            "--nodes=2",
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder);
    assertEquals(0, founded.exit(), founded.err());
  }

  private static RunningConsortium.Run identity(String... arguments) {
    List<String> all = new ArrayList<>(List.of("identity"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--output", "json"));
    return run(all.toArray(String[]::new));
  }

  private static JsonNode ok(RunningConsortium.Run run) throws Exception {
    assertEquals(0, run.exit(), run.err());
    return run.json();
  }

  private static void assertRefused(int exit, String code, RunningConsortium.Run run)
      throws Exception {
    assertEquals(code, run.errorCode(), run.err());
    assertEquals(exit, run.exit(), run.err());
  }

  /** The question stands before the answer. */
  private static void assertUnconfirmed(RunningConsortium.Run run) {
    assertEquals(1, run.exit(), run.err());
    assertTrue(run.err().contains("\"not_confirmed\""), run.err());
  }

  private RunningConsortium.Run revoke(String... arguments) {
    List<String> all = new ArrayList<>(List.of("revoke", "--ca=" + layout.authority()));
    all.addAll(List.of(arguments));
    return identity(all.toArray(String[]::new));
  }

  private List<JsonNode> books() throws Exception {
    List<JsonNode> rows = new ArrayList<>();
    ok(identity("list", "--ca=" + layout.authority())).forEach(rows::add);
    return rows;
  }

  private List<String> revokedInTheBooks() throws Exception {
    return books().stream()
        .filter(row -> row.path("state").asText().equals("revoked"))
        .map(row -> row.path("serial").asText())
        .sorted()
        .toList();
  }

  private Path listFile() {
    return layout.authority().resolve("crl.pem");
  }

  private RevocationList list() {
    return RevocationList.parse(
        "crl.pem", PemFiles.readText(listFile()), PemFiles.readCertificates(layout.roots()));
  }

  private X509Certificate certificate(String node, String file) {
    return PemFiles.readCertificates(layout.keys(node).resolve(file)).get(0);
  }

  @Test
  void theBooksAndTheListKeepIt() throws Exception {
    X509Certificate certificate = certificate("bank-a", NodeKeys.TLS_CERTIFICATE);
    String file = "--certificate=" + layout.keys("bank-a").resolve(NodeKeys.TLS_CERTIFICATE);
    Instant before = Instant.now();
    JsonNode dry = ok(revoke(file, "--reason=key-compromise", "--dry-run"));
    assertEquals(List.of("certificates"), fields(dry));
    assertEquals("valid", dry.at("/certificates/0/state").asText());
    assertUnconfirmed(revoke(file, "--reason=key-compromise"));
    assertEquals(List.of(), revokedInTheBooks());
    assertFalse(Files.exists(listFile()));

    JsonNode done = ok(revoke(file, "--reason=key-compromise", "--yes"));

    assertEquals(List.of("list", "number", "revoked", "nextUpdate", "certificates"), fields(done));
    assertEquals(1, done.path("revoked").asInt());
    assertEquals(listFile().toString(), done.path("list").asText());
    Duration left = Duration.between(before, Instant.parse(done.path("nextUpdate").asText()));
    assertEquals(30, left.plusSeconds(60).toDays());
    JsonNode row = done.at("/certificates/0");
    assertEquals("revoked", row.path("state").asText());
    assertEquals("key-compromise", row.path("reason").asText());
    assertEquals(List.of(row.path("serial").asText()), revokedInTheBooks());
    assertTrue(list().isRevoked(certificate));
    assertFalse(list().isRevoked(certificate("bank-a", NodeKeys.BROWSER_TLS_CERTIFICATE)));

    // Again: the first revocation stands, the list is a later one.
    JsonNode again = ok(revoke(file, "--reason=superseded", "--yes", "--next-update-days=7"));
    assertEquals("key-compromise", again.at("/certificates/0/reason").asText());
    assertNotEquals(done.path("number").asText(), again.path("number").asText());
    left = Duration.between(before, Instant.parse(again.path("nextUpdate").asText()));
    assertEquals(7, left.plusSeconds(60).toDays());
  }

  @Test
  void whichOnesIsSaidInThreeWays() throws Exception {
    String first =
        books().stream()
            .filter(row -> row.path("node").asText().equals("bank-a"))
            .findFirst()
            .orElseThrow()
            .path("serial")
            .asText();
    ok(revoke("--serial=" + first, "--reason=superseded", "--yes"));
    assertEquals(List.of(first), revokedInTheBooks());

    RunningConsortium.Run unconfirmed =
        revoke("--for-node=bank-b", "--purpose=tls", "--reason=cessation-of-operation");
    assertUnconfirmed(unconfirmed);
    assertTrue(
        unconfirmed.err().contains("Nothing good is left to bank-b for tls"), unconfirmed.err());
    JsonNode ofNode =
        ok(revoke("--for-node=bank-b", "--purpose=tls", "--reason=superseded", "--yes"));
    Set<String> keys = new TreeSet<>();
    ofNode.path("certificates").forEach(row -> keys.add(row.path("key").asText()));
    ofNode.path("certificates").forEach(row -> assertEquals("bank-b", row.path("node").asText()));
    ofNode.path("certificates").forEach(row -> assertEquals("tls", row.path("purpose").asText()));
    assertTrue(keys.size() >= 1, keys::toString);
    assertRefused(
        3,
        "certificate_unknown",
        revoke("--for-node=bank-b", "--purpose=tls", "--reason=superseded", "--yes"));
    ok(revoke("--for-node=bank-b", "--purpose=log", "--reason=superseded", "--yes"));
    assertTrue(list().isRevoked(certificate("bank-b", NodeKeys.LOG_CERTIFICATE)));
    assertFalse(list().isRevoked(certificate("bank-b", NodeKeys.COSIGNER_CERTIFICATE)));
  }

  @Test
  void whatIsNotUnderstoodRevokesNothing() throws Exception {
    String serial = "--serial=" + books().get(0).path("serial").asText();
    for (String[] wrong :
        new String[][] {
          {serial, "--reason=because"},
          {serial},
          {"--reason=superseded"},
          {serial, "--for-node=bank-a", "--purpose=tls", "--reason=superseded"},
          {serial, "--purpose=tls", "--reason=superseded"},
          {"--for-node=bank-a", "--reason=superseded"},
          {"--for-node=bank-a", "--purpose=money", "--reason=superseded"},
          {serial, "--reason=superseded", "--next-update-days=0"},
          {serial, "--reason=superseded", "--next-update-days=366"}
        }) {
      String[] confirmed = new String[wrong.length + 1];
      System.arraycopy(wrong, 0, confirmed, 0, wrong.length);
      confirmed[wrong.length] = "--yes";
      assertRefused(2, "usage", revoke(confirmed));
    }
    assertRefused(3, "certificate_unknown", revoke("--serial=1", "--reason=superseded", "--yes"));
    String roots = "--certificate=" + layout.roots();
    assertRefused(3, "certificate_unknown", revoke(roots, "--reason=superseded", "--yes"));
    assertEquals(List.of(), revokedInTheBooks());
    assertFalse(Files.exists(listFile()));
  }

  @Test
  void aListIsMadeAlsoWhenNothingIsRevoked() throws Exception {
    JsonNode made = ok(identity("crl", "--ca=" + layout.authority(), "--next-update-days=365"));
    assertEquals(List.of("list", "number", "revoked", "nextUpdate"), fields(made));
    assertEquals(0, made.path("revoked").asInt());
    assertEquals(made.path("number").asText(), list().number().toString());
  }

  /** A request that was answered is out of the way of the next one; one that waits stays. */
  @Test
  void aRequestThatWasAnsweredIsPutAside() throws Exception {
    String config = "--config=" + layout.config("bank-a");
    String ca = "--ca=" + layout.authority();
    Path request = layout.node("bank-a").resolve("certificate-request.pem");
    Path former = layout.node("bank-a").resolve("certificate-request-former.pem");
    Path mine = directory.resolve("of-others.pem");
    String before = "";
    for (int round = 0; round < 2; round++) {
      ok(identity("request", config));
      assertRefused(2, "usage", identity("request", config));
      String text = Files.readString(request);
      assertNotEquals(before, text);
      Path issued = directory.resolve("certificates-" + round + ".pem");
      ok(identity("issue", ca, "--renew", "--request=" + request, "--out=" + issued));

      // Half an answer is none.
      Path half = directory.resolve("half-" + round + ".pem");
      PemFiles.writeCertificates(half, List.of(PemFiles.readCertificates(issued).get(0)));
      assertTrue(
          ok(identity("renew", config, "--certificate=" + half)).path("request").isMissingNode());
      assertEquals(text, Files.readString(request));

      JsonNode renewed = ok(identity("renew", config, "--certificate=" + issued));
      assertEquals(former.toString(), renewed.path("request").asText());
      assertFalse(Files.exists(request));
      assertEquals(text, Files.readString(former));
      before = text;
    }
    // What is no request stays where it is.
    Files.writeString(request, "notes of mine");
    Files.copy(request, mine);
    assertTrue(
        ok(identity("renew", config, "--certificate=" + directory.resolve("certificates-1.pem")))
            .path("request")
            .isMissingNode());
    assertEquals(Files.readString(mine), Files.readString(request));
  }
}
