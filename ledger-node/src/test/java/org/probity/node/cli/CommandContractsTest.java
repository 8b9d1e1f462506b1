package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.cli.RunningConsortium.fields;
import static org.probity.node.cli.RunningConsortium.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.cli.RunningConsortium.Run;

/** What scripts rely on of commands that talk to running nodes: field names and exit codes. */
@Timeout(120)
class CommandContractsTest {
  private static final List<String> RECORDED = List.of("txId", "index", "outcome", "receiptFile");

  @TempDir static Path temporary;
  private static RunningConsortium banks;
  private static int transfers;

  @BeforeAll
  static void start() throws Exception {
    banks = new RunningConsortium(temporary.resolve("banks"), UnaryOperator.identity());
    for (String[] account :
        new String[][] {{"rich", "bank-a", "member-a"}, {"payee", "bank-b", "member-b"}}) {
      Run opened = open(account[0], account[1], account[2], "--overdraft");
      assertEquals(0, opened.exit(), opened.err());
      assertEquals(RECORDED, fields(opened.json()));
      assertEquals(64, opened.json().path("txId").asText().length());
      assertEquals("ok", opened.json().at("/outcome/code").asText());
      assertTrue(Files.exists(Path.of(opened.json().path("receiptFile").asText())));
    }
  }

  @AfterAll
  static void stop() {
    banks.close();
  }

  private static Run open(String account, String node, String member, String... more) {
    String[] arguments = {
      "account",
      "open",
      account,
      "--asset=CZK",
      "--node=" + node,
      "--key=" + banks.operatorKey(member),
      "--receipt=" + temporary.resolve("open-" + account + ".txt")
    };
    return banks.json(with(arguments, more));
  }

  private static Run transfer(String payer, String payee, String amount, String... more) {
    String[] arguments = {
      "transfer",
      payer,
      payee,
      amount,
      "--node=bank-a",
      "--key=" + banks.operatorKey("member-a"),
      "--receipt=" + temporary.resolve("transfer-" + transfers++ + ".txt")
    };
    return banks.json(with(arguments, more));
  }

  private static String[] with(String[] first, String[] more) {
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }

  private static long size(String node) throws IOException {
    return banks.json("node", "status", "--node=" + node).json().at("/0/size").asLong();
  }

  private static String balance(String account, String node) throws IOException {
    return banks
        .json("account", "show", account, "--node=" + node)
        .json()
        .path("balanceMinor")
        .asText();
  }

  @Test
  void nodeStartSaysWhereItListens() {
    assertEquals(
        List.of("node", "clientUrl", "peerUrl", "opsUrl", "logUrl", "consoleUrl"),
        fields(banks.readyLine("bank-a")));
    assertEquals("bank-a", banks.readyLine("bank-a").path("node").asText());
  }

  @Test
  void nodeStatusIsAnArrayOfNodes() throws IOException {
    Run run = banks.json("node", "status");
    assertEquals(0, run.exit(), run.err());
    assertEquals(2, run.json().size());
    JsonNode bank = run.json().get(0);
    assertEquals(
        List.of(
            "node",
            "member",
            "state",
            "reason",
            "incarnation",
            "origin",
            "vkey",
            "logUrl",
            "size",
            "root",
            "clientUrl",
            "peerUrl",
            "opsUrl",
            "programId"),
        fields(bank));
    assertEquals("running", bank.path("state").asText());
    assertEquals("", bank.path("reason").asText());
    Run byUrl =
        banks.json(
            "node", "status", "--url=" + banks.readyLine("bank-b").path("clientUrl").asText());
    assertEquals("bank-b", byUrl.json().at("/0/node").asText());
    Run byConfig =
        run("node", "status", "--config=" + banks.layout.config("bank-a"), "--output=json");
    assertEquals("bank-a", byConfig.json().at("/0/node").asText(), byConfig.err());
  }

  @Test
  void peersAreVerdicts() throws IOException {
    Run run = banks.json("peers", "--node=bank-a");
    assertEquals(0, run.exit(), run.err());
    JsonNode peer = run.json().get(0);
    assertEquals(
        List.of(
            "node", "member", "verdict", "since", "reason", "auditedSize", "lag", "score", "lane"),
        fields(peer));
    assertEquals("trusted", peer.path("verdict").asText());
    assertTrue(peer.path("since").isNull(), "trusted from the beginning");
  }

  @Test
  void auditStatusSaysWhoHasSignedWhat() throws IOException {
    Run status = banks.json("audit", "status", "--node=bank-b");

    assertEquals(0, status.exit(), status.err());
    assertEquals(List.of("statements", "wards", "schedule"), fields(status.json()));
    JsonNode ward = status.json().path("wards").get(0);
    assertEquals(List.of("node", "origin", "auditedSize", "lag", "own", "others"), fields(ward));
    Run table = run("audit", "status", "--node=bank-b", "--dir=" + banks.folder);
    assertEquals(0, table.exit(), table.err());
    assertTrue(table.out().startsWith("WARD "), table.out());
    assertTrue(table.out().contains("About its own log: "), table.out());
  }

  @Test
  void auditRunHasAWardReplayedAndWaitsForIt() throws IOException {
    Run all = banks.json("audit", "run", "bank-a", "--node=bank-b");
    assertEquals(0, all.exit(), all.err());
    assertEquals(
        List.of(
            "by", "node", "upTo", "auditedSize", "verdict", "scoreThreshold", "evidence", "turns"),
        fields(all.json()));
    assertEquals("CLEAN", all.json().path("verdict").asText());
    assertTrue(
        all.json().path("auditedSize").asLong() >= all.json().path("upTo").asLong(), all.out());
    Run some = banks.json("audit", "run", "bank-a", "--node=bank-b", "--up-to=1");
    assertEquals(1, some.json().path("upTo").asLong(), some.out());
    Run text = run("audit", "run", "bank-a", "--node=bank-b", "--dir=" + banks.folder);
    assertTrue(text.out().startsWith("CLEAN: bank-b has replayed "), text.out());
    assertTrue(text.out().contains("bank-b replayed entries "), text.out());
    Run itself = banks.json("audit", "run", "bank-b", "--node=bank-b");
    assertEquals(1, itself.exit(), "no ward of its own");
    assertEquals("not_found", itself.errorCode());
    assertEquals(2, banks.json("audit", "run", "bank-a&x", "--node=bank-b").exit());
  }

  @Test
  void scoringExplainSaysWhatMovesAScore() throws IOException {
    Run explained = banks.json("scoring", "explain", "bank-a", "--node=bank-b");
    assertEquals(0, explained.exit(), explained.err());
    assertEquals(
        List.of(
            "meaning",
            "by",
            "enabled",
            "trained",
            "rows",
            "node",
            "score",
            "lane",
            "byModel",
            "reasons",
            "rank",
            "of",
            "scoreThreshold",
            "boundRounds",
            "witnessed",
            "turns"),
        fields(explained.json()));
    assertEquals(1, explained.json().path("rank").asInt());
    Run text = run("scoring", "explain", "bank-a", "--node=bank-b", "--dir=" + banks.folder);
    assertTrue(text.out().contains("There is no model yet"), text.out());
    assertTrue(text.out().stripTrailing().endsWith(AuditWords.ADVICE), text.out());
    assertEquals(2, banks.json("scoring", "explain", "bank-x", "--node=bank-b").exit());
  }

  @Test
  void aTransferIsRecordedOrSettled() throws IOException {
    Run recorded = transfer("rich", "rich2", "1.00");
    assertEquals(1, recorded.exit(), "there is no such payee");
    assertEquals(RECORDED, fields(recorded.json()));
    assertEquals("failed", recorded.json().at("/outcome/status").asText());

    Run settled = transfer("rich", "payee@bank-b", "12.50", "--wait=settled", "--reference=R-1");
    assertEquals(0, settled.exit(), settled.err());
    assertEquals(RECORDED, fields(settled.json()));
    assertEquals("executed", settled.json().at("/outcome/status").asText());
    assertEquals("1250", balance("payee", "bank-b"));

    Run returned = transfer("rich", "nobody@bank-b", "1.00", "--wait=settled");
    assertEquals(1, returned.exit());
    assertEquals(RECORDED, fields(returned.json()), "it is recorded, whatever becomes of it");
    assertEquals("returned", returned.errorCode());
    assertTrue(returned.err().contains("payee_not_found"), returned.err());
  }

  @Test
  void aTransferIsWitnessed() throws IOException {
    Run witnessed = transfer("rich", "payee@bank-b", "0.10", "--wait=witnessed");

    assertEquals(0, witnessed.exit(), witnessed.err());
    assertEquals(RECORDED, fields(witnessed.json()));
    // The file has the receipt that was waited for.
    String receipt = witnessed.json().path("receiptFile").asText();
    Run verified = banks.json("receipt", "verify", receipt);
    assertEquals(0, verified.exit(), verified.err());
    assertTrue(
        List.of("witnessed", "audited").contains(verified.json().path("assurance").asText()),
        verified.out());
    assertTrue(
        Files.readString(Path.of(receipt)).split("\n\u2014 ", -1).length > 2, "no cosignature");
  }

  @Test
  void aTransferIsAudited() throws IOException {
    Run audited = transfer("rich", "payee@bank-b", "0.10", "--wait=audited", "--timeout=60");

    assertEquals(0, audited.exit(), audited.err());
    String receipt = audited.json().path("receiptFile").asText();
    assertEquals(
        "audited", banks.json("receipt", "verify", receipt).json().path("assurance").asText());
  }

  @Test
  void whatCannotBeWaitedForIsRefusedBeforeAnythingIsSent() throws IOException {
    long before = size("bank-a");
    assertEquals(2, transfer("rich", "payee@bank-b", "1.00", "--wait=never").exit());
    assertEquals(2, transfer("rich", "payee@bank-b", "1.001").exit());
    Run tooMuch = transfer("rich", "payee@bank-b", "184467440737095516.16");
    assertEquals(2, tooMuch.exit());
    String most = "AMOUNT 184467440737095516.16 is more than one operation can move, which is";
    assertTrue(tooMuch.err().contains(most + " 184467440737095516.15 CZK"), tooMuch.err());
    assertEquals(before, size("bank-a"));
  }

  @Test
  void whatAStrangerSignsIsRefusedAndNotLogged() throws IOException {
    long before = size("bank-a");
    Path receipt = temporary.resolve("stranger.txt");
    Run run =
        banks.json(
            "transfer",
            "rich",
            "payee@bank-b",
            "1.00",
            "--node=bank-a",
            "--key=" + banks.operatorKey("member-b"),
            "--receipt=" + receipt);
    assertEquals(5, run.exit(), run.err());
    assertTrue(run.err().contains("submit and sign it as somebody who has"), run.err());
    assertTrue(run.err().contains("Nothing was recorded"), run.err());
    assertFalse(Files.exists(receipt));
    assertEquals(before, size("bank-a"));
  }

  @Test
  void aDryRunChangesNothing() throws IOException {
    long before = size("bank-a");
    Path receipt = temporary.resolve("never.txt");
    Run transfer = transfer("rich", "payee@bank-b", "7.25", "--dry-run", "--receipt=" + receipt);
    assertEquals(2, transfer.exit(), "--receipt twice");
    transfer =
        banks.json(
            "transfer",
            "rich",
            "payee@bank-b",
            "7.25",
            "--key=" + banks.operatorKey("member-a"),
            "--receipt=" + receipt,
            "--dry-run");
    assertEquals(0, transfer.exit(), transfer.err());
    assertEquals(List.of("dryRun", "node", "operation", "signers"), fields(transfer.json()));
    assertEquals("remit", transfer.json().at("/operation/operation").asText());
    assertEquals("725", transfer.json().at("/operation/amountMinor").asText());
    assertFalse(Files.exists(receipt));

    Run open = open("dry", "bank-a", "member-a", "--dry-run");
    assertEquals(0, open.exit(), open.err());
    assertEquals("openAccount", open.json().at("/operation/operation").asText());
    assertEquals(1, banks.json("account", "show", "dry").exit(), "was not opened");

    Path dir = temporary.resolve("dry");
    Run init = run("network", "init", "--nodes=4", "--dir=" + dir, "--dry-run", "-o", "json");
    assertEquals(0, init.exit(), init.err());
    assertEquals(List.of("dir", "genesis", "dryRun", "nodes"), fields(init.json()));
    assertEquals(List.of("node", "member", "config"), fields(init.json().at("/nodes/0")));
    assertFalse(Files.exists(dir));
    Run occupied = run("network", "init", "--dir=" + banks.folder, "--dry-run", "-o", "json");
    assertEquals(3, occupied.exit());
    assertEquals("directory_not_empty", occupied.errorCode());
    assertEquals(before, size("bank-a"));
  }

  @Test
  void networkInitNamesEveryNodesFiles() throws IOException {
    Path dir = temporary.resolve("another");
    Run run = run("network", "init", "--nodes=3", "--dir=" + dir, "-o", "json");
    assertEquals(0, run.exit(), run.err());
    assertEquals(List.of("dir", "genesis", "networkId", "nodes"), fields(run.json()));
    for (JsonNode node : run.json().path("nodes")) {
      assertEquals(List.of("node", "member", "config"), fields(node));
      assertTrue(Files.isRegularFile(Path.of(node.path("config").asText())));
    }
  }

  @Test
  void aReceiptIsVerifiedOffline() throws IOException {
    Path receipt = temporary.resolve("open-rich.txt");
    Run valid = banks.json("receipt", "verify", receipt.toString());
    assertEquals(0, valid.exit(), valid.err());
    assertEquals(List.of("verdict", "node", "index", "assurance"), fields(valid.json()));
    assertEquals("VALID", valid.json().path("verdict").asText());
    assertTrue(
        List.of("recorded", "witnessed", "audited")
            .contains(valid.json().path("assurance").asText()),
        "it depends on when it was fetched");

    String forged = Files.readString(receipt).replace("index ", "index 1");
    Path copy = Files.writeString(temporary.resolve("forged.txt"), forged);
    Run invalid = banks.json("receipt", "verify", copy.toString());
    assertEquals(10, invalid.exit(), invalid.err());
    assertEquals("INVALID", invalid.json().path("verdict").asText());
    assertFalse(invalid.json().path("reason").asText().isEmpty());
    assertEquals(1, banks.json("receipt", "verify", "/nowhere").exit());
  }

  @Test
  void aCleanLogIsVerifiedAndReplayed() throws IOException {
    Run run = banks.json("log", "verify", "--node=bank-a", "--replay");
    assertEquals(0, run.exit(), run.err());
    assertEquals(
        List.of("verdict", "node", "size", "root", "replayed", "entriesPerSecond", "evidence"),
        fields(run.json()));
    assertEquals("CLEAN", run.json().path("verdict").asText());
    String url = banks.readyLine("bank-a").path("logUrl").asText();
    assertEquals(0, banks.json("log", "verify", url).exit());
    Run wrong = banks.json("log", "verify", url, "--node=bank-b");
    assertEquals(10, wrong.exit());
    assertEquals("wrong_node", wrong.json().path("reason").asText());
    Path dir = temporary.resolve("strangers");
    assertEquals(0, run("network", "init", "--nodes=3", "--dir=" + dir).exit());
    Run mistaken = banks.json("log", "verify", url, "--genesis=" + dir.resolve("genesis.cbor"));
    assertEquals(3, mistaken.exit(), "the auditor's own mistake proves nothing");
    assertEquals("wrong_network", mistaken.errorCode());
    assertEquals(4, banks.json("log", "verify", "https://localhost:1/log").exit());
  }

  @Test
  void aLogIsShownInWords() throws IOException {
    Run run = banks.json("log", "show", "--node=bank-a");
    assertEquals(0, run.exit(), run.err());
    JsonNode first = run.json().get(0);
    assertEquals(List.of("index", "type", "bytes", "leafHash", "text"), fields(first));
    assertEquals("GENESIS", first.path("type").asText());
    String all = run.json().toString();
    assertTrue(all.contains("a transaction of 1 operation, logged as executed"), all);
    assertTrue(all.contains("open account"), all);

    Run table = run("log", "show", "--node=bank-a", "--dir=" + banks.folder, "--count=2");
    assertEquals(2, table.out().lines().count(), table.out());
    assertTrue(table.out().startsWith("0  GENESIS  the log of bank-a begins"), table.out());
    Run none = banks.json("log", "show", "--node=bank-a", "--from=1000000");
    assertEquals(0, none.json().size());
    assertEquals(2, banks.json("log", "show", "--node=bank-a", "--from=-1").exit());
    assertEquals(2, banks.json("log", "show", "--node=bank-a", "--count=-1").exit());
    assertEquals(2, banks.json("log", "show", "--node=bank-a", "--count=0").exit());
  }
}
