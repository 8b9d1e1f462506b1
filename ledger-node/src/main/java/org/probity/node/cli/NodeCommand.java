package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.probity.node.runtime.NodeParts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code node}: runs a node and asks running ones. */
@Command(
    name = "node",
    description = {
      "Starts a node, shows how nodes are, backs one up, restores, checks and renews one."
    })
final class NodeCommand {
  private static final List<String> STATUS_FIELDS =
      List.of(
          "node",
          "member",
          "state",
          "reason",
          "incarnation",
          "origin",
          "vkey",
          "logUrl",
          "size",
          "root",
          "clientUrl",
          "peerUrl",
          "opsUrl",
          "programId");

  private final Terminal terminal;

  NodeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "start",
      description = {
        "Runs a node until SIGTERM. Asks the others how much of its log they know, prints one line",
        "of JSON with its URLs when enough have answered and it is ready, then logs to standard",
        "error. SIGTERM drains and exits with 143."
      })
  void start(
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path config,
      @Option(
              names = "--set",
              paramLabel = "SECTION.KEY=VALUE",
              description = "Overrides a setting; repeatable.")
          @Nullable Map<String, String> settings,
      @Option(names = "--exit-with-stdin", hidden = true) boolean exitWithStdin)
      throws IOException {
    Map<String, String> overrides = settings == null ? Map.of() : settings;
    if (LaterIncarnation.waits(config)) {
      ObjectNode begun = new LaterIncarnation(config, overrides, new Target(), terminal).begin();
      terminal.say("probity: incarnation " + begun.path("incarnation").asLong() + " begins");
    }
    NodeRunner.run(config, overrides, exitWithStdin, NodeParts.standard(), terminal);
  }

  @Command(
      name = "renew",
      description = {
        "Makes new keys and an empty store for a node that has lost its store or its keys, and",
        "has its member vouch for the keys. What was there is renamed, nothing is deleted. The",
        "members then decide: governance propose incarnation.approve --enrolment FILE. Asks the",
        "running nodes of the folder that the genesis document is in, or --url."
      })
  void renew(
      @Mixin Target target,
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration, which stays as it is.")
          Path config,
      @Option(
              names = "--key",
              paramLabel = "FILE",
              description =
                  "The owning member's governance key; default members/ID/governance.pem.")
          @Nullable Path key,
      @Option(names = "--dry-run", description = "Show what would be renamed, and do nothing.")
          boolean dryRun)
      throws IOException {
    terminal.result(new LaterIncarnation(config, Map.of(), target, terminal).renew(key, dryRun));
  }

  @Command(
      name = "begin",
      description = {
        "Fetches what a renewed node begins with once the members have approved it: the decisions,",
        "and the log that they have closed, from whoever holds a copy. node start does it by",
        "itself where it can ask the others."
      })
  void begin(
      @Mixin Target target,
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path config)
      throws IOException {
    terminal.result(new LaterIncarnation(config, Map.of(), target, terminal).begin());
  }

  @Command(
      name = "backup",
      description = {
        "Copies the data of a node, which may be running, into a new folder: its log, the logs it",
        "witnesses, evidence, challenges and decisions. Not its signing mark, which no backup may",
        "bring back, and not its keys, unless told to. What was copied is read again and must lead",
        "to what the node has signed. node restore puts it back."
      })
  void backup(
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path config,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "FOLDER",
              description = "Where to; must not exist.")
          Path out,
      @Option(
              names = "--with-keys",
              description = "Also the node's keys and certificates: then keep it as a secret.")
          boolean withKeys)
      throws IOException {
    new StoreCopies(config, terminal).backup(out, withKeys);
  }

  @Command(
      name = "restore",
      description = {
        "Puts a backup in the place of a data folder that is gone, after it has verified all of"
            + " it;",
        "a folder that is there is not touched. Says what the next start comes to: the node asks"
            + " its",
        "witnesses for what it has signed since. Exit code 10: the backup does not verify."
      })
  void restore(
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path config,
      @Option(
              names = "--from",
              required = true,
              paramLabel = "FOLDER",
              description = "What node backup has made.")
          Path from,
      @Option(
              names = "--with-keys",
              description = "Also put back the keys that are in it; there must be none.")
          boolean withKeys)
      throws IOException {
    new StoreCopies(config, terminal).restore(from, withKeys);
  }

  @Command(
      name = "check",
      description = {
        "Is this node about to be blamed, and for what? Verifies its store and replays its log as"
            + " a",
        "witness would, while it runs or is stopped, and asks the others what they hold of that"
            + " log",
        "and against it. Reads only and signs nothing. Exit code 0: all is well; 1: a warning;",
        "10: it is proven to have broken the protocol, or would be if it went on."
      })
  Integer check(
      @Mixin Target target,
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path config,
      @Option(
              names = "--out",
              paramLabel = "FOLDER",
              description =
                  "Also write what proves its innocence: the AUDIT statements that its witnesses"
                      + " have signed, and its checkpoint. Must not exist.")
          @Nullable Path out)
      throws IOException, InterruptedException {
    return new NodeCheck(config, target, terminal).run(out).code();
  }

  @Command(
      name = "actions",
      description = {
        "Shows what operators have done to a node: starts and stops, the configuration in force,",
        "audits asked for, proposals and ballots handed in, backups, refusals. Reads files only.",
        "With --verify exit code 10: it was changed or cut."
      })
  Integer actions(
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path config,
      @Option(names = "--verify", description = "Exit code 10 unless all of it is as written.")
          boolean verify,
      @Option(
              names = "--key",
              paramLabel = "HEX",
              description = "A key that signed before the present one; repeatable.")
          @Nullable List<String> formerKeys,
      @Option(
              names = "--last",
              defaultValue = "100",
              paramLabel = "ENTRIES",
              description = "How many are shown; default ${DEFAULT-VALUE}.")
          int last)
      throws IOException {
    if (last < 0) {
      throw CliException.usage("--last is not negative");
    }
    return new NodeActions(ConfiguredNode.load(config, Map.of()), terminal)
        .show(verify, formerKeys == null ? List.of() : formerKeys, last)
        .code();
  }

  @Command(
      name = "status",
      description = "Shows one node, or all of a consortium's that run on this machine.")
  Integer status(
      @Mixin Target target,
      @Option(
              names = {"-c", "--config"},
              paramLabel = "FILE",
              description = "A node's configuration, instead of --dir.")
          @Nullable Path config) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    boolean answered = false;
    if (target.url().isPresent()) {
      rows.add(row(target.api(terminal).getJson("/v1/status")));
      answered = true;
    } else if (config != null) {
      rows.add(row(ConfiguredNode.api(config).getJson("/v1/status")));
      answered = true;
    } else {
      for (String node : target.nodes()) {
        ObjectNode row = ask(target, node);
        answered |= row.path("size").isNumber();
        rows.add(row);
      }
    }
    terminal.result(rows);
    return (answered ? ExitStatus.OK : ExitStatus.UNREACHABLE).code();
  }

  private ObjectNode ask(Target target, String node) {
    try {
      return row(target.api(terminal, node).getJson("/v1/status"));
    } catch (CliException e) {
      if (e.status() != ExitStatus.UNREACHABLE) {
        throw e;
      }
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      STATUS_FIELDS.forEach(row::putNull);
      return row.put("node", node)
          .put("state", e.code().equals("not_running") ? "stopped" : "unreachable");
    }
  }

  private static ObjectNode row(JsonNode status) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    STATUS_FIELDS.forEach(field -> row.set(field, status.path(field)));
    return row;
  }
}
