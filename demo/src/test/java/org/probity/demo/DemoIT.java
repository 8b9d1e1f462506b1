package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.probity.detector.TestData;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.verifier.OfflineVerifier;
import org.probity.node.cli.AuditWords;

/** The demonstration as a script sees it: real processes, TLS, LMDB. */
@Timeout(600)
class DemoIT {
  private static final int MAX_OVERDRAFT_BYTES = 64 * 1024;
  private static final int MAX_FORK_BYTES = 8 * 1024;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path temporary;

  private Launcher.Result demo(String... more) throws Exception {
    String[] arguments = new String[more.length + 5];
    arguments[0] = "demo";
    arguments[1] = "--dir";
    arguments[2] = temporary.resolve("demo").toString();
    arguments[3] = "--output";
    arguments[4] = "json";
    System.arraycopy(more, 0, arguments, 5, more.length);
    return Launcher.run(arguments);
  }

  @Test
  @Tag("campaign")
  void anHonestConsortiumAccusesNobodyAndLosesNothing() throws Exception {
    Launcher.Result result = demo("--quick", "--fault", "none");
    assertEquals(0, result.exitCode(), result.toString());
    JsonNode json = result.json();
    assertEquals(0, json.path("exposed").size());
    assertEquals(0, json.path("suspected").size());
    assertEquals(0, json.path("falselyAccused").size());
    assertEquals(0, json.path("evidence").size());
    assertEquals(0, json.path("conservation").path("lossMinor").asLong());
    assertEquals(0, json.path("conservation").path("inFlightMinor").asLong());
    assertEquals(
        json.path("conservation").path("issuedMinor").asLong(),
        json.path("conservation").path("balancesMinor").asLong());
  }

  @Test
  void anOverdraftIsExposedByAllAndItsProofStandsNoFlippedByte() throws Exception {
    JsonNode json = cheat("overdraft", "INVALID_TRANSITION", MAX_OVERDRAFT_BYTES);
    long loss = json.path("conservation").path("lossMinor").asLong();
    assertEquals(100_000_000, loss);
    flipEveryByte(json);
  }

  @Test
  @Tag("campaign")
  void aForkIsExposedByAllAndItsProofStandsNoFlippedByte() throws Exception {
    JsonNode json = cheat("fork", "FORK", MAX_FORK_BYTES);
    // All that the richest customer had, once more; the demonstration itself compares it.
    assertTrue(json.path("conservation").path("lossMinor").asLong() > 0, json.toString());
    new Measured(json.path("secondsToExposure").asDouble(), json.at("/evidence/0/bytes").asLong())
        .keep("fork");
    flipEveryByte(json);
  }

  @Test
  @Tag("campaign")
  void whatIsCreditedTwiceIsExposedByAllAndTheLossIsTheSurplus() throws Exception {
    JsonNode json = cheat("double-credit", "INVALID_TRANSITION", MAX_OVERDRAFT_BYTES);
    assertTrue(json.path("conservation").path("lossMinor").asLong() > 0, json.toString());
  }

  @Test
  void theListOfFaultsSaysWhatToExpect() throws Exception {
    Launcher.Result result = Launcher.run("demo", "--list-faults", "--output", "json");
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals(12, result.json().size());
    JsonNode silence = find(result.json(), "silence");
    assertEquals("suspected", silence.path("expectedVerdict").asText());
    assertTrue(silence.path("evidence").isNull());
    JsonNode lazy = find(result.json(), "lazy-witness");
    assertEquals("exposed", lazy.path("expectedVerdict").asText());
    assertEquals("FALSE_AUDIT", lazy.path("evidence").asText());
    assertEquals("trusted", find(result.json(), "framing").path("expectedVerdict").asText());
  }

  private static JsonNode find(JsonNode faults, String label) {
    for (JsonNode fault : faults) {
      if (fault.path("fault").asText().equals(label)) {
        return fault;
      }
    }
    throw new AssertionError("no fault " + label + " in " + faults);
  }

  @Test
  void aSilentBankIsSuspectedAndNotRevokedAndTheStorySaysWhy() throws Exception {
    suspect("silence");
  }

  @Test
  @Tag("campaign")
  void aCensoringBankIsSuspectedAndNotRevoked() throws Exception {
    suspect("censorship");
  }

  @ParameterizedTest
  @Tag("campaign")
  @CsvSource({
    "rewrite,FORK",
    "lying-outcome,INVALID_TRANSITION",
    "mint,INVALID_TRANSITION",
    "forged-transaction,INVALID_ENTRY"
  })
  void everyOtherFaultWithAProofEndsInARevocation(String fault, String kind) throws Exception {
    cheat(fault, kind, MAX_OVERDRAFT_BYTES);
  }

  @Test
  @Tag("campaign")
  void nobodyBelievesWhoAccusesACorrectBank() throws Exception {
    Launcher.Result result = demo("--quick", "--fault", "framing");
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals(0, result.json().path("exposed").size());
    assertEquals(0, result.json().path("revoked").size());
    assertTrue(
        result.json().path("notRevokedBecause").asText().startsWith("nobody was convinced"),
        result.toString());
  }

  @Test
  @Tag("campaign")
  void ofFiveMembersThreeCannotRevokeTwo() throws Exception {
    Launcher.Result result = demo("--quick", "--fault", "lazy-witness", "--nodes", "5");
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals(2, result.json().path("exposed").size());
    assertEquals(0, result.json().path("revoked").size());
    assertTrue(
        result.json().path("notRevokedBecause").asText().contains("more than two thirds"),
        result.toString());
  }

  @Test
  @Tag("campaign")
  void ofSevenMembersFiveRevokeALazyWitnessAndItsWard() throws Exception {
    Launcher.Result result = demo("--quick", "--fault", "lazy-witness");
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals(2, result.json().path("revoked").size());
    assertEquals(6, result.json().path("decisions").size());
  }

  private void suspect(String fault) throws Exception {
    Launcher.Result result = demo("--quick", "--fault", fault);
    assertEquals(0, result.exitCode(), result.toString());
    JsonNode json = result.json();
    String culprit = json.path("culprit").asText();
    assertEquals(1, json.path("suspected").size(), result.toString());
    assertEquals(culprit, json.path("suspected").get(0).asText());
    assertEquals(0, json.path("exposed").size());
    assertEquals(0, json.path("evidence").size());
    assertEquals(0, json.path("revoked").size());
    assertTrue(json.path("blastRadius").isNull(), "no proof says from where on");
    assertEquals(0, json.path("audits").size(), "no replay has found it");
    assertTrue(result.err().contains("No replay can find it"), result.err());
    assertRanking(json, result.err());
    assertTrue(
        json.path("notRevokedBecause").asText().startsWith("a suspicion is no proof"),
        result.toString());
    assertTrue(result.err().contains("nothing is revoked: a suspicion"), result.err());
    assertTrue(result.err().contains("every correct node trusts " + culprit + " again"));
  }

  /** Whom a witness would have audited first, and that this is no evidence. */
  private static void assertRanking(JsonNode json, String err) {
    JsonNode ranking = json.path("ranking");
    assertTrue(json.path("nodes").toString().contains(ranking.path("by").asText()), err);
    assertEquals(json.path("nodes").size() - 1, ranking.path("peers").size());
    assertTrue(err.contains("Whom to audit first"), err);
    assertTrue(err.contains(AuditWords.ADVICE), err);
    assertFalse(err.contains("\u001B"), "colours, and nobody watches");
  }

  /** Why it was replayed when it was, for what only a replay finds. */
  private static void assertOrder(JsonNode json, String err) {
    boolean byReplay = json.at("/evidence/0/kind").asText().startsWith("INVALID_");
    assertEquals(byReplay, json.path("audits").size() > 0, json.path("audits").toString());
    for (JsonNode audit : json.path("audits")) {
      assertEquals(json.path("culprit"), audit.path("node"));
      assertTrue(audit.path("fromIndex").asLong() <= audit.path("position").asLong());
      assertTrue(audit.path("position").asLong() < audit.path("toIndex").asLong());
      assertTrue(Set.of("floor", "score").contains(audit.path("lane").asText()), err);
      assertTrue(audit.path("boundRounds").asLong() >= 1, err);
      assertTrue(err.contains(audit.path("by").asText() + " replayed entries "), err);
    }
    assertEquals(!byReplay, err.contains("It took no replay"), err);
  }

  private static void assertReach(JsonNode json, String err) {
    JsonNode reach = json.path("blastRadius");
    assertEquals(json.path("culprit"), reach.at("/sources/0/node"), err);
    assertTrue(reach.path("complete").asBoolean(), err);
    assertTrue(err.contains("blast radius: Nothing that "), err);
    BigInteger credited = BigInteger.ZERO;
    for (JsonNode account : reach.path("accounts")) {
      credited = credited.add(account.path("creditedMinor").bigIntegerValue());
    }
    assertTrue(
        credited.compareTo(json.at("/conservation/lossMinor").bigIntegerValue()) >= 0,
        "what was stolen has reached somebody: " + reach);
  }

  private JsonNode cheat(String fault, String kind, int maxBytes) throws Exception {
    Launcher.Result result = demo("--quick", "--fault", fault);
    assertEquals(0, result.exitCode(), result.toString());
    JsonNode json = result.json();
    assertContract(json);
    assertRanking(json, result.err());
    assertOrder(json, result.err());
    assertReach(json, result.err());
    assertTrue(json.path("notRevokedBecause").isNull(), result.err());
    String culprit = json.path("culprit").asText();
    assertEquals(1, json.path("exposed").size(), result.toString());
    assertEquals(culprit, json.path("exposed").get(0).asText());
    assertEquals(1, json.path("revoked").size(), result.toString());
    assertEquals(culprit, json.path("revoked").get(0).asText());
    assertEquals("evidence.submit", json.at("/decisions/0/action").asText());
    assertEquals("node.suspend", json.at("/decisions/1/action").asText());
    assertEquals("node.revoke", json.at("/decisions/2/action").asText());
    assertTrue(json.at("/decisions/2/voters").size() >= 3, result.toString());
    Set<String> correct = new HashSet<>();
    json.path("nodes").forEach(node -> correct.add(node.asText()));
    correct.remove(culprit);
    Set<String> exposers = new HashSet<>();
    json.path("exposedBy").path(culprit).forEach(node -> exposers.add(node.asText()));
    assertEquals(correct, exposers);
    assertEquals(0, json.path("falselyAccused").size());
    assertEquals(
        json.path("transfers").path("submitted").asLong(),
        json.path("transfers").path("settled").asLong());
    boolean found = false;
    for (JsonNode evidence : json.path("evidence")) {
      assertEquals("PROVEN", evidence.path("verdict").asText());
      if (evidence.path("kind").asText().equals(kind)) {
        found = true;
        assertTrue(evidence.path("bytes").asLong() <= maxBytes, evidence.toString());
      }
    }
    assertTrue(found, "no " + kind + " in " + json);
    return json;
  }

  /** Field names that scripts rely on. */
  private static void assertContract(JsonNode json) {
    assertEquals(
        Set.of(
            "dir",
            "genesis",
            "nodes",
            "transfers",
            "conservation",
            "fault",
            "culprit",
            "exposed",
            "exposedBy",
            "suspected",
            "falselyAccused",
            "evidence",
            "revoked",
            "decisions",
            "secondsToExposure",
            "consoleUrl",
            "ranking",
            "audits",
            "blastRadius",
            "notRevokedBecause"),
        fields(json));
    assertEquals(
        Set.of("submitted", "accepted", "settled", "rejected"), fields(json.path("transfers")));
    assertEquals(
        Set.of("issuedMinor", "balancesMinor", "inFlightMinor", "lossMinor"),
        fields(json.path("conservation")));
    assertEquals(
        Set.of("file", "kind", "bytes", "verifyMillis", "processMillis", "verdict"),
        fields(json.at("/evidence/0")));
  }

  private static Set<String> fields(JsonNode object) {
    Set<String> names = new HashSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Through the verifier's own door, as fast as it goes; the command line for a few. */
  private static void flipEveryByte(JsonNode demo) throws Exception {
    Path genesisFile = Path.of(demo.path("genesis").asText());
    Path original = Path.of(demo.path("evidence").get(0).path("file").asText());
    Genesis genesis = Genesis.decode(Bytes.wrap(Files.readAllBytes(genesisFile)));
    OfflineVerifier verifier = new OfflineVerifier(genesis);
    byte[] file = Files.readAllBytes(original);
    assertTrue(verifier.verify(Bytes.wrap(file)) instanceof Verification.Proven);
    for (int at = 0; at < file.length; at++) {
      byte[] flipped = file.clone();
      flipped[at] ^= (byte) (1 << (at % 8));
      assertFalse(
          verifier.verify(Bytes.wrap(flipped)) instanceof Verification.Proven,
          "still proven with byte " + at + " flipped");
    }
    for (int at : new int[] {0, file.length / 2}) {
      byte[] flipped = file.clone();
      flipped[at] ^= 0x40;
      Path copy = original.resolveSibling("flipped.evidence");
      Files.write(copy, flipped);
      Launcher.Result result =
          Launcher.run(
              "evidence",
              "verify",
              copy.toString(),
              "--genesis",
              genesisFile.toString(),
              "--output",
              "json");
      assertEquals(10, result.exitCode(), result.toString());
      assertEquals("REJECTED", result.json().path("verdict").asText());
      assertFalse(result.err().contains("\tat "), result.err());
    }
  }

  @Test
  @Tag("campaign")
  void theRealOrdersSettleToTheLastHaler() throws Exception {
    Path orders = TestData.path("pkdd99/order.csv");
    Launcher.Result result = demo("--fault", "none", "--orders", orders.toString());
    assertEquals(0, result.exitCode(), result.toString());
    JsonNode json = result.json();
    assertEquals(6_471, json.path("transfers").path("submitted").asLong());
    assertEquals(6_471, json.path("transfers").path("settled").asLong());
    assertEquals(2_122_899_360L, json.path("conservation").path("issuedMinor").asLong());
    assertEquals(2_122_899_360L, json.path("conservation").path("balancesMinor").asLong());
    assertTrue(result.err().contains("5,106 of them between banks"), result.err());
  }
}
