package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.cli.RunningConsortium.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.CertificateAuthority;
import org.probity.node.identity.CertificateRegister;
import org.probity.node.identity.CertificateRequest;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.Purpose;
import org.probity.node.identity.TlsIdentity;
import org.probity.node.network.NetworkLayout;

/** What an operator and the authority type when certificates are to be renewed. */
@Timeout(120)
class RenewedCertificatesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private final AtomicInteger payments = new AtomicInteger();

  private static JsonNode ok(RunningConsortium.Run run) throws IOException {
    assertEquals(0, run.exit(), run.err());
    return run.json();
  }

  private static RunningConsortium.Run identity(String... arguments) {
    List<String> all = new ArrayList<>(List.of("identity"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--output", "json"));
    return run(all.toArray(String[]::new));
  }

  /** A connection of a client that stays open. */
  private static final class Connection implements AutoCloseable {
    private final SSLSocket socket;

    /** Shakes hands with {@code url}, with nothing to resume. */
    Connection(RunningConsortium banks, URI url) throws Exception {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      List<X509Certificate> roots = PemFiles.readCertificates(banks.layout.roots());
      context.init(null, new TrustManager[] {TlsIdentity.trustManager(roots)}, new SecureRandom());
      socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", url.getPort());
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.startHandshake();
    }

    String shown() throws IOException {
      return CertificateRegister.serialOf(
          (X509Certificate) socket.getSession().getPeerCertificates()[0]);
    }

    /** The first line of the answer. */
    String ask() throws IOException {
      socket
          .getOutputStream()
          .write(
              "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      String first = line(in);
      int length = -1;
      for (String next = line(in); !next.isEmpty(); next = line(in)) {
        if (next.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(next.substring("content-length:".length()).strip());
        }
      }
      assertTrue(length >= 0, "no length");
      in.readFully(new byte[length]);
      return first;
    }

    private static String line(DataInputStream in) throws IOException {
      StringBuilder text = new StringBuilder();
      for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
        text.append((char) next);
      }
      return text.toString().stripTrailing();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String shown(RunningConsortium banks, URI url) {
    try (Connection connection = new Connection(banks, url)) {
      return connection.shown();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void open(RunningConsortium banks, String account, String bank) throws Exception {
    ok(
        banks.json(
            "account",
            "open",
            account,
            "--asset=CZK",
            "--node=bank-" + bank,
            "--overdraft",
            "--receipt=" + directory.resolve("open-" + account),
            "--key=" + banks.operatorKey("member-" + bank)));
  }

  /** Across the connection of the two, there and back. */
  private RunningConsortium.Run pay(RunningConsortium banks) {
    return banks.json(
        "transfer",
        "payer",
        "payee@bank-b",
        "1",
        "--wait=settled",
        "--receipt=" + directory.resolve("payment-" + payments.incrementAndGet()),
        "--node=bank-a",
        "--key=" + banks.operatorKey("member-a"));
  }

  @Test
  void areTakenUpByARunningNodeWhilePaymentsGoOn() throws Exception {
    try (RunningConsortium banks =
        new RunningConsortium(directory.resolve("c"), UnaryOperator.identity())) {
      open(banks, "payer", "a");
      open(banks, "payee", "b");
      URI clients = banks.node("bank-a").urls().client();
      URI peers = banks.node("bank-a").urls().peer();
      String before = shown(banks, peers);
      AtomicBoolean enough = new AtomicBoolean();
      CompletableFuture<List<String>> failures =
          CompletableFuture.supplyAsync(
              () -> {
                List<String> failed = new ArrayList<>();
                while (!enough.get()) {
                  RunningConsortium.Run run = pay(banks);
                  if (run.exit() != 0) {
                    failed.add(run.err());
                  }
                }
                return failed;
              });
      try (Connection kept = new Connection(banks, clients)) {
        assertEquals("HTTP/1.1 200 OK", kept.ask());

        JsonNode issued = renew(banks, "bank-a");

        String serial = issued.at("/0/serial").asText();
        assertNotEquals(before, serial);
        assertTrue(
            Polling.LOCAL.await(PATIENCE, () -> shown(banks, peers).equals(serial)),
            "the peers' listener shows " + shown(banks, peers));
        List<String> both = List.of(serial, issued.at("/1/serial").asText());
        assertTrue(both.contains(shown(banks, clients)));
        int soFar = payments.get();
        assertTrue(Polling.LOCAL.await(PATIENCE, () -> payments.get() >= soFar + 5));
        assertEquals("HTTP/1.1 200 OK", kept.ask(), "the connection from before");
      } finally {
        enough.set(true);
      }
      assertEquals(List.of(), failures.join());
      // Whoever connects anew, in both directions, believes the new one.
      banks.restart("bank-b");
      ok(pay(banks));
      assertEquals(
          Integer.toString(payments.get() * 100),
          ok(banks.json("account", "show", "payee", "--node=bank-b"))
              .path("balanceMinor")
              .asText());
      assertEquals(0, ok(banks.json("evidence", "list", "--node=bank-b")).size());
    }
  }

  /** What the operator's guide says to type. */
  private JsonNode renew(RunningConsortium banks, String bank) throws IOException {
    String config = "--config=" + banks.layout.config(bank);
    String ca = "--ca=" + banks.layout.authority();
    Path request = directory.resolve("request.pem");
    Path certificates = directory.resolve("certificates.pem");
    JsonNode asked = ok(identity("request", config, "--out=" + request));
    assertEquals("member-a", asked.path("member").asText());
    assertEquals(2, identity("request", config, "--out=" + request).exit(), "not overwritten");

    RunningConsortium.Run unconfirmed =
        identity("issue", ca, "--request=" + request, "--out=" + certificates);
    assertEquals(3, unconfirmed.exit(), unconfirmed.err());
    assertEquals("renewal_unconfirmed", unconfirmed.errorCode());
    assertFalse(Files.exists(certificates));
    JsonNode issued =
        ok(identity("issue", ca, "--renew", "--request=" + request, "--out=" + certificates));
    assertEquals(2, issued.size());

    RunningConsortium.Run ofAnother =
        identity(
            "renew", "--config=" + banks.layout.config("bank-b"), "--certificate=" + certificates);
    assertEquals(3, ofAnother.exit());
    assertEquals("certificate_key_mismatch", ofAnother.errorCode());
    JsonNode replaced = ok(identity("renew", config, "--certificate=" + certificates));
    assertEquals(2, replaced.path("certificates").size());
    JsonNode there = ok(identity("show", config));
    assertEquals("tls-ed25519-cert.pem", there.at("/0/file").asText());
    assertEquals(issued.at("/0/serial").asText(), there.at("/0/serial").asText());
    assertEquals("valid", there.at("/0/state").asText());
    assertEquals(6, there.size(), "four certificates and two roots");
    // Four of each of the two banks, and the two new ones.
    assertEquals(10, ok(identity("list", ca)).size());
    return issued;
  }

  /** A node whose certificate is over does not start, and a check says why in its table. */
  @Test
  void aCertificateThatIsOverIsALineOfTheCheck() throws Exception {
    Path folder = directory.resolve("c");
    ok(
        run(
            "network",
            "init",
            "--nodes=2",
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder,
            "--output=json"));
    NetworkLayout layout = new NetworkLayout(folder);
    Path keys = layout.keys("bank-a");
    Instant end = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(60);
    X509Certificate over =
        CertificateAuthority.load(layout.authority(), new SecureRandom())
            .issue(
                CertificateRequest.create(
                    PemFiles.readSecret(keys.resolve(NodeKeys.TLS_KEY)),
                    Purpose.TLS,
                    "bank-a",
                    "member-a",
                    List.of()),
                end.minus(Duration.ofDays(1)),
                Duration.ofDays(1));
    Files.delete(keys.resolve(NodeKeys.TLS_CERTIFICATE));
    PemFiles.writeCertificates(keys.resolve(NodeKeys.TLS_CERTIFICATE), List.of(over));
    String config = "--config=" + layout.config("bank-a");

    RunningConsortium.Run start = run("node", "start", config, "--output=json");
    assertEquals(3, start.exit(), start.err());
    assertEquals("certificate_expired", start.errorCode());
    RunningConsortium.Run check = run("node", "check", config, "--output=json");
    assertEquals(10, check.exit(), check.err());
    List<String> found = new ArrayList<>();
    for (JsonNode line : check.json().path("checks")) {
      if (line.path("check").asText().equals("certificate")) {
        found.add(line.path("level").asText() + " " + line.path("text").asText());
      }
    }
    assertEquals(3, found.size(), found::toString);
    assertTrue(found.contains("danger for nodes, valid until " + end), found::toString);
    assertEquals(
        "expired", ok(run("identity", "show", config, "--output=json")).at("/0/state").asText());
  }
}
