package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.probity.node.testing.ChildJvm;
import org.probity.node.testing.RequiredTool;

/**
 * protocol.md §7, faults.md "selective silence": a process that stops in the middle of everything
 * is suspected by all others, and trusted again by all once it goes on; nothing is ever proven.
 */
class SilentNodeIT {
  private static final String SILENT = "bank-a";
  private static final List<String> OTHERS = List.of("bank-b", "bank-c", "bank-d");
  private static final Map<String, String> SMALL =
      Map.of(
          "storage.logMib", "64",
          "storage.replicaMib", "64",
          "storage.stateMib", "64",
          "challenge.unacknowledgedMillis", "500",
          "challenge.unlinkedMillis", "500",
          "challenge.overdueMillis", "2000",
          "logging.level", "warn");

  @TempDir Path directory;

  private NetworkLayout layout;
  private ChildJvm silent;
  private final Map<String, RunningNode> others = new LinkedHashMap<>();
  private int receipts;

  @BeforeEach
  void start() throws Exception {
    RequiredTool.find("kill");
    Path folder = directory.resolve("consortium");
    Instant now = Instant.now();
    NetworkInit.create(
        NetworkPlan.local(4, 1, 2, 0, now).withSettings(SMALL), folder, new SecureRandom(), now);
    layout = new NetworkLayout(folder);
    for (String name : OTHERS) {
      RunningNode node =
          RunningNode.start(
              NodeConfig.load(layout.config(name), Map.of(), Map.of()), NodeParts.standard());
      others.put(name, node);
      NodeRunner.publish(node, layout.node(name));
    }
    silent =
        ChildJvm.start(
            Probity.class,
            "node",
            "start",
            "--config",
            layout.config(SILENT).toString(),
            "--exit-with-stdin");
    assertTrue(silent.readLine().contains("clientUrl"));
    for (RunningNode node : others.values()) {
      node.awaitOpen();
    }
  }

  @AfterEach
  void stop() {
    others.values().forEach(RunningNode::stop);
    silent.close();
  }

  private RunningConsortium.Run json(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir", directory.resolve("consortium").toString(), "--output", "json"));
    return RunningConsortium.run(all.toArray(String[]::new));
  }

  private JsonNode answer(String... arguments) throws Exception {
    RunningConsortium.Run run = json(arguments);
    assertEquals(0, run.exit(), run.err());
    return run.json();
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
        "payee@" + SILENT,
        "1.00",
        "--node=bank-b",
        "--wait=" + level,
        "--key=" + layout.operatorKey("member-b"),
        receipt());
  }

  private JsonNode opinion(String of, String about) throws Exception {
    for (JsonNode peer : answer("peers", "--node=" + of)) {
      if (peer.path("node").asText().equals(about)) {
        return peer;
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
      await(
          name + " has not said " + verdict,
          () -> opinion(name, SILENT).path("verdict").asText().equals(verdict));
    }
  }

  @Test
  @Timeout(300)
  void aStoppedProcessIsSuspectedByAllUntilItGoesOn() throws Exception {
    open("payee", SILENT, "member-a");
    open("rich", "bank-b", "member-b");
    pay("settled");
    silent.signal("STOP");
    pay("recorded");
    awaitAllSay("suspected");
    JsonNode opinion = opinion("bank-c", SILENT);
    // Witnesses may ask for entries that it has promised and not handed out any more.
    assertTrue(
        opinion.path("reason").asText().matches("(message|audit) challenge .*"), opinion::toString);
    assertTrue(Instant.parse(opinion.path("since").asText()).isBefore(Instant.now()));
    await("the payment is not overdue", () -> isMessageOverdueAt("bank-d"));

    silent.signal("CONT");
    awaitAllSay("trusted");
    await(
        "the payment has not arrived",
        () ->
            answer("account", "show", "payee", "--node=" + SILENT)
                .path("balanceMinor")
                .asText()
                .equals("200"));
    for (String name : OTHERS) {
      await(name + " has open", () -> answer("challenge", "list", "--node=" + name).isEmpty());
      assertTrue(answer("evidence", "list", "--node=" + name).isEmpty(), name + " has evidence");
      for (String about : OTHERS) {
        if (!about.equals(name)) {
          assertEquals("trusted", opinion(name, about).path("verdict").asText(), about);
        }
      }
    }
  }

  private boolean isMessageOverdueAt(String node) throws Exception {
    for (JsonNode open : answer("challenge", "list", "--node=" + node)) {
      if (open.path("kind").asText().equals("message")
          && open.path("target").asText().equals(SILENT)
          && open.path("challenger").asText().equals("bank-b")
          && open.path("overdue").asBoolean()) {
        return true;
      }
    }
    return false;
  }

  @Test
  @Timeout(300)
  void aTransactionHandedToAWitnessIsLoggedByItsHomeNode() throws Exception {
    open("payee", SILENT, "member-a");
    silent.signal("STOP");
    // What a client that gets no answer is left with.
    Path statement = directory.resolve("open.statement");
    Thread client =
        new Thread(
            () ->
                json(
                    "account",
                    "open",
                    "late",
                    "--asset=CZK",
                    "--node=" + SILENT,
                    "--key=" + layout.operatorKey("member-a"),
                    "--receipt=" + directory.resolve("open")));
    client.setDaemon(true);
    client.start();
    Path copy = directory.resolve("copy.statement");
    await("nothing is left behind", () -> Files.exists(statement));
    Files.copy(statement, copy);
    JsonNode handed = answer("transaction", "hand-over", copy.toString(), "--node=bank-c");
    assertEquals(SILENT, handed.path("target").asText());
    awaitAllSay("suspected");
    silent.signal("CONT");
    awaitAllSay("trusted");
    answer("account", "show", "late", "--node=" + SILENT);
    assertEquals(
        "own_transaction",
        json("transaction", "hand-over", copy.toString(), "--node=" + SILENT).errorCode());
  }
}
