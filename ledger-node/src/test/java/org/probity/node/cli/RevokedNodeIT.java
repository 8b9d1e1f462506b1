package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.Polling;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.RunningNode;

/**
 * A node whose TLS certificates are revoked while it runs, and not renewed: no peer hears it any
 * more, all of them and its own operator are told, and nothing is proven against it. Renewed, it is
 * trusted again.
 */
class RevokedNodeIT {
  private static final String REVOKED = "bank-a";
  private static final List<String> OTHERS = List.of("bank-b", "bank-c", "bank-d");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> SETTINGS =
      Map.of(
          "keys.revocationList", "crl.pem",
          "storage.logMib", "64",
          "storage.replicaMib", "64",
          "storage.stateMib", "64",
          "challenge.unacknowledgedMillis", "500",
          "challenge.unlinkedMillis", "500",
          "challenge.overdueMillis", "2000");

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, RunningNode> nodes = new LinkedHashMap<>();
  private NetworkLayout layout;
  private int receipts;

  @BeforeEach
  void start() throws Exception {
    layout = new NetworkLayout(directory.resolve("consortium"));
    Instant now = Instant.now();
    NetworkInit.create(
        NetworkPlan.local(4, 1, 2, 0, now).withSettings(SETTINGS),
        layout.directory(),
        new SecureRandom(),
        now);
    identity("crl", "--ca=" + layout.authority());
    for (String name : List.of(REVOKED, "bank-b", "bank-c", "bank-d")) {
      handOver(name);
      RunningNode node =
          RunningNode.start(
              NodeConfig.load(layout.config(name), Map.of(), Map.of()), NodeParts.standard());
      nodes.put(name, node);
      NodeRunner.publish(node, layout.node(name));
    }
    for (RunningNode node : nodes.values()) {
      node.awaitOpen();
    }
  }

  @AfterEach
  void stop() {
    nodes.values().forEach(RunningNode::stop);
  }

  private void handOver(String node) throws IOException {
    Path list = layout.node(node).resolve("crl.pem");
    Path draft = list.resolveSibling("crl.pem.new");
    Files.copy(layout.authority().resolve("crl.pem"), draft);
    Files.move(draft, list, StandardCopyOption.ATOMIC_MOVE);
  }

  private static JsonNode run(int exit, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--output=json");
    RunningConsortium.Run run = RunningConsortium.run(all.toArray(String[]::new));
    assertEquals(exit, run.exit(), run.err());
    return run.json();
  }

  private static JsonNode identity(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("identity"));
    all.addAll(List.of(arguments));
    return run(0, all.toArray(String[]::new));
  }

  private JsonNode answer(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--dir=" + layout.directory());
    return run(0, all.toArray(String[]::new));
  }

  private String receipt() {
    return "--receipt=" + directory.resolve("receipt-" + receipts++ + ".txt");
  }

  private void open(String account, String node, String member) throws Exception {
    answer(
        "account",
        "open",
        account,
        "--asset=CZK",
        "--overdraft",
        "--node=" + node,
        "--key=" + layout.operatorKey(member),
        receipt());
  }

  private void pay(String level) throws Exception {
    answer(
        "transfer",
        "rich",
        "payee@" + REVOKED,
        "1.00",
        "--node=bank-b",
        "--wait=" + level,
        "--key=" + layout.operatorKey("member-b"),
        receipt());
  }

  private String get(String node, String path) throws Exception {
    URI url = URI.create(nodes.get(node).urls().ops() + path);
    return http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private boolean isReported(String node, String metric, int value) throws Exception {
    return get(node, "/metrics")
        .lines()
        .filter(line -> line.startsWith(metric + " "))
        .anyMatch(line -> Double.parseDouble(line.substring(metric.length() + 1)) == value);
  }

  private String balance() throws Exception {
    return answer("account", "show", "payee", "--node=" + REVOKED).path("balanceMinor").asText();
  }

  /** What the operator guide says to type. */
  private void renew() throws Exception {
    String config = "--config=" + layout.config(REVOKED);
    Path request = directory.resolve("request.pem");
    Path issued = directory.resolve("certificates.pem");
    identity("request", config, "--out=" + request);
    identity(
        "issue",
        "--ca=" + layout.authority(),
        "--renew",
        "--request=" + request,
        "--out=" + issued);
    identity("renew", config, "--certificate=" + issued);
  }

  private String verdict(String of, String about) throws Exception {
    for (JsonNode peer : answer("peers", "--node=" + of)) {
      if (peer.path("node").asText().equals(about)) {
        return peer.path("verdict").asText();
      }
    }
    throw new AssertionError(of + " does not know " + about);
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    assertTrue(Polling.REMOTE.await(Duration.ofSeconds(90), () -> holds(condition)), what);
  }

  private static boolean holds(Callable<Boolean> condition) {
    try {
      return condition.call();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void awaitAllSay(String verdict) throws Exception {
    for (String name : OTHERS) {
      await(name + " has not said " + verdict, () -> verdict(name, REVOKED).equals(verdict));
    }
  }

  private List<String> warnings() throws Exception {
    List<String> warnings = new ArrayList<>();
    JSON.readTree(get(REVOKED, "/readyz"))
        .path("warnings")
        .forEach(it -> warnings.add(it.path("name").asText() + ": " + it.path("reason").asText()));
    return warnings;
  }

  @Test
  @Timeout(300)
  void isRefusedByAllAndReportedByAllUntilItIsRenewed() throws Exception {
    open("payee", REVOKED, "member-a");
    open("rich", "bank-b", "member-b");
    pay("settled");

    int certificates =
        identity(
                "revoke",
                "--ca=" + layout.authority(),
                "--for-node=" + REVOKED,
                "--purpose=tls",
                "--reason=key-compromise",
                "--yes")
            .path("revoked")
            .asInt();
    for (String name : nodes.keySet()) {
      handOver(name);
      await(
          name + " has no such list in force",
          () -> isReported(name, "probity_revocation_list_revoked_certificates", certificates));
    }
    pay("recorded");

    // What its peers' operators see.
    awaitAllSay("suspected");
    for (String name : OTHERS) {
      assertTrue(isReported(name, "probity_peers_nodes{verdict=\"suspected\"}", 1), name);
    }
    // And its own, who would take it for a network that is down.
    String revoked = "certificate for nodes: the authority has revoked it, nobody accepts it";
    List<String> warned = warnings();
    assertTrue(warned.stream().anyMatch(it -> it.startsWith(revoked)), warned::toString);
    assertEquals("100", balance(), "the second payment has arrived");

    renew();
    awaitAllSay("trusted");
    await("the payment has not arrived", () -> balance().equals("200"));
    assertTrue(warnings().stream().noneMatch(it -> it.startsWith(revoked)));
    for (String name : nodes.keySet()) {
      assertTrue(answer("evidence", "list", "--node=" + name).isEmpty(), name + " has evidence");
    }
  }
}
