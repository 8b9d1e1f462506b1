package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.node.Patience;
import org.probity.node.http.api.Polling;
import org.probity.node.network.NetworkLayout;
import org.probity.node.testing.ChildJvm;

/** A node as a process of its own: the ready line, the log on standard error, SIGTERM. */
@Timeout(120)
class NodeStartTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  @Test
  void tellsWhenItIsReadyLogsAsToldAndEndsQuietlyWith143() throws Exception {
    Path folder = temporary.resolve("banks");
    RunningConsortium.Run founded =
        RunningConsortium.run(
            "network",
            "init",
            "--nodes=2",
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder);
    assertEquals(0, founded.exit(), founded.err());
    Path config = folder.resolve("nodes/bank-a/node.yaml");
    Path ready = config.resolveSibling("ready.json");
    Path log = temporary.resolve("stderr");
    try (ChildJvm other = witness(folder);
        ChildJvm node =
            ChildJvm.start(
                ProcessBuilder.Redirect.to(log.toFile()),
                List.of(),
                Probity.class,
                "node",
                "start",
                "--config=" + config,
                "--set=logging.format=json",
                "--set=logging.level=debug")) {
      JsonNode line = JSON.readTree(node.readLine());
      assertEquals(
          List.of("node", "clientUrl", "peerUrl", "opsUrl", "logUrl", "consoleUrl"),
          RunningConsortium.fields(line));
      assertEquals(line, JSON.readTree(Files.readString(ready)));
      assertTrue(other.isAlive());
      node.terminate();
      assertEquals(143, node.await());
    }
    assertFalse(Files.exists(ready), "nobody is misled by an old ready file");
    assertIsOnRecord(config);
    List<String> events = Files.readAllLines(log);
    assertTrue(!events.isEmpty(), "debug says something");
    for (String event : events) {
      JsonNode json = JSON.readTree(event);
      assertFalse(List.of("WARN", "ERROR").contains(json.path("level").asText()), event);
      assertTrue(json.path("loggerName").asText().startsWith("org.probity"), event);
    }
  }

  private static void assertIsOnRecord(Path config) throws IOException {
    RunningConsortium.Run run =
        RunningConsortium.run("node", "actions", "--config=" + config, "--verify", "--output=json");
    assertEquals(0, run.exit(), run.err());
    List<String> what = new ArrayList<>();
    run.json().path("entries").forEach(entry -> what.add(entry.path("what").asText()));
    assertEquals(List.of("node.config", "node.start", "node.stop"), what);
    String inForce = run.json().at("/entries/0/about").asText();
    assertTrue(inForce.contains("logging.level=debug"), inForce);
    assertFalse(inForce.contains("client.maxConnections"), inForce);

    Path log = config.resolveSibling("operators.log");
    List<String> lines = Files.readAllLines(log);
    Files.writeString(log, lines.get(0) + "\n" + lines.get(1) + "\n");
    RunningConsortium.Run cut =
        RunningConsortium.run("node", "actions", "--config=" + config, "--verify", "--output=json");
    assertEquals(ExitStatus.FAULT.code(), cut.exit(), cut.err());
    assertEquals("BROKEN", cut.json().path("verdict").asText());
  }

  /** What is printed as in force by {@code config show --effective} is in force. */
  @Test
  void isAsPatientAsItsConfigurationSays() throws Exception {
    Path folder = temporary.resolve("banks");
    RunningConsortium.Run founded =
        RunningConsortium.run(
            "network",
            "init",
            "--nodes=2",
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder);
    assertEquals(0, founded.exit(), founded.err());
    NetworkLayout layout = new NetworkLayout(folder);
    try (ChildJvm other = witness(folder);
        ChildJvm node =
            ChildJvm.start(
                Probity.class,
                "node",
                "start",
                "--config=" + layout.config("bank-a"),
                "--set=challenge.unacknowledgedMillis=250",
                "--set=challenge.overdueMillis=2000",
                "--set=logging.level=warn")) {
      assertTrue(node.readLine().contains("clientUrl"));
      // It is asked about the log before anything is signed, and never heard of again.
      other.kill();
      String key = "--key=" + layout.operatorKey("member-a");
      json(folder, "account", "open", "rich", "--asset=CZK", "--overdraft", "--node=bank-a", key);
      // To a node that never runs again, so never acknowledges it.
      json(folder, "transfer", "rich", "payee@bank-b", "1.00", "--node=bank-a", key);
      assertTrue(
          Polling.REMOTE.await(Duration.ofSeconds(60), () -> suspects(folder)), "no suspicion");

      Instant asked =
          Instant.parse(json(folder, "challenge", "list", "--node=bank-a").at("/0/since").asText());
      Instant suspected =
          Instant.parse(json(folder, "peers", "--node=bank-a").at("/0/since").asText());
      Duration waited = Duration.between(asked, suspected);
      assertTrue(
          waited.toMillis() < Patience.standard().overdueMillis(),
          "as patient as if nothing were configured: " + waited);
    }
  }

  /** The other node, which says what it knows of the log of the one that is started. */
  private static ChildJvm witness(Path folder) throws IOException {
    return ChildJvm.start(
        Probity.class,
        "node",
        "start",
        "--config=" + new NetworkLayout(folder).config("bank-b"),
        "--set=logging.level=warn");
  }

  private boolean suspects(Path folder) {
    return json(folder, "peers", "--node=bank-a").at("/0/verdict").asText().equals("suspected");
  }

  private JsonNode json(Path folder, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir=" + folder, "--output=json"));
    if (!all.contains("list") && !all.contains("peers")) {
      all.add("--receipt=" + temporary.resolve("receipt-" + arguments[0]));
    }
    RunningConsortium.Run run = RunningConsortium.run(all.toArray(String[]::new));
    assertEquals(0, run.exit(), run.err());
    try {
      return run.json();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
