package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.client.WitnessLink;
import org.probity.node.http.api.HttpWitnesses;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which node of which consortium a command is about. */
final class Target {
  private static final Path DEFAULT_FOLDER = Path.of("consortium");

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Folder of the consortium that network init made; default ./consortium.")
  private @Nullable Path dir;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "A node's client URL, https://host:port, instead of the one in the folder.")
  private @Nullable String url;

  @Option(
      names = {"-n", "--node"},
      paramLabel = "ID",
      description =
          "Which node, whose certificate the server must show; default the folder's first one.")
  private @Nullable String node;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Roots of the consortium's certificate authority; default the folder's.")
  private @Nullable Path ca;

  @Option(
      names = {"-g", "--genesis"},
      paramLabel = "FILE",
      description = "The genesis document; default the folder's.")
  private @Nullable Path genesis;

  @Mixin private CallerOptions caller = new CallerOptions();

  /** Where no folder is named, this one is meant instead of ./consortium. */
  void defaultTo(Path folder) {
    if (dir == null) {
      dir = folder;
    }
  }

  /** The consortium's folder, if there is one. */
  Optional<NetworkFolder> folder() {
    if (dir != null) {
      if (!Files.isDirectory(dir)) {
        throw CliException.config("folder_missing", "there is no folder " + dir);
      }
      return Optional.of(new NetworkFolder(dir));
    }
    return Files.isDirectory(DEFAULT_FOLDER)
        ? Optional.of(new NetworkFolder(DEFAULT_FOLDER))
        : Optional.empty();
  }

  NetworkFolder requiredFolder() {
    return folder()
        .orElseThrow(
            () ->
                CliException.usage(
                    "which consortium? --dir names its folder (network init makes one)"));
  }

  Genesis genesis() {
    if (genesis != null) {
      return NetworkFolder.readGenesis(genesis);
    }
    return folder().orElseThrow(() -> CliException.usage("--genesis or --dir is needed")).genesis();
  }

  Optional<String> url() {
    return Optional.ofNullable(url);
  }

  Optional<String> node() {
    return Optional.ofNullable(node);
  }

  /** The node meant: the one named, or the first of the folder. */
  String nodeOrFirst() {
    return node().orElseGet(() -> requiredFolder().nodes().get(0));
  }

  /** Whom to believe; empty leaves it to the JDK's own roots. */
  List<X509Certificate> trust() {
    if (ca != null) {
      return NetworkFolder.readTrust(ca);
    }
    return folder()
        .filter(found -> Files.exists(found.rootsFile()))
        .map(NetworkFolder::trust)
        .orElse(List.of());
  }

  /**
   * The node meant. Its certificate must name it; only a URL given without {@code --node} is
   * believed by its host name.
   */
  NodeApi api(Terminal terminal) {
    return url != null && node == null
        ? NodeApi.at(url, trust()).as(caller.credentials()).telling(terminal::say)
        : api(terminal, nodeOrFirst());
  }

  /**
   * The node {@code id}, at the URL given or where the folder says; its certificate names it. Who
   * asks is shown to the node meant and to no other: a token is a secret of two.
   */
  NodeApi api(Terminal terminal, String id) {
    if (url == null && !id.equals(nodeOrFirst())) {
      return witness(terminal, id);
    }
    return NodeApi.at(url != null ? url : clientUrl(id), trust())
        .pinnedTo(id)
        .as(caller.credentials())
        .telling(terminal::say);
  }

  /** The operations listener of the node that {@code status} is of. */
  NodeApi operations(Terminal terminal, JsonNode status) {
    return NodeApi.at(status.path("opsUrl").asText(), trust())
        .pinnedTo(status.path("node").asText())
        .as(caller.credentials())
        .telling(terminal::say);
  }

  /** Another node of the consortium than the one meant, where the folder says. */
  NodeApi witness(Terminal terminal, String id) {
    return NodeApi.at(clientUrl(id), trust()).pinnedTo(id).telling(terminal::say);
  }

  /** How the client library reaches the nodes of the consortium: where the folder says. */
  WitnessLink link(Terminal terminal) {
    return new HttpWitnesses(
        id -> {
          try {
            return witness(terminal, id).client();
          } catch (CliException e) {
            throw new WitnessLink.UnansweredException(e.code(), e.text(), e);
          }
        },
        terminal::say);
  }

  /** The nodes a status command is about: one if named, else all of the folder. */
  List<String> nodes() {
    return node().map(List::of).orElseGet(() -> requiredFolder().nodes());
  }

  private String clientUrl(String id) {
    NetworkFolder consortium = requiredFolder();
    if (!consortium.nodes().contains(id)) {
      throw CliException.usage(
          "no node " + id + " in " + consortium.folder() + ": " + consortium.nodes());
    }
    Optional<JsonNode> ready = consortium.ready(id);
    return ready
        .map(line -> line.path("clientUrl").asText())
        .orElseThrow(
            () ->
                new CliException(
                    ExitStatus.UNREACHABLE,
                    "not_running",
                    "node " + id + " is not running here: probity node start"));
  }
}
