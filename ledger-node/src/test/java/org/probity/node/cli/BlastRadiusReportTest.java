package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.log.LogReader;
import org.probity.ledger.Fixture;
import org.probity.ledger.verifier.StolenMoney;

/** The report for programs, for people and as a graph. */
class BlastRadiusReportTest {
  private final StolenMoney banks = new StolenMoney();

  private BlastRadiusReport report(String... nodes) {
    SortedMap<String, LogReader> logs = banks.logs(nodes);
    return new BlastRadiusReport(banks.radius(logs), logs, List.of(Fixture.CZK));
  }

  @Test
  void sumsUpInAFewLines() {
    List<String> summary = report("bank-a", "bank-b", "bank-c").summary(2);
    assertTrue(summary.get(0).startsWith("Nothing that bank-c logged from entry "), summary.get(0));
    assertTrue(summary.get(1).contains("4 accounts on 2 other nodes were reached"), summary.get(1));
    assertTrue(summary.get(2).startsWith("NODE "), summary.get(2));
    assertEquals(6, summary.size());
    assertEquals("and 2 more accounts", summary.get(5));
  }

  @Test
  void jsonNamesEveryAccountWithItsAmounts() {
    JsonNode json = report("bank-a", "bank-b", "bank-c").json();
    assertEquals("bank-c", json.at("/sources/0/node").asText());
    assertEquals(banks.fault(), json.at("/sources/0/from").asLong());
    assertTrue(json.path("complete").asBoolean());
    JsonNode carol = null;
    for (JsonNode account : json.path("accounts")) {
      carol =
          account.path("account").asText().equals(Fixture.account("carol").toString())
              ? account
              : carol;
    }
    assertEquals(4, json.path("accounts").size());
    assertEquals("bank-b", carol.path("node").asText());
    assertEquals("CZK", carol.path("asset").asText());
    assertEquals(200, carol.path("creditedMinor").asLong());
    assertEquals(1_200, carol.path("availableMinor").asLong());
    assertEquals("RECEIVE", json.at("/entries/0/type").asText());
    assertTrue(json.at("/entries/0/causes/0").asText().startsWith("bank-c/"));
    assertTrue(json.at("/entries/0/text/1").asText().contains("credit 5.00 CZK"));
  }

  @Test
  void peopleReadWhoIsReachedAndThatNobodyElseIsAtFault() {
    String text = report("bank-a", "bank-b", "bank-c").text();
    assertTrue(
        text.contains(
            "Nothing that bank-c logged from entry " + banks.fault() + " on can be relied on."),
        text);
    assertTrue(text.contains("4 accounts on 2 other nodes were reached"), text);
    assertTrue(text.contains("affected, not guilty"), text);
    assertTrue(text.contains("12.00 CZK"), text);
    assertFalse(text.contains("INCOMPLETE"), text);
  }

  @Test
  void peopleReadWhatIsMissing() {
    String text = report("bank-b", "bank-c").text();
    assertTrue(text.contains("INCOMPLETE"), text);
    assertTrue(text.contains("bank-a/"), text);
    assertFalse(report("bank-b", "bank-c").json().path("complete").asBoolean());
  }

  @Test
  void theGraphHasAnArrowFromEveryCause() {
    BlastRadiusReport report = report("bank-a", "bank-b", "bank-c");
    String graph = report.graph();
    for (JsonNode entry : report.json().path("entries")) {
      String to = entry.path("node").asText() + "/" + entry.path("index").asText();
      for (JsonNode cause : entry.path("causes")) {
        assertTrue(graph.contains("\"" + cause.asText() + "\" -> \"" + to + "\";"), graph);
      }
    }
    assertTrue(graph.contains("subgraph \"cluster_bank-c\""), graph);
    assertTrue(graph.contains("fillcolor"), graph);
  }
}
