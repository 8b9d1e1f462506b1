package org.probity.node.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.program.LedgerProgram;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.cli.Probity;
import org.probity.node.config.AddressBook;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;
import org.probity.node.testing.ChildJvm;

/**
 * A consortium as {@code network init} founds it, in a folder: {@link #VICTIM} runs in processes of
 * its own, started by the command line and killed; {@link #WITNESS} runs here and watches it.
 */
final class TestConsortium {
  static final String VICTIM = "bank-a";
  static final String WITNESS = "bank-b";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> SMALL =
      Map.of(
          "storage.logMib", "256",
          "storage.replicaMib", "256",
          "storage.stateMib", "64",
          "logging.level", "warn");

  final Genesis genesis;
  final NetworkLayout layout;
  private final List<X509Certificate> roots;

  private TestConsortium(Genesis genesis, NetworkLayout layout) {
    this.genesis = genesis;
    this.layout = layout;
    this.roots = PemFiles.readCertificates(layout.roots());
  }

  /** Two members, one node each, each the other's witness. */
  static TestConsortium found(Path directory) {
    Instant now = Instant.now();
    NetworkPlan plan = NetworkPlan.local(2, 0, 1, 0, now).withSettings(SMALL);
    Genesis genesis = NetworkInit.create(plan, directory, new SecureRandom(), now);
    return new TestConsortium(genesis, new NetworkLayout(directory));
  }

  List<X509Certificate> roots() {
    return roots;
  }

  NodeConfig config(String node) {
    return NodeConfig.load(layout.config(node), Map.of(), Map.of());
  }

  Signer operator() {
    return signer(layout.operatorKey("member-a"));
  }

  Signer issuer() {
    return signer(layout.issuerKey());
  }

  private static Signer signer(Path key) {
    return Signer.checked(Signer.of(PemFiles.readSecret(key).ed25519()), SignatureRule.fastest());
  }

  /** Runs the witness in this JVM, where the victim's process finds it. */
  RunningNode startWitness() throws StartException, IOException {
    RunningNode node = RunningNode.start(config(WITNESS), NodeParts.standard());
    String ready = JSON.createObjectNode().put("peerUrl", node.urls().peer().toString()).toString();
    Files.writeString(layout.node(WITNESS).resolve(AddressBook.READY_FILE), ready);
    return node;
  }

  /** Starts the victim's process; it is not ready yet. */
  ChildJvm launch(List<String> wrapper) throws IOException {
    return launch(ProcessBuilder.Redirect.INHERIT, wrapper);
  }

  /** The same with its standard error somewhere else. */
  ChildJvm launch(ProcessBuilder.Redirect stderr, List<String> wrapper) throws IOException {
    return ChildJvm.start(
        stderr,
        wrapper,
        Probity.class,
        "node",
        "start",
        "--config",
        layout.config(VICTIM).toString(),
        "--exit-with-stdin");
  }

  /** Waits for the ready line; where clients reach the process. */
  static URI ready(ChildJvm process) throws IOException {
    String line = process.readLine();
    if (line == null) {
      throw new AssertionError("the node ended before it was ready");
    }
    JsonNode ready = JSON.readTree(line);
    return URI.create(ready.path("clientUrl").asText());
  }

  ApiClient client(URI url) {
    return ApiClient.of(url, roots).pinnedTo(VICTIM);
  }

  /** The whole log of the victim by C2SP paths: signature, root and hash tiles checked. */
  DownloadedLog download(ApiClient client) throws DownloadedLog.Mismatch {
    return DownloadedLog.fetch(
        path -> {
          try {
            return client.bytes("/log/" + path).toArray();
          } catch (ApiException e) {
            throw new AssertionError(path + ": " + e.getMessage(), e);
          }
        },
        genesis,
        Optional.of(VICTIM));
  }

  /** What a conformance audit of the whole log finds. */
  Optional<Finding> replay(DownloadedLog log) {
    ConformanceAudit audit =
        new ConformanceAudit(new Machine(genesis, log.node(), new LedgerProgram()));
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
    for (long index = 0; index < log.size() && audit.goesOn(); index++) {
      Bytes entry = log.entry(index);
      audit.feed(Replay.prepare(entry, log.node().node(), statements));
    }
    return audit.finding();
  }
}
