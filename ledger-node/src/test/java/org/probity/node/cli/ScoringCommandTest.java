package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people read about scores and audits. */
class ScoringCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void ranksWithReasonsAndSaysThatItIsAdvice() throws Exception {
    assertEquals(
        """
        NODE    SCORE  LANE   REASONS
        bank-c  7.25   score  ack_p50 80.00 ms, +8.7 deviations, contributes 60.50; common_load, +1.0 deviations, contributes 0.50
        bank-d  0.00   floor  -
        The next model is trained on 250 measurements.
        Advice, not evidence: a score changes when a log is replayed, never whether.""",
        ScoringCommand.text(
            JSON.readTree(
                """
                {"meaning":"advice, not evidence","enabled":true,"trained":true,"rows":250,"peers":[
                {"node":"bank-c","score":7.25,"lane":"score","byModel":{},"reasons":[
                {"feature":"ack_p50","value":80,"unit":"ms","normalised":8.7,"contribution":60.5},
                {"feature":"common_load","value":null,"unit":"","normalised":1,"contribution":0.5}]},
                {"node":"bank-d","score":0,"lane":"floor","byModel":{},"reasons":[]}]}
                """)));
  }

  @Test
  void saysWhyNobodyHasAScore() throws Exception {
    String peers = ",\"peers\":[{\"node\":\"b\",\"score\":null,\"lane\":\"\",\"reasons\":[]}]}";
    assertEquals(
        """
        NODE  SCORE  LANE  REASONS
        b     -      -     -
        There is no model yet, so nobody has a score and logs are replayed oldest first; 12 measurements so far.
        Advice, not evidence: a score changes when a log is replayed, never whether.""",
        ScoringCommand.text(
            JSON.readTree("{\"enabled\":true,\"trained\":false,\"rows\":12" + peers)));
    assertEquals(
        """
        NODE  SCORE  LANE  REASONS
        b     -      -     -
        Scores are switched off (scoring.enabled): logs are replayed oldest first.
        Advice, not evidence: a score changes when a log is replayed, never whether.""",
        ScoringCommand.text(
            JSON.readTree("{\"enabled\":false,\"trained\":false,\"rows\":0" + peers)));
  }

  @Test
  void showsWhatWaitsAndWithinHowManyRoundsItIsReplayed() throws Exception {
    assertEquals(
        """
        WARD    AUDITED  LAG  WAITING  LANE   SIGNED  OTHERS
        bank-c  7        3    2        floor  5       bank-d 6

        About its own log: none
        Whatever the scores are, what has come by now is replayed within 4 rounds. Since the start: 12 rounds, 30 slots of the floor, 5 of scores.""",
        AuditCommand.text(
            JSON.readTree(
                """
                {"wards":[{"node":"bank-c","auditedSize":7,"lag":3,"own":{"toSize":5},
                "others":[{"auditor":"bank-d","toSize":6}]}],"statements":[],
                "schedule":{"rounds":12,"boundRounds":4,"floorSlots":30,"scoreSlots":5,"wards":[
                {"node":"bank-c","auditedSize":7,"lag":3,"waiting":2,"chunks":1,"waitedRounds":1,
                "lateRounds":0,"lane":"floor","trouble":""}]}}
                """)));
  }

  private static final String TURN =
      """
      {"round":11,"place":1,"places":2,"fromIndex":4,"toIndex":9,"lane":"%s","waitedRounds":1,
      "boundRounds":3,"score":%s,"reasons":[
      {"feature":"ack_p50","value":80,"unit":"ms","normalised":8.7,"contribution":60.5},
      {"feature":"common_load","value":null,"unit":"","normalised":1,"contribution":0.5}]}""";

  private static List<String> turn(String lane, String score) throws Exception {
    return AuditWords.turn(
        "bank-d",
        "bank-c",
        JSON.readTree(TURN.formatted(lane, score)),
        JSON.readTree("{\"scoreThreshold\":3}"));
  }

  @Test
  void saysWhyALogWasReplayedWhenItWas() throws Exception {
    assertEquals(
        List.of(
            "bank-d replayed entries 4 to 8 of bank-c in its round 11, slot 1 of 2: the floor,"
                + " oldest first whatever the scores are; its first entry had waited 1 round.",
            "Its score then was 0.25 of 20; ack_p50 80.00 ms (+8.7 deviations).",
            "Whatever the scores were, all that waited then was to be replayed within 3 rounds."),
        turn("floor", "0.25"));
    assertTrue(
        turn("floor", "5").get(0).endsWith("but the score lane had looked at it lately."),
        turn("floor", "5").get(0));
    assertTrue(
        turn("score", "7").get(0).contains("the score lane, because its score was above 3.00"),
        turn("score", "7").get(0));
    assertTrue(
        turn("asked", "0").get(0).endsWith("because a person had asked for it."),
        turn("asked", "0").get(0));
    assertEquals("There was no model yet, so nobody had a score.", turn("floor", "null").get(1));
  }

  @Test
  void explainsAScoreByWhatMovesIt() throws Exception {
    JsonNode scoring =
        JSON.readTree(
            """
            {"meaning":"advice, not evidence","enabled":true,"trained":true,"rows":250,"peers":[
            {"node":"bank-b","score":9,"lane":"","byModel":{},"reasons":[]},
            {"node":"bank-c","score":7.25,"lane":"score",
            "byModel":{"mahalanobis":7.25,"one_class_svm":6.25},"reasons":[
            {"feature":"ack_p50","value":80,"unit":"ms","normalised":8.7,"contribution":60.5},
            {"feature":"common_load","value":null,"unit":"","normalised":1,"contribution":0.5}]}]}
            """);
    JsonNode schedule =
        JSON.readTree(
            "{\"scoreThreshold\":3,\"boundRounds\":2,\"wards\":[{\"node\":\"bank-c\",\"turns\":["
                + TURN.formatted("score", "7")
                + "]}]}");
    ObjectNode explained = ScoringCommand.explanation("bank-d", "bank-c", scoring, schedule);

    assertEquals(2, explained.path("rank").asInt());
    assertEquals(2, explained.path("of").asInt());
    assertEquals(
        """
        bank-d gives bank-c a score of 7.25 of 20, place 2 of 2; the score lane begins above 3.00.
        By model, the larger one counts: mahalanobis 7.25, one_class_svm 6.25.
        What moves it most:

        FEATURE      MEASURED  DEVIATIONS  CONTRIBUTION
        ack_p50      80.00 ms  +8.7        60.50
        common_load  -         +1.0        0.50

        bank-d replayed entries 4 to 8 of bank-c in its round 11, slot 1 of 2: the score lane, because its score was above 3.00 and it was not audited there lately.
        Its score then was 7.00 of 20; ack_p50 80.00 ms (+8.7 deviations).
        Whatever the scores were, all that waited then was to be replayed within 3 rounds.
        Advice, not evidence: a score changes when a log is replayed, never whether.""",
        ScoringCommand.explanation(explained));
    assertTrue(
        ScoringCommand.explanation(
                ScoringCommand.explanation("bank-d", "bank-b", scoring, schedule))
            .contains("bank-d does not witness the log of bank-b"));
    assertThrows(
        CliException.class,
        () -> ScoringCommand.explanation("bank-d", "bank-x", scoring, schedule));
  }
}
