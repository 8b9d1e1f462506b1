package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.TreeHead;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.MemberKey;
import org.probity.node.identity.NodeKeys;
import org.probity.node.network.NetworkInitException;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NodeRenewal;
import org.probity.node.runtime.NextIncarnation;
import org.probity.node.runtime.StartException;
import org.probity.node.store.StoreException;

/**
 * How a node that has lost its store or its keys goes on (protocol.md §11.3): {@code node renew}
 * makes new ones and has the member vouch for the keys, the members decide, {@code node begin}
 * fetches what was decided and the log that was closed.
 *
 * <p>Who has the decisions and the log is asked, and nobody is believed: decisions show by
 * themselves that they were taken, and name the root of the log.
 */
final class LaterIncarnation {
  private final Path configFile;
  private final Path folder;
  private final NodeConfig config;
  private final Genesis genesis;
  private final Target target;
  private final Terminal terminal;

  /**
   * @param target whom to ask; the folder that the genesis document is in, unless another is named
   */
  LaterIncarnation(
      Path configFile, Map<String, String> settings, Target target, Terminal terminal) {
    this.configFile = configFile;
    this.folder = ConfiguredNode.folder(configFile);
    this.config = ConfiguredNode.load(configFile, settings);
    this.genesis = NetworkFolder.readGenesis(config.genesis());
    this.target = target;
    this.terminal = terminal;
    target.defaultTo(consortium());
  }

  private Path consortium() {
    Path parent = config.genesis().toAbsolutePath().normalize().getParent();
    return parent == null ? folder : parent;
  }

  /** Whether {@code node renew} has run here and {@code node begin} has not, with success. */
  static boolean waits(Path configFile) {
    return Files.exists(ConfiguredNode.folder(configFile).resolve(NodeRenewal.ENROLMENT));
  }

  /**
   * Makes keys and a store for the next incarnation.
   *
   * @param key the owning member's governance key; null for the one in the consortium's folder
   */
  ObjectNode renew(@Nullable Path key, boolean isDryRun) throws IOException {
    ConfiguredNode.requireStopped(configFile);
    DecisionChain decisions = decisions();
    Incarnations known =
        Incarnations.of(decisions.state(), config.id())
            .orElseThrow(
                () ->
                    CliException.config(
                        "unknown_node", "the consortium has no node " + config.id()));
    NodeRecord present = known.present();
    Signer member = member(present, key, decisions);
    NodeRenewal renewal = new NodeRenewal(config, folder, known);
    try {
      Map<Path, Path> moves = renewal.plan();
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("node", present.node())
          .put("member", present.member())
          .put("incarnation", present.incarnation() + 1);
      if (isDryRun) {
        json.putNull("enrolment").putNull("logKey").putNull("cosignerKey");
      } else {
        terminal.confirm(
            "Rename the keys and the store of "
                + present.node()
                + " and make new ones for incarnation "
                + (present.incarnation() + 1)
                + "?");
        NodeRenewal.Renewed made = renewal.renew(genesis.networkId(), member, new SecureRandom());
        json.put("enrolment", made.enrolment().toString())
            .put("logKey", made.next().logKey().toBytes().toHex())
            .put("cosignerKey", made.next().cosignerKey().toBytes().toHex());
      }
      ArrayNode renamed = json.putArray("renamed");
      moves.forEach(
          (from, to) -> renamed.addObject().put("from", from.toString()).put("to", to.toString()));
      return json.put("state", isDryRun ? "not_done" : "renewed");
    } catch (NetworkInitException e) {
      throw new CliException(ExitStatus.ERROR, e.code(), text(e), e);
    } catch (StoreException e) {
      throw new CliException(ExitStatus.ERROR, e.code().text(), text(e), e);
    } catch (IdentityException e) {
      throw CliException.config(e.code(), text(e));
    }
  }

  private static String text(Exception e) {
    return String.valueOf(e.getMessage());
  }

  private Signer member(NodeRecord node, @Nullable Path named, DecisionChain decisions) {
    Path file =
        named != null
            ? named
            : new NetworkLayout(target.requiredFolder().folder())
                .member(node.member())
                .resolve(MemberKey.FILE);
    Signer signer = Ballots.signer(file);
    if (!decisions.state().governanceKey(node.member()).equals(Optional.of(signer.publicKey()))) {
      throw new CliException(
          ExitStatus.UNAUTHORISED,
          "wrong_signer",
          file + " is not the governance key of " + node.member());
    }
    return signer;
  }

  /** Fetches what the next incarnation begins with. */
  ObjectNode begin() throws IOException {
    DecisionChain decisions = decisions();
    Incarnations writers = approved(decisions);
    TreeHead close = writers.last().beginning().orElseThrow().close();
    NodeRecord closed = writers.parts().get(writers.parts().size() - 2).record();
    DownloadedLog log = closedLog(closed, close);
    try {
      NextIncarnation.fill(
          config.storage().options(), genesis.origin(writers.present()), log, close, decisions);
    } catch (StartException e) {
      throw new CliException(ExitStatus.ERROR, e.code(), text(e), e);
    }
    NodeRenewal.settle(folder, writers.present().incarnation());
    return JsonNodeFactory.instance
        .objectNode()
        .put("node", config.id())
        .put("incarnation", writers.present().incarnation())
        .put("origin", genesis.origin(writers.present()).format())
        .put("size", close.size())
        .put("root", close.root().toHex())
        .put("decisions", decisions.decisions().size())
        .put("state", "ready");
  }

  /** The incarnations of this node, the last under the keys that are here. */
  private Incarnations approved(DecisionChain decisions) {
    Incarnations writers =
        Incarnations.of(decisions.state(), config.id())
            .orElseThrow(
                () ->
                    CliException.config(
                        "unknown_node", "the consortium has no node " + config.id()));
    NodeRecord present = writers.present();
    PublicKey log;
    PublicKey cosigner;
    try {
      NodeKeys keys = NodeKeys.load(config.keys(), config.passphrase());
      log = keys.log().ed25519().publicKey();
      cosigner = keys.cosigner().ed25519().publicKey();
    } catch (IdentityException e) {
      throw CliException.config(e.code(), text(e));
    }
    if (present.logKey().equals(log) && present.cosignerKey().equals(cosigner)) {
      if (present.incarnation() == 0) {
        throw new CliException(
            ExitStatus.ERROR,
            "nothing_to_begin",
            config.id() + " has its founding keys: node start");
      }
      return writers;
    }
    if (enrolled(log, cosigner, present.incarnation() + 1)) {
      throw new CliException(
          ExitStatus.ERROR,
          "not_decided",
          "the members have not approved incarnation "
              + (present.incarnation() + 1)
              + " of "
              + config.id()
              + ", as far as the nodes asked know: governance propose incarnation.approve"
              + " --enrolment "
              + folder.resolve(NodeRenewal.ENROLMENT)
              + ", and a quorum of votes");
    }
    throw new CliException(
        ExitStatus.ERROR,
        "keys_differ",
        "incarnation "
            + present.incarnation()
            + " of "
            + config.id()
            + " is the present one, and the keys in "
            + config.keys()
            + " are not its keys");
  }

  /** Whether these keys are what the enrolment here is about. */
  private boolean enrolled(PublicKey log, PublicKey cosigner, long incarnation) {
    try {
      Path file = folder.resolve(NodeRenewal.ENROLMENT);
      if (!Files.exists(file)) {
        return false;
      }
      NodeRecord waiting = Approvals.enrolled(genesis, Bytes.wrap(Files.readAllBytes(file)));
      return waiting.logKey().equals(log)
          && waiting.cosignerKey().equals(cosigner)
          && waiting.incarnation() == incarnation;
    } catch (IOException | DecodeException e) {
      return false;
    }
  }

  private DownloadedLog closedLog(NodeRecord closed, TreeHead close) {
    List<DownloadedLog> others = new ArrayList<>();
    Optional<DownloadedLog> found =
        new LogCopies(genesis, holders())
            .of(closed)
            .filter(copy -> copy.size() >= close.size())
            .peek(others::add)
            .filter(copy -> MerkleProofs.rootAt(copy, close.size()).equals(close.root()))
            .findFirst();
    if (found.isEmpty() && !others.isEmpty()) {
      throw new CliException(
          ExitStatus.FAULT,
          "log_differs",
          "no node asked holds the log of "
              + config.id()
              + " that the members have closed; what they hold is another: a fork");
    }
    return found.orElseThrow(
        () ->
            new CliException(
                ExitStatus.UNREACHABLE,
                "nobody_holds_log",
                "no node asked holds the log of "
                    + config.id()
                    + " up to its close at "
                    + close.size()
                    + ": its witnesses do, start them or name one with --url"));
  }

  /** All decisions that whoever can be asked has. */
  private DecisionChain decisions() {
    KnownDecisions known = KnownDecisions.none(genesis);
    boolean answered = false;
    for (NodeApi api : holders()) {
      try {
        answered |= api.getJson("/v1/governance").path("epoch").isNumber();
        known.learn(api);
      } catch (CliException e) {
        terminal.say("probity: " + e.text());
      }
    }
    if (!answered) {
      throw new CliException(
          ExitStatus.UNREACHABLE,
          "nobody_answers",
          "which incarnation is the next is in the decisions that other nodes have, and none of"
              + " them could be asked: start them, or name one with --url");
    }
    return known.chain();
  }

  private List<NodeApi> holders() {
    if (target.url().isPresent()) {
      return List.of(target.api(terminal));
    }
    List<NodeApi> holders = new ArrayList<>();
    for (NodeRecord node : genesis.nodes()) {
      boolean isOther = !node.node().equals(config.id());
      if (isOther && target.requiredFolder().ready(node.node()).isPresent()) {
        holders.add(target.api(terminal, node.node()));
      }
    }
    return holders;
  }
}
