package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
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
}
