package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.probity.detector.governance.Genesis;
import org.probity.node.config.CallersFile;
import org.probity.node.config.ConfigException;
import org.probity.node.config.ConfigSource;
import org.probity.node.config.EffectiveConfig;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.PemFiles;
import org.probity.node.runtime.StartException;
import org.probity.node.runtime.WitnessSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code config}: checks and shows a node's configuration. */
@Command(name = "config", description = "Checks and shows a node's configuration.")
final class ConfigCommand {
  private final Terminal terminal;

  ConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "check",
      description = "Checks a configuration as node start would; exit code 3: not usable.")
  void check(
      @Parameters(paramLabel = "FILE") Path file,
      @Option(names = "--set", paramLabel = "SECTION.KEY=VALUE", description = "Overrides.")
          @Nullable Map<String, String> settings) {
    NodeConfig config = ConfiguredNode.load(file, settings == null ? Map.of() : settings);
    Genesis genesis = NetworkFolder.readGenesis(config.genesis());
    if (genesis.node(config.id()).isEmpty()) {
      throw CliException.config("unknown_node", "the genesis document has no node " + config.id());
    }
    requireAccessFiles(config.access());
    try {
      WitnessSettings.check(config.witness(), genesis);
    } catch (StartException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    }
    terminal.result(
        JsonNodeFactory.instance.objectNode().put("node", config.id()).put("usable", true));
  }

  private static void requireAccessFiles(NodeConfig.Access access) {
    try {
      access.callersFile().ifPresent(CallersFile::load);
      access.rootsFile().ifPresent(PemFiles::readCertificates);
    } catch (ConfigException e) {
      throw CliException.config("config_invalid", String.valueOf(e.getMessage()));
    } catch (IdentityException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    }
  }

  @Command(name = "show", description = "Shows every setting and where it comes from.")
  void show(
      @Parameters(paramLabel = "FILE") Path file,
      @Option(
              names = "--effective",
              description = "Defaults, file and environment merged (the default).")
          boolean effective,
      @Option(names = "--set", paramLabel = "SECTION.KEY=VALUE", description = "Overrides.")
          @Nullable Map<String, String> settings) {
    EffectiveConfig values = ConfiguredNode.effective(file, settings == null ? Map.of() : settings);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    values
        .shown()
        .forEach(
            (key, value) ->
                json.putObject(key)
                    .put("value", value)
                    .put(
                        "source",
                        values
                            .sourceOf(key)
                            .map(ConfigSource::name)
                            .map(name -> name.toLowerCase(Locale.ROOT))
                            .orElse("default")));
    terminal.result(json);
  }
}
