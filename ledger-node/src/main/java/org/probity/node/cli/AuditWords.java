package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a witness has replayed a log when it has, in words: from the {@code turns} of {@code
 * /v1/schedule} and the peers of {@code /v1/scoring}.
 */
public final class AuditWords {
  /** To be said wherever a score is shown. */
  public static final String ADVICE =
      "Advice, not evidence: a score changes when a log is replayed, never whether.";

  /** One deviation, squared. */
  private static final double LEAST_CONTRIBUTION = 1;

  private AuditWords() {}

  /**
   * One slot, in sentences.
   *
   * @param witness who has given it
   * @param ward whose log it was
   * @param turn of it
   * @param schedule of the witness
   */
  public static List<String> turn(String witness, String ward, JsonNode turn, JsonNode schedule) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        witness
            + " replayed entries "
            + turn.path("fromIndex").asLong()
            + " to "
            + (turn.path("toIndex").asLong() - 1)
            + " of "
            + ward
            + " in its round "
            + turn.path("round").asLong()
            + ", slot "
            + turn.path("place").asInt()
            + " of "
            + turn.path("places").asInt()
            + ": "
            + lane(turn, schedule));
    sentences.add(score(turn));
    sentences.add(
        "Whatever the scores were, all that waited then was to be replayed within "
            + rounds(turn.path("boundRounds").asLong())
            + ".");
    return sentences;
  }

  private static String lane(JsonNode turn, JsonNode schedule) {
    String threshold = number(schedule.path("scoreThreshold"));
    return switch (turn.path("lane").asText()) {
      case "score" ->
          "the score lane, because its score was above "
              + threshold
              + " and it was not audited there lately.";
      case "asked" -> "before its turn, because a person had asked for it.";
      default ->
          "the floor, oldest first whatever the scores are; its first entry had waited "
              + rounds(turn.path("waitedRounds").asLong())
              + "."
              + (turn.path("score").asDouble() > schedule.path("scoreThreshold").asDouble()
                  ? " Its score was above "
                      + threshold
                      + ", but the score lane had looked at it lately."
                  : "");
    };
  }

  private static String score(JsonNode turn) {
    if (turn.path("score").isNull()) {
      return "There was no model yet, so nobody had a score.";
    }
    return "Its score then was "
        + number(turn.path("score"))
        + " of 20; "
        + unusual(turn).orElse("the epoch before shows nothing unusual")
        + ".";
  }

  /** The features that moved a score, without those that hardly did; empty if none did. */
  public static Optional<String> unusual(JsonNode scored) {
    List<String> unusual = new ArrayList<>();
    for (JsonNode reason : scored.path("reasons")) {
      if (reason.path("contribution").asDouble() >= LEAST_CONTRIBUTION) {
        unusual.add(
            String.format(
                Locale.ROOT,
                "%s%s (%+.1f deviations)",
                reason.path("feature").asText(),
                value(reason),
                reason.path("normalised").asDouble()));
      }
    }
    return unusual.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", unusual));
  }

  /** The features that moved a score most, with what they were. Empty if none did. */
  static String reasons(JsonNode scored) {
    List<String> reasons = new ArrayList<>();
    scored.path("reasons").forEach(reason -> reasons.add(reason(reason)));
    return String.join("; ", reasons);
  }

  /** {@code ack_p99 812.50 ms, +9.8 deviations, contributes 41.20}. */
  private static String reason(JsonNode reason) {
    return reason.path("feature").asText()
        + value(reason)
        + String.format(
            Locale.ROOT,
            ", %+.1f deviations, contributes %s",
            reason.path("normalised").asDouble(),
            number(reason.path("contribution")));
  }

  private static String value(JsonNode reason) {
    return reason.path("value").isNull()
        ? ""
        : " " + number(reason.path("value")) + " " + reason.path("unit").asText();
  }

  /** As it is shown to people. */
  static String number(JsonNode value) {
    return String.format(Locale.ROOT, "%.2f", value.asDouble());
  }

  private static String rounds(long count) {
    return count == 1 ? "1 round" : count + " rounds";
  }
}
