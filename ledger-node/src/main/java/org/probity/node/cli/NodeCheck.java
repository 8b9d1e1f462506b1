package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.node.identity.ExpiryStep;
import org.probity.node.identity.RevocationList;
import org.probity.node.runtime.BootRehearsal;
import org.probity.node.runtime.CheckLine;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.OwnLog;
import org.probity.node.runtime.StoreCheckup;
import org.probity.node.store.StoreException;

/**
 * {@code node check}: is this node about to be blamed, and for what? Reads its store and asks the
 * others; signs and writes nothing but what {@code --out} names.
 */
final class NodeCheck {
  private static final long CLOCK_MILLIS = 5_000;

  private final Path configFile;
  private final NodeSettings settings;
  private final Genesis genesis;
  private final Target target;
  private final Terminal terminal;
  private final List<CheckLine> lines = new ArrayList<>();

  /** What witnesses have signed about the log here, the farthest of each. */
  private final Map<String, VerifiedAudit> audits = new TreeMap<>();

  /**
   * @param target whom to ask; the folder that the genesis document is in, unless another is named
   */
  NodeCheck(Path configFile, Target target, Terminal terminal) {
    this.configFile = configFile;
    this.settings = NodeRunner.settings(configFile, Map.of());
    this.genesis = settings.genesis();
    this.target = target;
    this.terminal = terminal;
    Path genesisFile = ConfiguredNode.load(configFile, Map.of()).genesis();
    target.defaultTo(ConfiguredNode.folder(genesisFile));
  }

  /** One node whose clients' listener can be asked. */
  private record Peer(String node, NodeApi api) {}

  /** What a peer says about this node. */
  private record Said(Peer peer, JsonNode peers, JsonNode challenges, List<Bytes> proofs) {}

  ExitStatus run(@Nullable Path out) throws IOException, InterruptedException {
    if (out != null && Files.exists(out)) {
      throw CliException.usage("--out names " + out + ", which exists: name another folder");
    }
    DecisionChain decisions = OwnLog.decisions(settings.storage().data(), genesis);
    NodeRecord self =
        decisions
            .keys()
            .log(settings.node())
            .orElseThrow(
                () ->
                    CliException.config(
                        "unknown_node", "the genesis document has no node " + settings.node()))
            .present();
    Origin origin = genesis.origin(self);

    // The mark, then the others, then the store: see StoreCheckup.
    Optional<SigningMark> mark = StoreCheckup.outsideMark(settings.storage());
    BootRehearsal heard = BootRehearsal.ask(settings, origin, others());
    List<Said> said = new ArrayList<>();
    List<Bytes> statements = new ArrayList<>();
    for (Peer peer : reachable()) {
      ask(peer).ifPresent(said::add);
      statement(peer, origin).ifPresent(statements::add);
    }
    ownNode(statements);
    new TreeMap<>(settings.certificates().ends())
        .forEach((use, end) -> lines.add(certificate(use, end, Instant.now())));
    settings
        .revocations()
        .inForce()
        .ifPresent(
            list ->
                lines.addAll(revocations(list, settings.certificates().shown(), Instant.now())));
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("node", settings.node());
    try (StoreCheckup store = StoreCheckup.open(settings, mark, decisions)) {
      store.own();
      store.rehearse(heard);
      said.forEach(one -> one.proofs().forEach(proof -> store.shown(one.peer().node(), proof)));
      lines.addAll(0, store.lines());
      said.forEach(this::standing);
      if (store.log().isPresent()) {
        OwnLog log = store.log().get();
        json.put("origin", log.log().origin())
            .put("size", log.head().size())
            .put("root", log.head().root().toHex());
        innocence(log, statements);
        if (out != null) {
          write(log, out);
        }
      }
    } catch (StoreException e) {
      throw new CliException(ExitStatus.ERROR, e.code().text(), String.valueOf(e.getMessage()), e);
    }
    return report(json, out);
  }

  private List<String> others() {
    return genesis.nodes().stream()
        .map(NodeRecord::node)
        .filter(node -> !node.equals(settings.node()))
        .toList();
  }

  // Asking.

  private List<Peer> reachable() {
    if (target.url().isPresent()) {
      NodeApi api = target.api(terminal);
      return List.of(new Peer(api.getJson("/v1/status").path("node").asText(), api));
    }
    List<Peer> peers = new ArrayList<>();
    for (String node : others()) {
      if (target.requiredFolder().ready(node).isPresent()) {
        peers.add(new Peer(node, target.api(terminal, node)));
      } else {
        lines.add(
            CheckLine.warning(
                "standing",
                node,
                "it is stopped, or runs on another machine: its URL is not known here",
                "--url asks it; what it holds of the log is asked by the address book"));
      }
    }
    return peers;
  }

  private Optional<Said> ask(Peer peer) {
    try {
      long askedMillis = System.currentTimeMillis();
      JsonNode theirs = peer.api().getJson("/v1/status").path("clockMillis");
      if (theirs.isIntegralNumber()) {
        lines.add(clock(peer.node(), askedMillis, theirs.asLong(), System.currentTimeMillis()));
      }
      List<Bytes> proofs = new ArrayList<>();
      for (JsonNode file : peer.api().getJson("/v1/evidence")) {
        if (file.path("node").asText().equals(settings.node())) {
          proofs.add(Bytes.wrap(peer.api().get(file.path("path").asText())));
        }
      }
      return Optional.of(
          new Said(
              peer, peer.api().getJson("/v1/peers"), peer.api().getJson("/v1/challenges"), proofs));
    } catch (CliException e) {
      lines.add(
          CheckLine.warning(
              "standing", peer.node(), e.text(), "start it, or look at the network to it"));
      return Optional.empty();
    }
  }

  /**
   * Compares clocks: theirs was read somewhere between question and answer.
   *
   * @param askedMillis when the question was sent
   * @param answeredMillis when the answer had come
   */
  static CheckLine clock(String node, long askedMillis, long theirMillis, long answeredMillis) {
    long offset = theirMillis - (askedMillis + answeredMillis) / 2;
    boolean isFar = Math.abs(offset) > CLOCK_MILLIS + (answeredMillis - askedMillis) / 2;
    return isFar
        ? CheckLine.warning(
            "clock",
            node,
            "its clock is "
                + Math.abs(offset)
                + " ms "
                + (offset > 0 ? "ahead of" : "behind")
                + " the one here",
            "one of the two is wrong, have it set: that proves nothing against anybody, but who is"
                + " late suspects others for nothing, and the time in a log does not go back")
        : CheckLine.ok("clock", node, "within " + CLOCK_MILLIS + " ms of the one here");
  }

  /** What it has signed about the log of this node; not believed yet. */
  private Optional<Bytes> statement(Peer peer, Origin origin) {
    String prefix = LogSource.replicaPrefix(origin);
    String path = "/witness/" + prefix.substring(prefix.lastIndexOf('/') + 1) + "/audit";
    try {
      return peer.api().find(path).map(Bytes::wrap);
    } catch (CliException e) {
      return Optional.empty();
    }
  }

  /** What this node says of itself, where it runs. */
  private void ownNode(List<Bytes> statements) {
    try {
      NodeApi api = ConfiguredNode.api(configFile);
      JsonNode status = api.getJson("/v1/status");
      lines.add(
          status.path("ready").asBoolean()
              ? CheckLine.ok("state", "", status.path("state").asText())
              : CheckLine.warning(
                  "state",
                  "",
                  status.path("state").asText() + ": " + status.path("reason").asText(),
                  "until it is ready it answers nobody and is suspected; the reason says whom it"
                      + " waits for"));
      for (JsonNode held : api.getJson("/v1/audits").path("statements")) {
        statements.add(Bytes.wrap(held.path("statement").binaryValue()));
      }
    } catch (CliException | IOException e) {
      lines.add(
          CheckLine.warning(
              "state",
              "",
              "it does not run, or does not answer",
              "while it is down it answers no challenge and is suspected; nothing is proven by"
                  + " it"));
    }
  }

  // Judging.

  /** Without a valid one nobody talks to the node. */
  static CheckLine certificate(String use, Instant end, Instant now) {
    String text = "for " + use + ", valid until " + end;
    String remedy =
        use.equals("authority")
            ? "the consortium needs another authority: without one no node can renew"
            : "identity request, issue and renew, while the node runs: without it nobody talks to it";
    return switch (ExpiryStep.of(end, now)) {
      case FAR -> CheckLine.ok("certificate", "", text);
      case MONTH, FORTNIGHT, DAYS -> CheckLine.warning("certificate", "", text, remedy);
      case OVER -> CheckLine.danger("certificate", "", text, remedy);
    };
  }

  /** What the list in force says of itself, and of the certificates that this node shows. */
  static List<CheckLine> revocations(
      RevocationList list, Map<String, X509Certificate> shown, Instant now) {
    List<CheckLine> found = new ArrayList<>();
    String text = "list " + list.number() + ", the next one is due by " + list.nextUpdate();
    found.add(
        list.isDueSoon(now)
            ? CheckLine.warning(
                "revocations", "", text, "the authority: identity crl; then hand it to every node")
            : CheckLine.ok("revocations", "", text));
    new TreeMap<>(shown)
        .forEach(
            (use, certificate) -> {
              if (list.isRevoked(certificate)) {
                found.add(
                    CheckLine.danger(
                        "revocations",
                        "",
                        "the certificate for " + use + " is revoked",
                        "identity request, issue and renew: without it nobody talks to the node"));
              }
            });
    return found;
  }

  private void standing(Said said) {
    for (JsonNode peer : said.peers()) {
      if (peer.path("node").asText().equals(settings.node())) {
        lines.add(verdict(said.peer().node(), peer));
      }
    }
    Map<String, Integer> open = new TreeMap<>();
    for (JsonNode challenge : said.challenges()) {
      if (challenge.path("target").asText().equals(settings.node())) {
        open.merge(challenge.path("kind").asText(), 1, Integer::sum);
      }
    }
    open.forEach(
        (kind, count) ->
            lines.add(
                CheckLine.warning(
                    "challenge",
                    said.peer().node(),
                    count + " open, of the kind " + kind,
                    answer(kind))));
  }

  private static CheckLine verdict(String by, JsonNode us) {
    String since = us.path("since").asText();
    String reason = us.path("reason").asText();
    return switch (us.path("verdict").asText()) {
      case "trusted" -> CheckLine.ok("standing", by, "trusts this node");
      case "suspected" ->
          CheckLine.warning(
              "standing",
              by,
              "suspects this node since " + since + ": " + reason,
              "it ends by itself with the answer: the node has to run and to be reachable by it");
      default ->
          CheckLine.danger(
              "standing",
              by,
              "holds this node exposed since " + since + ": " + reason,
              "see the proof: evidence list and evidence explain");
    };
  }

  /** How a node answers what is asked of it before everybody. */
  private static String answer(String kind) {
    String runs = "the node answers it by itself once it runs and is reachable: ";
    return switch (kind) {
      case "message" -> runs + "it takes the messages in and acknowledges them";
      case "audit" -> runs + "it gives the entries asked for";
      case "consistency" -> runs + "it links the two checkpoints";
      case "client" -> runs + "it logs the transaction, with whatever outcome";
      case "decision" -> runs + "it logs the members' decision";
      default -> runs + "challenge list says what is asked";
    };
  }

  /** Up to where witnesses have signed that all is right. */
  private void innocence(OwnLog log, List<Bytes> statements) {
    AuditRule rule = AuditRule.by(log.decisions());
    for (Bytes statement : statements) {
      rule.check(statement).valid().ifPresent(audit -> take(log, audit));
    }
    Seating seating = Seating.of(log.decisions().state());
    if (seating.node(settings.node()).isEmpty()) {
      // The members have stopped it, which another line says: nobody witnesses it.
      return;
    }
    for (NodeRecord seat : seating.witnessesOf(settings.node())) {
      VerifiedAudit audit = audits.get(seat.node());
      if (audit == null) {
        lines.add(
            CheckLine.warning(
                "audit",
                seat.node(),
                "no statement of this witness about the log could be had",
                "it signs one when it has replayed entries: is it running, and is this node?"));
      } else {
        lines.add(
            CheckLine.ok(
                "audit",
                seat.node(),
                "has signed that the first "
                    + audit.content().to().size()
                    + " of "
                    + log.head().size()
                    + " entries are right"));
      }
    }
  }

  private void take(OwnLog log, VerifiedAudit audit) {
    if (!audit.log().format().equals(log.log().origin())
        || audit.content().to().size() > log.head().size()) {
      return;
    }
    String auditor = audit.auditor().node();
    long size = audit.content().to().size();
    if (!MerkleProofs.rootAt(log.log(), size).equals(audit.content().to().root())) {
      lines.add(
          CheckLine.danger(
              "audit",
              auditor,
              "has replayed another log of " + size + " entries than the one here",
              "ask it for the checkpoint it has: if this key has signed it, that is a fork"));
      return;
    }
    audits.merge(auditor, audit, (one, other) -> one.content().to().size() >= size ? one : other);
  }

  // Telling.

  /** The statements as docs/format/audit.md has them, and what they are about. */
  private void write(OwnLog log, Path out) throws IOException {
    Files.createDirectories(out);
    for (Map.Entry<String, VerifiedAudit> audit : audits.entrySet()) {
      Files.write(out.resolve(audit.getKey() + ".audit"), audit.getValue().encoded().toArray());
    }
    if (log.checkpoint().isPresent()) {
      Files.write(out.resolve("checkpoint"), log.checkpoint().get().bytes().toArray());
    }
  }

  private ExitStatus report(ObjectNode json, @Nullable Path out) {
    CheckLine.Level worst =
        lines.stream()
            .map(CheckLine::level)
            .max(CheckLine.Level::compareTo)
            .orElse(CheckLine.Level.OK);
    json.put("verdict", word(worst));
    ArrayNode checks = json.putArray("checks");
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    TreeSet<String> remedies = new TreeSet<>();
    for (CheckLine line : lines) {
      String node = line.node().isEmpty() ? null : line.node();
      checks
          .addObject()
          .put("check", line.check())
          .put("node", node)
          .put("level", word(line.level()))
          .put("text", line.text())
          .put("remedy", line.remedy().isEmpty() ? null : line.remedy());
      rows.addObject()
          .put("level", word(line.level()))
          .put("check", line.check())
          .put("node", node)
          .put("found", line.text());
      if (!line.remedy().isEmpty()) {
        remedies.add(line.check() + ": " + line.remedy());
      }
    }
    ArrayNode signed = json.putArray("audits");
    audits.forEach(
        (auditor, audit) ->
            signed
                .addObject()
                .put("auditor", auditor)
                .put("toSize", audit.content().to().size())
                .put("file", out == null ? null : out.resolve(auditor + ".audit").toString()));
    String text = Table.render(rows).stripTrailing();
    terminal.result(
        json,
        remedies.isEmpty() ? text : text + "\n\nWhat to do\n  " + String.join("\n  ", remedies));
    return switch (worst) {
      case OK -> ExitStatus.OK;
      case WARNING -> ExitStatus.ERROR;
      case DANGER -> ExitStatus.FAULT;
    };
  }

  private static String word(CheckLine.Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
