package org.probity.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.ledger.client.WitnessLink;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.node.cli.CliException;
import org.probity.node.cli.NetworkFolder;
import org.probity.node.http.api.HttpWitnesses;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;

/**
 * The founded consortium as the demonstration drives it.
 *
 * @param issuer the key that issues money
 * @param asset the money
 * @param trust the consortium's certificate roots
 */
record Consortium(
    Genesis genesis,
    Path genesisFile,
    List<Bank> banks,
    Signer issuer,
    AssetDefinition asset,
    List<X509Certificate> trust) {
  private static final int FAULTS = 1;
  private static final int WITNESSES = 2;
  private static final int PORTS_PER_NODE = 3;
  private static final int PORT_ATTEMPTS = 100;

  /**
   * Small maps: five nodes on a laptop, and a disk that may be small. Epochs a hundred times
   * shorter than usual: the whole demonstration lasts as long as four usual ones.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "scoring.epochMillis", "100",
          "storage.logMib", "512",
          "storage.replicaMib", "1024",
          "storage.stateMib", "512",
          "logging.level", "info");

  static Consortium found(DemoOptions options) throws IOException {
    Path folder = options.folder();
    NetworkPlan plan = plan(options.nodes(), freePorts(options.nodes())).withSettings(SETTINGS);
    Genesis genesis = NetworkInit.create(plan, folder, new SecureRandom(), Instant.now());
    NetworkLayout layout = new NetworkLayout(folder);
    List<Bank> banks = new ArrayList<>();
    for (NodeRecord node : genesis.nodes()) {
      banks.add(
          new Bank(
              node.node(),
              layout.node(node.node()),
              layout.config(node.node()),
              signer(layout.operatorKey(node.member()))));
    }
    return new Consortium(
        genesis,
        layout.genesis(),
        List.copyOf(banks),
        signer(layout.issuerKey()),
        asset(genesis),
        new NetworkFolder(folder).trust());
  }

  private static NetworkPlan plan(int nodes, int basePort) {
    return NetworkPlan.local(nodes, FAULTS, WITNESSES, basePort, Instant.now());
  }

  /** The ids that so many nodes will have. */
  static List<String> nodes(int count) {
    return plan(count, 0).nodes().stream().map(NetworkPlan.PlannedNode::node).toList();
  }

  private static Signer signer(Path keyFile) {
    return Signer.of(PemFiles.readSecret(keyFile).ed25519());
  }

  private static AssetDefinition asset(Genesis genesis) {
    try {
      return LedgerParameters.decode(genesis.programParameters()).assets().get(0);
    } catch (DecodeException e) {
      throw new IllegalStateException("we have just made these parameters", e);
    }
  }

  /** The first of a run of ports that are all free now; nodes keep theirs over restarts. */
  private static int freePorts(int nodes) throws IOException {
    SplittableRandom random = new SplittableRandom();
    for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      int base = 20_000 + random.nextInt(1_000) * NetworkPlan.PORT_STEP;
      if (areFree(base, nodes)) {
        return base;
      }
    }
    throw new IOException("found no free ports between 20000 and 30000");
  }

  private static boolean areFree(int base, int nodes) {
    for (int node = 0; node < nodes; node++) {
      for (int offset = 0; offset < PORTS_PER_NODE; offset++) {
        int port = base + node * NetworkPlan.PORT_STEP + offset;
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
          if (!socket.isBound()) {
            return false;
          }
        } catch (IOException e) {
          return false;
        }
      }
    }
    return true;
  }

  /** In the order of the genesis document. */
  List<String> nodes() {
    return genesis.nodes().stream().map(NodeRecord::node).toList();
  }

  /** The bank of that name. */
  Bank bank(String node) {
    return banks.stream()
        .filter(candidate -> candidate.node().equals(node))
        .findFirst()
        .orElseThrow(() -> CliException.usage("no bank " + node + ": " + nodes()));
  }

  /** Who holds and audits a node's log, from the founding on. */
  List<String> witnessesOf(String node) {
    return Seating.founding(genesis).witnessesOf(node).stream().map(NodeRecord::node).toList();
  }

  /** How customers reach the banks. */
  WitnessLink link() {
    return new HttpWitnesses(node -> bank(node).api().client());
  }

  /** Whose logs a node holds and audits. */
  List<String> wardsOf(String node) {
    return nodes().stream().filter(ward -> witnessesOf(ward).contains(node)).toList();
  }
}
