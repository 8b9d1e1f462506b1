package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.actions.ActionEntry;
import org.probity.node.actions.ActionHistory;
import org.probity.node.config.ConfigSource;
import org.probity.node.config.EffectiveConfig;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.ActionRecord;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.OperatorsKey;
import org.probity.node.runtime.NodeSettings;

/** What operators have done to a node: shown, and put on record by commands. */
final class NodeActions {
  static final String DONE = "done";

  private final NodeConfig config;
  private final Terminal terminal;

  NodeActions(NodeConfig config, Terminal terminal) {
    this.config = config;
    this.terminal = terminal;
  }

  /** Records what a command has done; that it cannot does not undo the command. */
  void record(String what, String about, String outcome) {
    try {
      NodeSettings.actionLog(config, NetworkFolder.readGenesis(config.genesis()))
          .append(ActionRecord.LOCAL, what, about, outcome);
    } catch (IOException | UncheckedIOException | IdentityException e) {
      terminal.say("probity: " + what + " is not on record in " + config.operatorsLog() + ": " + e);
    }
  }

  /** The configuration in force: which values are not the defaults, and a sum of all. */
  static String inForce(EffectiveConfig values) {
    List<String> changed = new ArrayList<>();
    StringBuilder all = new StringBuilder();
    for (Map.Entry<String, String> value : values.shown().entrySet()) {
      all.append(value.getKey()).append('=').append(value.getValue()).append('\n');
      boolean isDefault =
          values.sourceOf(value.getKey()).filter(ConfigSource.DEFAULT::equals).isPresent();
      if (!isDefault) {
        changed.add(value.getKey() + "=" + value.getValue());
      }
    }
    return "sha256 "
        + Hash.sha256(Bytes.utf8(all.toString()).toArray()).toHex()
        + "; "
        + String.join(" ", changed);
  }

  /**
   * Shows the log.
   *
   * @param formerKeys that have signed before the present one, in hex
   */
  ExitStatus show(boolean verify, List<String> formerKeys, int last) throws IOException {
    if (!Files.exists(config.keys().resolve(OperatorsKey.FILE))) {
      throw CliException.usage(
          "nothing was ever recorded: there is no " + OperatorsKey.FILE + " in " + config.keys());
    }
    List<Bytes> keys = new ArrayList<>();
    keys.add(
        OperatorsKey.load(config.keys(), config.passphrase(), new SecureRandom())
            .publicKey()
            .toBytes());
    for (String former : formerKeys) {
      if (!former.matches("[0-9a-f]{64}")) {
        throw CliException.usage("--key is 64 lower-case hex digits, not " + former);
      }
      keys.add(Bytes.wrap(HexFormat.of().parseHex(former)));
    }
    ActionHistory history =
        ActionHistory.read(
            NodeSettings.actionFiles(config),
            NetworkFolder.readGenesis(config.genesis()).networkId(),
            config.id(),
            keys);
    boolean isWhole = history.problems().isEmpty();
    List<ActionEntry> entries = history.entries();
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    entries
        .subList(Math.max(0, entries.size() - last), entries.size())
        .forEach(entry -> rows.add(row(entry)));
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("node", config.id())
            .put("key", keys.get(0).toHex())
            .put("size", entries.size())
            .put("verdict", isWhole ? "INTACT" : "BROKEN");
    ArrayNode problems = json.putArray("problems");
    history.problems().forEach(problems::add);
    json.set("entries", rows);
    terminal.result(
        json,
        Table.render(rows).stripTrailing()
            + "\n\n"
            + (isWhole
                ? entries.size() + " entries: each follows the one before and is signed."
                : "BROKEN\n" + String.join("\n", history.problems())));
    return verify && !isWhole ? ExitStatus.FAULT : ExitStatus.OK;
  }

  private static ObjectNode row(ActionEntry entry) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("sequence", entry.sequence())
        .put("at", Instant.ofEpochMilli(entry.atMillis()).toString())
        .put("who", entry.who())
        .put("what", entry.what())
        .put("about", entry.about())
        .put("outcome", entry.outcome());
  }
}
