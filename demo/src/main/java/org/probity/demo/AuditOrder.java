package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.probity.node.cli.AuditWords;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;

/**
 * Whom the culprit's witnesses would have audited first, and why they replayed it when they did: by
 * their own scores and schedules.
 */
final class AuditOrder {
  private static final Duration TRAINING = Duration.ofSeconds(15);

  private final Consortium consortium;
  private final Map<String, NodeApi> correct;
  private final Progress progress;

  AuditOrder(Consortium consortium, Map<String, NodeApi> correct, Progress progress) {
    this.consortium = consortium;
    this.correct = correct;
    this.progress = progress;
  }

  private List<String> judges(String ward) {
    return consortium.witnessesOf(ward).stream().filter(correct::containsKey).toList();
  }

  /** Until those who will rank the culprit have something to rank by; that may be in vain. */
  void awaitModels(String culprit) throws InterruptedException {
    List<String> judges = judges(culprit);
    boolean trained =
        Polling.LOCAL.await(
            TRAINING,
            () -> judges.stream().allMatch(judge -> scoring(judge).path("trained").asBoolean()));
    if (trained && !judges.isEmpty()) {
      progress.step(
          String.join(" and ", judges)
              + (judges.size() == 1 ? ", who witnesses " : ", who witness ")
              + culprit
              + (judges.size() == 1 ? ", has" : ", have")
              + " measured long enough to score the others (in epochs of "
              + scoring(judges.get(0)).path("epochMillis").asLong()
              + " ms)");
    }
  }

  private JsonNode scoring(String judge) {
    return api(judge).getJson("/v1/scoring");
  }

  private NodeApi api(String judge) {
    return Optional.ofNullable(correct.get(judge)).orElseThrow();
  }

  /** Shows it, and puts it into the report. */
  void tell(Fault fault, String culprit, Collection<String> accused, Report report) {
    List<String> judges = judges(culprit);
    if (judges.isEmpty()) {
      return;
    }
    progress.chapter("Whom to audit first");
    ObjectNode ranking = ranking(judges.get(0), culprit);
    ArrayNode audits = JsonNodeFactory.instance.arrayNode();
    accused.forEach(ward -> judges(ward).forEach(judge -> audit(judge, ward, audits)));
    if (audits.isEmpty()) {
      progress.detail(withoutReplay(fault));
    }
    progress.detail(AuditWords.ADVICE);
    report.order(ranking, audits);
  }

  /** Why it was no matter of whose turn it was. */
  private static String withoutReplay(Fault fault) {
    if (fault.expectedEvidence().equals(Optional.of("FORK"))) {
      return "It took no replay: two signed checkpoints that contradict each other are the proof, and"
          + " checkpoints are compared as they come, whoever's turn it is.";
    }
    if (fault.expectedEvidence().isPresent()) {
      return "The witnesses' lists of their last slots no longer show the one that found it.";
    }
    return fault.expectedVerdict().equals(Optional.of(Detection.SUSPECTED))
        ? "No replay can find it: what is missing stands in no log. A challenge has found it, and"
            + " challenges wait for nobody's turn."
        : "No log breaks a rule, so no replay has found anything.";
  }

  private ObjectNode ranking(String judge, String culprit) {
    JsonNode scoring = scoring(judge);
    ObjectNode ranking =
        JsonNodeFactory.instance
            .objectNode()
            .put("by", judge)
            .put("trained", scoring.path("trained").asBoolean());
    ArrayNode peers = ranking.putArray("peers");
    progress.step(
        ranking.path("trained").asBoolean()
            ? "the scores of " + judge + ", which witnesses " + culprit + ":"
            : judge + ", which witnesses " + culprit + ", has no model yet, so nobody has a score");
    int place = 0;
    for (JsonNode peer : scoring.path("peers")) {
      ObjectNode row = peers.addObject().put("node", peer.path("node").asText());
      row.set("score", peer.path("score"));
      row.set("reasons", peer.path("reasons"));
      if (ranking.path("trained").asBoolean()) {
        place++;
        progress.detail(
            String.format(
                Locale.ROOT,
                "%d. %-8s %5.2f  %s",
                place,
                peer.path("node").asText(),
                peer.path("score").asDouble(),
                AuditWords.unusual(peer).orElse("-")));
      }
    }
    return ranking;
  }

  /** The slot in which a witness came to what it has proven. */
  private void audit(String judge, String ward, ArrayNode audits) {
    for (JsonNode evidence : api(judge).getJson("/v1/evidence")) {
      if (evidence.path("node").asText().equals(ward)
          && evidence.path("kind").asText().startsWith("INVALID_")) {
        long position = evidence.path("position").asLong();
        JsonNode schedule = api(judge).getJson("/v1/schedule");
        slot(schedule, ward, position)
            .ifPresent(
                turn -> {
                  audits.add(
                      JsonNodeFactory.instance
                          .objectNode()
                          .put("by", judge)
                          .put("node", ward)
                          .put("position", position)
                          .setAll((ObjectNode) turn));
                  List<String> sentences = AuditWords.turn(judge, ward, turn, schedule);
                  progress.step(sentences.get(0));
                  sentences.stream().skip(1).forEach(progress::detail);
                });
      }
    }
  }

  private static Optional<JsonNode> slot(JsonNode schedule, String ward, long position) {
    JsonNode found = null;
    for (JsonNode scheduled : schedule.path("wards")) {
      if (scheduled.path("node").asText().equals(ward)) {
        for (JsonNode turn : scheduled.path("turns")) {
          if (turn.path("fromIndex").asLong() <= position
              && position < turn.path("toIndex").asLong()) {
            found = turn;
          }
        }
      }
    }
    return Optional.ofNullable(found);
  }
}
