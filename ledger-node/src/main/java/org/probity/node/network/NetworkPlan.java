package org.probity.node.network;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Parameters;
import org.probity.detector.program.Program;

/**
 * What a consortium is to look like. Immutable.
 *
 * @param name for people
 * @param founded where ledger time starts
 * @param assets code to scale, defined at the start
 * @param settings {@code section.key} to value, written into every node's configuration
 * @param service what the nodes run; empty for the ledger with {@code assets}
 */
public record NetworkPlan(
    String name,
    Instant founded,
    Parameters parameters,
    List<PlannedNode> nodes,
    Map<String, Integer> assets,
    Map<String, String> settings,
    Optional<Service> service) {
  /** Ports of neighbouring nodes are so far apart. */
  public static final int PORT_STEP = 10;

  private static final int LETTERS = 26;

  public NetworkPlan {
    nodes = List.copyOf(nodes);
    assets = Map.copyOf(assets);
    settings = Map.copyOf(settings);
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("a consortium has at least one node");
    }
  }

  /** A program and its part of the genesis document. */
  public record Service(Program program, Bytes parameters) {}

  /**
   * One node.
   *
   * @param host where others reach it
   * @param basePort client listener; the next is the peers', the one after the operators'; 0 for
   *     free ports at every start
   */
  public record PlannedNode(String node, String member, String host, int basePort) {
    /** How the address book writes where this node listens for the others. */
    public URI peerUrl() {
      try {
        return new URI("https", null, host, peerPort(), null, null, null);
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException("not a host: " + host, e);
      }
    }

    int clientPort() {
      return basePort;
    }

    int peerPort() {
      return basePort == 0 ? 0 : basePort + 1;
    }

    int operationsPort() {
      return basePort == 0 ? 0 : basePort + 2;
    }
  }

  /**
   * Members with one node each, all on this machine.
   *
   * @param basePort of the first node; 0 for free ports at every start
   * @throws IllegalArgumentException naming the number that breaks a rule (protocol.md §2.3)
   */
  public static NetworkPlan local(
      int nodes, int faults, int witnesses, int basePort, Instant founded) {
    if (nodes < 1) {
      throw new IllegalArgumentException("nodes must be at least 1");
    }
    if (witnesses >= nodes) {
      throw new IllegalArgumentException(
          "witnesses come from other members: with "
              + nodes
              + " nodes there can be at most "
              + (nodes - 1));
    }
    if (basePort != 0 && (basePort < 1024 || basePort + nodes * PORT_STEP > 65_535)) {
      throw new IllegalArgumentException(
          "base port must be 0, or leave room for " + nodes * PORT_STEP + " ports above 1023");
    }
    List<PlannedNode> planned = new ArrayList<>();
    for (int number = 0; number < nodes; number++) {
      String suffix = suffix(number, nodes);
      int port = basePort == 0 ? 0 : basePort + number * PORT_STEP;
      planned.add(new PlannedNode("bank-" + suffix, "member-" + suffix, "localhost", port));
    }
    return new NetworkPlan(
        "Local consortium of " + nodes,
        founded,
        Parameters.of(faults, witnesses),
        planned,
        Map.of("CZK", 2),
        Map.of(),
        Optional.empty());
  }

  /** a, b, c; from 27 nodes on 0001, 0002, 0003. */
  private static String suffix(int number, int nodes) {
    return nodes <= LETTERS
        ? String.valueOf((char) ('a' + number))
        : String.format(Locale.ROOT, "%04d", number + 1);
  }

  /** The same with other assets. */
  public NetworkPlan withAssets(Map<String, Integer> codesAndScales) {
    return new NetworkPlan(name, founded, parameters, nodes, codesAndScales, settings, service);
  }

  /** The same with settings for every node, {@code section.key} to value. */
  public NetworkPlan withSettings(Map<String, String> forEveryNode) {
    return new NetworkPlan(name, founded, parameters, nodes, assets, forEveryNode, service);
  }

  /** The same with other rules. */
  public NetworkPlan withParameters(Parameters other) {
    return new NetworkPlan(name, founded, other, nodes, assets, settings, service);
  }

  /** The same for a consortium that runs something else than the ledger. */
  public NetworkPlan withService(Program program, Bytes programParameters) {
    return new NetworkPlan(
        name,
        founded,
        parameters,
        nodes,
        assets,
        settings,
        Optional.of(new Service(program, programParameters)));
  }
}
