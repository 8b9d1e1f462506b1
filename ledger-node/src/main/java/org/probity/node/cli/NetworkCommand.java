package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.program.Program;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkInitException;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;
import org.probity.node.program.Programs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code network}: founds a consortium and shows one. */
@Command(name = "network", description = "Founds a consortium, or shows one.")
final class NetworkCommand {
  private static final int DEFAULT_BASE_PORT = 7400;

  private final Terminal terminal;

  NetworkCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "init",
      description = {
        "Makes keys, certificates, the genesis document and one folder per node, all in one new",
        "folder: a consortium to try things out with, every node on this machine."
      })
  void init(
      @Option(
              names = "--dir",
              defaultValue = "consortium",
              paramLabel = "FOLDER",
              description = "New or empty; default ./consortium.")
          Path dir,
      @Option(names = "--nodes", defaultValue = "5", description = "Default ${DEFAULT-VALUE}.")
          int nodes,
      @Option(
              names = "--faults",
              defaultValue = "1",
              description = "Faulty members tolerated; default ${DEFAULT-VALUE}.")
          int faults,
      @Option(
              names = "--witnesses",
              defaultValue = "2",
              description = "Witnesses of each node; default ${DEFAULT-VALUE}.")
          int witnesses,
      @Option(
              names = "--base-port",
              defaultValue = "" + DEFAULT_BASE_PORT,
              description = "Of the first node; 0: free ports at every start.")
          int basePort,
      @Option(
              names = "--program",
              paramLabel = "RULES",
              description = "What the nodes run, by the name of its rules; default the ledger.")
          @Nullable String rules,
      @Option(
              names = "--program-parameters",
              paramLabel = "FILE",
              description = "That program's part of the genesis document; default empty.")
          @Nullable Path parameters,
      @Option(names = "--dry-run", description = "Say what would be made, and make nothing.")
          boolean dryRun)
      throws IOException {
    ObjectNode json;
    try {
      NetworkPlan plan =
          withService(
              NetworkPlan.local(nodes, faults, witnesses, basePort, Instant.now()),
              rules,
              parameters);
      json = dryRun ? planned(plan, dir) : founded(plan, dir);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    } catch (NetworkInitException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    }
    terminal.result(json);
  }

  private static NetworkPlan withService(
      NetworkPlan plan, @Nullable String rules, @Nullable Path parameters) throws IOException {
    if (rules == null) {
      if (parameters != null) {
        throw CliException.usage("--program-parameters goes with --program");
      }
      return plan;
    }
    Program program =
        Programs.named(rules)
            .orElseThrow(
                () ->
                    CliException.usage(
                        "no program "
                            + rules
                            + " on the class path; there are "
                            + Programs.list()));
    return plan.withService(
        program, parameters == null ? Bytes.EMPTY : Bytes.wrap(Files.readAllBytes(parameters)));
  }

  private static ObjectNode founded(NetworkPlan plan, Path dir) {
    Genesis genesis = NetworkInit.create(plan, dir, new SecureRandom(), Instant.now());
    ObjectNode json = described(dir).put("networkId", genesis.networkId().toHex());
    json.set("nodes", nodes(plan, dir));
    return json;
  }

  /** The same without what only keys decide. */
  private static ObjectNode planned(NetworkPlan plan, Path dir) {
    NetworkInit.check(plan, dir, new SecureRandom(), Instant.now());
    ObjectNode json = described(dir).put("dryRun", true);
    json.set("nodes", nodes(plan, dir));
    return json;
  }

  private static ObjectNode described(Path dir) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("dir", dir.toString())
        .put("genesis", new NetworkLayout(dir).genesis().toString());
  }

  private static ArrayNode nodes(NetworkPlan plan, Path dir) {
    NetworkLayout layout = new NetworkLayout(dir);
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (NetworkPlan.PlannedNode node : plan.nodes()) {
      rows.addObject()
          .put("node", node.node())
          .put("member", node.member())
          .put("config", layout.config(node.node()).toString());
    }
    return rows;
  }

  @Command(name = "show", description = "Shows what a genesis document says.")
  void show(@Mixin Target target) {
    Genesis genesis = target.genesis();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", genesis.name())
        .put("networkId", genesis.networkId().toHex())
        .put("founded", Instant.ofEpochMilli(genesis.foundedMillis()).toString())
        .put("programId", genesis.programId().toHex())
        .put("program", Programs.of(genesis).map(Program::rules).orElse("unknown"))
        .put("faults", genesis.parameters().faults())
        .put("witnesses", genesis.parameters().witnesses())
        .put("cosignatures", genesis.parameters().cosignatures());
    ArrayNode assets = json.putArray("assets");
    for (AssetDefinition asset : Accounts.assets(genesis)) {
      assets
          .addObject()
          .put("code", asset.code())
          .put("scale", asset.scale())
          .put("asset", asset.id().toString());
    }
    ArrayNode nodes = json.putArray("nodes");
    Seating founding = Seating.founding(genesis);
    for (NodeRecord node : genesis.nodes()) {
      ObjectNode row =
          nodes
              .addObject()
              .put("node", node.node())
              .put("member", node.member())
              .put("origin", genesis.origin(node).format())
              .put("vkey", logKey(genesis, node).format())
              .put("cosignerVkey", cosigner(genesis, node).format());
      ArrayNode witnesses = row.putArray("witnesses");
      founding.witnessesOf(node.node()).forEach(seat -> witnesses.add(seat.node()));
    }
    terminal.result(json);
  }

  /** What others list to have this node's log witnessed. */
  private static NoteVerifierKey logKey(Genesis genesis, NodeRecord node) {
    return NoteVerifierKey.ofLog(genesis.origin(node).format(), node.logKey());
  }

  /** What others list to have their logs witnessed by this node. */
  private static NoteVerifierKey cosigner(Genesis genesis, NodeRecord node) {
    return NoteVerifierKey.ofCosigner(genesis.origin(node).format(), node.cosignerKey());
  }
}
