package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.governance.Genesis;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.NodeKeys;
import org.probity.node.runtime.BackupManifest;
import org.probity.node.runtime.NodeBackup;
import org.probity.node.runtime.NodeRestore;
import org.probity.node.runtime.StartException;
import org.probity.node.runtime.Version;

/** {@code node backup} and {@code node restore}: what is done, in words. */
final class StoreCopies {
  /** The backup is not what it says it is, or no correct node has written it. */
  private static final Set<String> UNVERIFIED =
      Set.of(
          "backup_incomplete",
          "backup_format",
          "json_malformed",
          "backup_damaged",
          "log_damaged",
          "log_faulty",
          "mark_contradicts",
          "store_corrupt",
          "store_truncated");

  /** It is another node's, or the configuration is. */
  private static final Set<String> MISPLACED = Set.of("wrong_network", "wrong_node", "wrong_key");

  private final Path configFile;
  private final NodeConfig config;
  private final Genesis genesis;
  private final Terminal terminal;
  private final NodeActions actions;

  StoreCopies(Path configFile, Terminal terminal) {
    this.configFile = configFile;
    this.config = ConfiguredNode.load(configFile, Map.of());
    this.genesis = NetworkFolder.readGenesis(config.genesis());
    this.terminal = terminal;
    this.actions = new NodeActions(config, terminal);
  }

  void backup(Path out, boolean withKeys) throws IOException {
    if (out.toAbsolutePath().normalize().startsWith(config.storage().data())) {
      throw CliException.usage(
          "--out names "
              + out
              + ", which is inside storage.data, "
              + config.storage().data()
              + ", and would be lost with it: name a folder elsewhere, best on another disk");
    }
    BackupManifest made;
    try {
      made =
          new NodeBackup(config.storage().options(), genesis, config.id())
              .write(
                  out,
                  withKeys ? Optional.of(config.keys()) : Optional.empty(),
                  Version.current(),
                  Instant.now().truncatedTo(ChronoUnit.SECONDS));
    } catch (StartException e) {
      actions.record("node.backup", out.toString(), e.code());
      throw failure(e);
    }
    actions.record(
        "node.backup",
        out + ", " + made.size() + " entries" + (made.hasKeys() ? ", with keys" : ""),
        NodeActions.DONE);
    ObjectNode json =
        about(made)
            .put("folder", out.toString())
            .put("files", made.files().size())
            .put("bytes", made.bytes())
            .put("keys", made.hasKeys());
    terminal.result(
        json,
        made.size()
            + " entries of "
            + made.node()
            + " and what belongs to them, "
            + made.files().size()
            + " files of "
            + made.bytes()
            + " bytes, are in "
            + out
            + ".\nThe entries lead to the root that the node has signed. The signing mark is not in"
            + " it: keep "
            + config.storage().marks()
            + " on another disk."
            + (made.hasKeys()
                ? "\nThe keys are in it: whoever reads it can sign as " + made.node() + "."
                : "\nThe keys are not in it: keep a copy of "
                    + config.keys()
                    + " somewhere else, or --with-keys."));
  }

  void restore(Path from, boolean withKeys) throws IOException {
    ConfiguredNode.requireStopped(configFile);
    NodeRestore.Restored restored;
    try {
      restored =
          new NodeRestore(config.storage().options(), genesis, config.id())
              .restore(
                  from,
                  withKeys ? Optional.of(config.keys()) : Optional.empty(),
                  withKeys ? Optional.empty() : logKey());
    } catch (StartException e) {
      actions.record("node.restore", from.toString(), e.code());
      throw failure(e);
    }
    BackupManifest manifest = restored.manifest();
    actions.record("node.restore", from + ", " + manifest.size() + " entries", NodeActions.DONE);
    String meaning = meaning(restored);
    ObjectNode json =
        about(manifest)
            .put("from", from.toString())
            .put("data", config.storage().data().toString())
            .put("mark", restored.mark().orElse(null))
            .put("next", restored.next().name().toLowerCase(Locale.ROOT))
            .put("meaning", meaning);
    terminal.result(
        json,
        manifest.size()
            + " entries of "
            + manifest.node()
            + " as of "
            + manifest.createdAt()
            + " are in "
            + config.storage().data()
            + ".\n"
            + meaning);
  }

  private static ObjectNode about(BackupManifest manifest) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("node", manifest.node())
        .put("incarnation", manifest.incarnation())
        .put("origin", manifest.origin())
        .put("size", manifest.size())
        .put("root", manifest.root())
        .put("decisions", manifest.decisions())
        .put("createdAt", manifest.createdAt().toString());
  }

  /** What the next start does with it, and what it may end as. */
  private String meaning(NodeRestore.Restored restored) {
    Path mark = config.storage().options().markFile();
    long size = restored.manifest().size();
    long signed = restored.mark().orElse(0L);
    String asks =
        "At its next start the node signs nothing before its witnesses have said how much of its"
            + " log they know. ";
    return switch (restored.next()) {
      case COMPLETE ->
          asks
              + "By the mark in "
              + mark
              + " it has signed no more than this; what they have beyond it, it gets from them.";
      case BEHIND_MARK ->
          asks
              + "By the mark in "
              + mark
              + " it has signed "
              + signed
              + " entries, so "
              + (signed - size)
              + " are missing here: it gets them from whoever has a copy and goes on. If nobody who"
              + " answers has them it ends as mark_ahead: put back a newer backup, or it goes on in"
              + " its next incarnation, node renew.";
      case OLD_MARK ->
          "The mark in "
              + mark
              + " is older than this backup: somebody has put back an old one, and it is the"
              + " witnesses alone who know how far this node has signed. "
              + asks
              + "What they have beyond this backup, it gets from them; what none of them has seen"
              + " it may sign a second time. If there is a newer mark, put that back before the"
              + " start.";
      case MARK_LOST ->
          "There is no signing mark in "
              + mark
              + ", and no backup has one: nobody here knows how far this node has signed. Its next"
              + " start ends as mark_lost. If the newest mark is on another disk, put it there; if"
              + " nobody has it, the node goes on in its next incarnation: node renew.";
      case LATCHED ->
          "This node had stopped itself after a fault of its disk, and "
              + config.storage().options().latchFile()
              + " says so: its next start ends as latched, and it goes on in its next incarnation:"
              + " node renew.";
    };
  }

  private Optional<PublicKey> logKey() {
    try {
      return Optional.of(
          NodeKeys.load(config.keys(), config.passphrase()).log().ed25519().publicKey());
    } catch (IdentityException e) {
      terminal.say("probity: the keys cannot be used, the node will not start: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static CliException failure(StartException e) {
    ExitStatus status =
        UNVERIFIED.contains(e.code())
            ? ExitStatus.FAULT
            : MISPLACED.contains(e.code()) ? ExitStatus.BAD_CONFIG : ExitStatus.ERROR;
    return new CliException(status, e.code(), String.valueOf(e.getMessage()), e);
  }
}
