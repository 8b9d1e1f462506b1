package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.RunningNode;

/**
 * SPEC protocol.md §6.6: two consortia that know nothing of each other but what is in the files
 * that their operators name in {@code node.yaml}. A node of each cosigns a log of the other, over
 * TLS, and receipts carry that cosignature.
 */
@Timeout(240)
class ForeignWitnessTest {
  /** Its log is cosigned by the other consortium. */
  private static final String LOG = "bank-a";

  /** It cosigns the other consortium's log. */
  private static final String WITNESS = "bank-b";

  @TempDir Path directory;

  private final Consortium x = new Consortium("x");
  private final Consortium y = new Consortium("y");

  /** Two banks, each the other's witness. */
  private final class Consortium {
    private final String name;
    private final Map<String, RunningNode> running = new LinkedHashMap<>();

    Consortium(String name) {
      this.name = name;
    }

    Path folder() {
      return directory.resolve(name);
    }

    NetworkLayout layout() {
      return new NetworkLayout(folder());
    }

    void found() {
      Instant now = Instant.now();
      Map<String, String> settings =
          Map.of(
              "storage.logMib", "64",
              "storage.replicaMib", "64",
              "storage.stateMib", "64",
              "witness.cosignMillis", "100",
              "logging.level", "warn");
      NetworkInit.create(
          NetworkPlan.local(2, 0, 1, 0, now).withSettings(settings),
          folder(),
          new SecureRandom(),
          now);
    }

    void start(String node, Map<String, String> witness) throws Exception {
      NodeConfig config = NodeConfig.load(layout().config(node), witness, Map.of());
      RunningNode started = RunningNode.start(config, NodeParts.standard());
      running.put(node, started);
      NodeRunner.publish(started, layout().node(node));
    }

    JsonNode run(String... arguments) throws Exception {
      List<String> all = new ArrayList<>(List.of(arguments));
      all.addAll(List.of("--dir=" + folder(), "--output=json"));
      RunningConsortium.Run run = RunningConsortium.run(all.toArray(String[]::new));
      assertTrue(run.exit() == 0 || run.exit() == 10, run.err());
      return run.json();
    }

    /** What the consortium tells everybody about one of its nodes. */
    JsonNode published(String node) throws Exception {
      for (JsonNode row : run("network", "show").path("nodes")) {
        if (row.path("node").asText().equals(node)) {
          return row;
        }
      }
      throw new AssertionError("no node " + node);
    }

    String logLine() throws Exception {
      return "log " + published(LOG).path("vkey").asText() + "\n";
    }

    /** This consortium's witness, for others. */
    String witnessLine(String as, String url) throws Exception {
      return "witness " + as + " " + published(WITNESS).path("cosignerVkey").asText() + url + "\n";
    }

    /** Its witness cosigns the other's log. */
    void witness(Consortium other) throws Exception {
      Path logs =
          Files.writeString(
              directory.resolve(name + "-foreign-logs.txt"), other.logLine() + "quorum none\n");
      start(WITNESS, Map.of("witness.logsFile", logs.toString()));
    }

    /** Its log is cosigned by the other's witness. */
    void witnessedBy(Consortium other) throws Exception {
      String url = " " + other.running.get(WITNESS).urls().client() + "/witness";
      Path policy =
          Files.writeString(
              directory.resolve(name + "-foreign-witnesses.txt"),
              other.witnessLine("theirs", url) + "quorum theirs\n");
      start(
          LOG,
          Map.of(
              "witness.policyFile", policy.toString(),
              "witness.rootsFile", other.layout().roots().toString()));
      for (RunningNode node : running.values()) {
        node.awaitOpen();
      }
    }

    /** Whom a client trusts that wants to hear from both consortia. */
    Path clientPolicy(Consortium other) throws Exception {
      return Files.writeString(
          directory.resolve(name + "-client-policy.txt"),
          logLine()
              + witnessLine("ours", "")
              + other.witnessLine("theirs", "")
              + "group both all ours theirs\nquorum both\n");
    }

    long openAccount(String account) throws Exception {
      JsonNode opened =
          run(
              "account",
              "open",
              account,
              "--asset=CZK",
              "--node=" + LOG,
              "--key=" + layout().operatorKey("member-a"),
              "--receipt=" + directory.resolve(name + "-" + account + ".receipt"));
      return opened.path("index").asLong();
    }

    /** The receipt there is now. */
    Path receipt(long index) throws Exception {
      Bytes receipt =
          ApiClient.of(
                  running.get(LOG).urls().client(), PemFiles.readCertificates(layout().roots()))
              .pinnedTo(LOG)
              .receipt(index);
      return Files.write(directory.resolve(name + ".receipt"), receipt.toArray());
    }
  }

  @BeforeEach
  void found() throws Exception {
    x.found();
    y.found();
    x.witness(y);
    y.witness(x);
    x.witnessedBy(y);
    y.witnessedBy(x);
  }

  @AfterEach
  void stop() {
    x.running.values().forEach(RunningNode::stop);
    y.running.values().forEach(RunningNode::stop);
  }

  private static JsonNode verify(Consortium of, Path receipt, Path policy) {
    try {
      return of.run("receipt", "verify", receipt.toString(), "--policy=" + policy);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static long awaitWitnessedByBoth(Consortium of, Consortium other) throws Exception {
    long index = of.openAccount("customer");
    Path policy = of.clientPolicy(other);
    assertTrue(
        Polling.REMOTE.await(
            Duration.ofSeconds(90),
            () ->
                verify(of, freshReceipt(of, index), policy)
                    .path("verdict")
                    .asText()
                    .equals("VALID")),
        "no receipt that both have cosigned");
    JsonNode verdict = verify(of, freshReceipt(of, index), policy);
    assertEquals(LOG, verdict.path("node").asText());
    assertEquals(index, verdict.path("index").asLong());
    assertNotEquals("recorded", verdict.path("assurance").asText());
    return index;
  }

  private static Path freshReceipt(Consortium of, long index) {
    try {
      return of.receipt(index);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void receiptsOfEachCarryTheCosignatureOfTheOther() throws Exception {
    long index = awaitWitnessedByBoth(x, y);
    awaitWitnessedByBoth(y, x);

    // Either line alone is not enough for whoever wants both, and the own one is for who does not.
    String ours = x.published(WITNESS).path("origin").asText();
    String theirs = y.published(WITNESS).path("origin").asText();
    Path receipt = x.receipt(index);
    Path policy = x.clientPolicy(y);
    assertEquals("VALID", verify(x, receipt, policy).path("verdict").asText());
    assertEquals("INVALID", verify(x, without(ours, receipt), policy).path("verdict").asText());
    assertEquals("INVALID", verify(x, without(theirs, receipt), policy).path("verdict").asText());
    assertEquals(
        "VALID",
        x.run("receipt", "verify", without(theirs, receipt).toString()).path("verdict").asText());
  }

  private Path without(String cosigner, Path receipt) throws Exception {
    String start = "\u2014 " + cosigner + " ";
    List<String> lines = Files.readAllLines(receipt);
    List<String> rest = lines.stream().filter(line -> !line.startsWith(start)).toList();
    assertEquals(lines.size() - 1, rest.size(), () -> lines + " without " + cosigner);
    return Files.writeString(directory.resolve("stripped.receipt"), String.join("\n", rest) + "\n");
  }
}
