package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.probity.node.config.AddressBook;
import org.probity.node.config.ConfigException;
import org.probity.node.config.EffectiveConfig;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.NodeKeys;

/** A node by its configuration file: what is in it, and where it runs now. */
final class ConfiguredNode {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfiguredNode() {}

  static EffectiveConfig effective(Path file, Map<String, String> settings) {
    try {
      return EffectiveConfig.load(file, settings, System.getenv());
    } catch (ConfigException e) {
      throw CliException.config("config_invalid", String.valueOf(e.getMessage()));
    }
  }

  /** Reads and checks a configuration, environment included. */
  static NodeConfig load(Path file, Map<String, String> settings) {
    try {
      return NodeConfig.of(effective(file, settings));
    } catch (ConfigException e) {
      throw CliException.config("config_invalid", String.valueOf(e.getMessage()));
    }
  }

  /** The folder that the configuration is in: the node's. */
  static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Its folder may be gone while it goes on signing, so the lock alone does not say. */
  static void requireStopped(Path file) {
    NodeApi api;
    try {
      api = api(file);
      api.getJson("/v1/status");
    } catch (CliException e) {
      // Not there any more, or another takes its place.
      return;
    }
    throw new CliException(
        ExitStatus.ERROR,
        "node_running",
        "the node is running at " + api.base() + ": stop it first");
  }

  /** Where the node runs now, as its ready file says, trusted as its own roots say. */
  static NodeApi api(Path file) {
    NodeConfig config = load(file, Map.of());
    Path ready = folder(file).resolve(AddressBook.READY_FILE);
    if (!Files.exists(ready)) {
      throw new CliException(
          ExitStatus.UNREACHABLE, "not_running", "node " + config.id() + " is not running here");
    }
    try {
      JsonNode line = JSON.readTree(ready.toFile());
      return NodeApi.at(
              line.path("clientUrl").asText(),
              NetworkFolder.readTrust(config.keys().resolve(NodeKeys.ROOTS)))
          .pinnedTo(config.id());
    } catch (IOException e) {
      throw CliException.config("ready_file_malformed", ready + " is not what node start writes");
    }
  }
}
