package org.probity.demo.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;
import org.probity.detector.program.Transaction;
import org.probity.node.cli.NodeRunner;
import org.probity.node.cli.Probity;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.api.EvidenceSummary;
import org.probity.node.http.api.PeerView;
import org.probity.node.http.api.Polling;
import org.probity.node.http.api.SubmissionResult;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkLayout;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.RunningNode;

/**
 * The object store on the shipped node: founded by the command line, running with real stores and
 * TLS between three nodes, used over REST, audited by witnesses. One node begins to deny objects.
 */
@Timeout(180)
class RunningStoresTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Signer CLIENT = TestNetwork.signer("client");
  private static final String CULPRIT = "bank-a";
  private static final Map<String, String> SMALL =
      Map.of("storage.logMib", "64", "storage.replicaMib", "64", "storage.stateMib", "64");

  @TempDir Path folder;

  private final LyingStore lying = new LyingStore(LyingStore.Lie.DENIES_OBJECTS);
  private final Map<String, RunningNode> nodes = new TreeMap<>();
  private NetworkLayout layout;
  private Hash networkId;
  private long ids;

  @BeforeEach
  void start() throws Exception {
    Path parameters = folder.resolve("parameters.cbor");
    Files.write(
        parameters, new ObjectStoreParameters(List.of(CLIENT.publicKey())).encode().toArray());
    Path consortium = folder.resolve("stores");
    layout = new NetworkLayout(consortium);
    JsonNode founded =
        run(
            0,
            "network",
            "init",
            "--nodes=3",
            "--faults=0",
            "--witnesses=2",
            "--base-port=0",
            "--program=probity-objects/1 rules 1",
            "--program-parameters=" + parameters,
            "--dir=" + consortium);
    networkId = Hash.fromHex(founded.path("networkId").asText());
    for (String node : List.of(CULPRIT, "bank-b", "bank-c")) {
      NodeConfig config = NodeConfig.load(layout.config(node), SMALL, Map.of());
      UnaryOperator<Program> program =
          node.equals(CULPRIT) ? truth -> lying : UnaryOperator.identity();
      RunningNode running =
          RunningNode.start(config, new NodeParts(program, UnaryOperator.identity()));
      nodes.put(node, running);
      NodeRunner.publish(running, layout.node(node));
    }
    for (RunningNode node : nodes.values()) {
      node.awaitOpen();
    }
  }

  @AfterEach
  void stop() {
    nodes.values().forEach(RunningNode::stop);
  }

  @Test
  void aNodeThatDeniesWhatItStoredIsExposed() throws Exception {
    assertEquals(
        ObjectResult.Code.STORED,
        ask(CULPRIT, StoreConsortium.putOf("greeting", "hello", "bank-b")).code());
    ObjectResult hello = ObjectResult.found(Bytes.utf8("hello"));
    assertEquals(hello, ask(CULPRIT, new ObjectOperation.Get(CULPRIT, "greeting")));
    await(() -> ask("bank-b", new ObjectOperation.Get(CULPRIT, "greeting")).equals(hello));
    assertEquals("trusted", verdict("bank-b"));

    lying.lie();
    assertEquals(
        ObjectResult.Code.NO_SUCH_OBJECT,
        ask(CULPRIT, new ObjectOperation.Get(CULPRIT, "greeting")).code());

    for (String witness : List.of("bank-b", "bank-c")) {
      await(() -> verdict(witness).equals("exposed"));
      EvidenceSummary proof = client(witness).evidence().get(0);
      assertEquals("INVALID_TRANSITION", proof.kind());
      assertEquals(CULPRIT, proof.node());
    }
    assertProvenOffline();
  }

  /** From the file and the genesis document, by the command line, in a folder of its own. */
  private void assertProvenOffline() throws Exception {
    String faultId = client("bank-b").evidence().get(0).faultId();
    Path file = folder.resolve("fault.evidence");
    Files.write(file, client("bank-b").evidenceFile(faultId).toArray());
    JsonNode proven =
        run(0, "evidence", "verify", "--genesis=" + layout.genesis(), file.toString());
    assertEquals("PROVEN", proven.path("verdict").asText());
    assertEquals("outcome_differs", proven.path("code").asText());
    assertEquals(CULPRIT, proven.path("node").asText());
    byte[] tampered = Files.readAllBytes(file);
    tampered[tampered.length / 2] ^= 1;
    Files.write(file, tampered);
    JsonNode rejected =
        run(10, "evidence", "verify", "--genesis=" + layout.genesis(), file.toString());
    assertEquals("REJECTED", rejected.path("verdict").asText());
  }

  private ObjectResult ask(String node, ObjectOperation operation) {
    try {
      Statement statement =
          Statement.sign(
              networkId,
              Transaction.TYP,
              new Transaction(
                      node,
                      Transaction.clientId(System.currentTimeMillis() + 60_000, ids++),
                      CLIENT.publicKey().toBytes(),
                      operation.encode())
                  .encode(),
              CLIENT);
      SubmissionResult result = client(node).submit(statement.encoded());
      assertTrue(result.accepted(), result::code);
      return ObjectResult.decode(
          Bytes.fromHex(result.outcome().orElseThrow().path("detail").asText()));
    } catch (ApiException | DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private ApiClient client(String node) {
    return ApiClient.of(nodes.get(node).urls().client(), PemFiles.readCertificates(layout.roots()))
        .pinnedTo(node);
  }

  private String verdict(String at) throws Exception {
    for (PeerView peer : client(at).peers()) {
      if (peer.node().equals(CULPRIT)) {
        return peer.verdict();
      }
    }
    throw new AssertionError("no " + CULPRIT + " at " + at);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    assertTrue(
        Polling.REMOTE.await(Duration.ofMinutes(2), () -> holds(condition)),
        "it has not come to that");
  }

  private static boolean holds(Condition condition) {
    try {
      return condition.holds();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A command as a user runs it. */
  private static JsonNode run(int exit, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--output", "json"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int ended =
        Probity.run(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            all.toArray(String[]::new));
    assertEquals(exit, ended, err.toString(StandardCharsets.UTF_8));
    return JSON.readTree(out.toByteArray());
  }
}
