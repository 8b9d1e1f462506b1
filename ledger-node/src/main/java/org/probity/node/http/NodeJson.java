package org.probity.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.probity.detector.log.TreeHead;
import org.probity.node.scoring.PeerScore;

/** The node's own facts as JSON, camelCase; nothing of the ledger. */
final class NodeJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private NodeJson() {}

  static ObjectNode status(
      NodeInfo info,
      NodeHealth health,
      Optional<PublishedLog> log,
      NodeUrls urls,
      long clockMillis) {
    // A log without an entry has no checkpoint, but a size and a root like any other.
    TreeHead head = log.map(PublishedLog::head).orElse(TreeHead.EMPTY);
    return JSON.objectNode()
        .put("node", info.node())
        .put("member", info.member())
        .put("state", health.phase().name().toLowerCase(Locale.ROOT))
        .put("ready", health.ready())
        .put("reason", health.reason())
        .put("incarnation", info.incarnation())
        .put("networkId", info.networkId().toHex())
        .put("origin", info.origin())
        .put("vkey", info.vkey())
        .put("programId", info.programId().toHex())
        .put("size", head.size())
        .put("root", head.root().toHex())
        .put("clientUrl", urls.client().toString())
        .put("peerUrl", urls.peer().toString())
        .put("opsUrl", urls.ops().toString())
        .put("logUrl", urls.log().toString())
        .putNull("consoleUrl")
        .put("clockMillis", clockMillis);
  }

  static ObjectNode readiness(NodeHealth health) {
    ObjectNode json =
        JSON.objectNode()
            .put("ready", health.ready())
            .put("state", health.phase().name().toLowerCase(Locale.ROOT));
    ArrayNode checks = json.putArray("checks");
    for (NodeHealth.Check check : health.checks()) {
      checks
          .addObject()
          .put("name", check.name())
          .put("ok", check.ok())
          .put("reason", check.reason());
    }
    ArrayNode warnings = json.putArray("warnings");
    for (NodeHealth.Warning warning : health.warnings()) {
      warnings.addObject().put("name", warning.name()).put("reason", warning.reason());
    }
    return json;
  }

  static ArrayNode peers(List<PeerStatus> peers) {
    ArrayNode array = JSON.arrayNode();
    for (PeerStatus peer : peers) {
      ObjectNode json =
          array
              .addObject()
              .put("node", peer.node())
              .put("member", peer.member())
              .put("verdict", peer.verdict())
              .put("since", peer.since().map(Instant::toString).orElse(null))
              .put("reason", peer.reason())
              .put("auditedSize", peer.auditedSize())
              .put("lag", peer.lag());
      putNumber(json, "score", peer.score());
      json.put("lane", peer.lane());
    }
    return array;
  }

  static ObjectNode scoring(ScoringStatus scoring) {
    ObjectNode json =
        JSON.objectNode()
            .put("meaning", "advice, not evidence")
            .put("enabled", scoring.enabled())
            .put("trained", scoring.trained())
            .put("rows", scoring.rows())
            .put("epochs", scoring.epochs())
            .put("epochMillis", scoring.epochMillis());
    ArrayNode peers = json.putArray("peers");
    for (ScoringStatus.Peer peer : scoring.peers()) {
      ObjectNode one = peers.addObject().put("node", peer.node());
      putNumber(one, "score", peer.score());
      one.put("lane", peer.lane());
      ObjectNode byModel = one.putObject("byModel");
      new TreeMap<>(peer.why().byModel()).forEach(byModel::put);
      putReasons(one, peer.why());
    }
    return json;
  }

  private static void putReasons(ObjectNode json, PeerScore why) {
    ArrayNode reasons = json.putArray("reasons");
    for (PeerScore.Reason reason : why.reasons()) {
      ObjectNode because = reasons.addObject().put("feature", reason.feature());
      putNumber(because, "value", reason.value());
      because
          .put("unit", reason.unit())
          .put("normalised", reason.normalised())
          .put("contribution", reason.contribution());
    }
  }

  static ObjectNode schedule(ScheduleStatus schedule) {
    ObjectNode json =
        JSON.objectNode()
            .put("rounds", schedule.rounds())
            .put("boundRounds", schedule.boundRounds())
            .put("floorSlots", schedule.floorSlots())
            .put("scoreSlots", schedule.scoreSlots())
            .put("scoreThreshold", schedule.scoreThreshold());
    ArrayNode wards = json.putArray("wards");
    for (ScheduleStatus.Ward ward : schedule.wards()) {
      ArrayNode turns =
          wards
              .addObject()
              .put("node", ward.node())
              .put("auditedSize", ward.auditedSize())
              .put("lag", ward.lag())
              .put("waiting", ward.waiting())
              .put("chunks", ward.chunks())
              .put("waitedRounds", ward.waitedRounds())
              .put("lateRounds", ward.lateRounds())
              .put("lane", ward.lane())
              .put("trouble", ward.trouble())
              .putArray("turns");
      ward.turns().forEach(turn -> turns.add(turn(turn)));
    }
    return json;
  }

  private static ObjectNode turn(ScheduleStatus.Turn turn) {
    ObjectNode json =
        JSON.objectNode()
            .put("round", turn.round())
            .put("place", turn.place())
            .put("places", turn.places())
            .put("fromIndex", turn.fromIndex())
            .put("toIndex", turn.toIndex())
            .put("lane", turn.lane())
            .put("waitedRounds", turn.waitedRounds())
            .put("boundRounds", turn.boundRounds());
    putNumber(json, "score", turn.score());
    putReasons(json, turn.why());
    return json;
  }

  private static void putNumber(ObjectNode json, String name, OptionalDouble value) {
    if (value.isPresent()) {
      json.put(name, value.getAsDouble());
    } else {
      json.putNull(name);
    }
  }

  static ArrayNode challenges(List<ChallengeStatus> challenges) {
    ArrayNode array = JSON.arrayNode();
    for (ChallengeStatus challenge : challenges) {
      array
          .addObject()
          .put("id", challenge.id().toHex())
          .put("kind", challenge.kind())
          .put("target", challenge.target())
          .put("challenger", challenge.challenger())
          .put("since", challenge.since().map(Instant::toString).orElse(null))
          .put("overdue", challenge.isOverdue());
    }
    return array;
  }

  static ObjectNode handedOver(HandedOver handed) {
    ObjectNode json =
        JSON.objectNode()
            .put("challenge", handed.challenge().toHex())
            .put("target", handed.target())
            .put("state", handed.state());
    handed.index().ifPresent(index -> json.put("index", index));
    handed
        .refusal()
        .ifPresent(refusal -> json.put("code", refusal.label()).put("message", refusal.meaning()));
    return json;
  }

  static ArrayNode evidence(List<EvidenceFile> files) {
    ArrayNode array = JSON.arrayNode();
    for (EvidenceFile file : files) {
      array
          .addObject()
          .put("faultId", file.faultId().toHex())
          .put("kind", file.kind())
          .put("member", file.member())
          .put("node", file.node())
          .put("position", file.position())
          .put("bytes", file.file().size())
          .put("path", "/v1/evidence/" + file.faultId().toHex());
    }
    return array;
  }

  static ObjectNode page(LedgerQueries.Page page) {
    ObjectNode json = JSON.objectNode();
    json.putArray("items").addAll(page.items());
    if (page.next().isPresent()) {
      json.put("next", page.next().get());
    } else {
      json.putNull("next");
    }
    return json;
  }

  static ObjectNode submission(SubmissionReply reply, LedgerQueries ledger) {
    ObjectNode json = JSON.objectNode().put("statementId", reply.statementId().toHex());
    reply.recorded().ifPresent(recorded -> addRecorded(json, recorded, ledger));
    reply
        .refused()
        .ifPresent(
            refusal ->
                json.putObject("refused")
                    .put("code", refusal.code())
                    .put("message", refusal.message()));
    return json;
  }

  static ObjectNode transaction(RecordedTransaction transaction, LedgerQueries ledger) {
    return addRecorded(JSON.objectNode(), transaction, ledger);
  }

  private static ObjectNode addRecorded(
      ObjectNode json, RecordedTransaction recorded, LedgerQueries ledger) {
    json.put("index", recorded.index());
    json.set("outcome", ledger.outcome(recorded.outcome()));
    return json;
  }
}
