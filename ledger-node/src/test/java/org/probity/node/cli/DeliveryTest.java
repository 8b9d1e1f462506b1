package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.cli.RunningConsortium.fields;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.node.cli.RunningConsortium.Run;

/** Money moves once, whatever gets lost, and the user is told how it stands. */
@Timeout(120)
class DeliveryTest {
  @TempDir static Path temporary;
  private static RunningConsortium banks;
  private static NodeApi bank;
  private static HttpServer between;

  /** What gets lost between the command and the node. */
  private static volatile String losing = "";

  private static final AtomicInteger LOSSES = new AtomicInteger();

  private Path folder = temporary;

  @BeforeAll
  static void start() throws Exception {
    banks = new RunningConsortium(temporary.resolve("banks"), UnaryOperator.identity());
    bank =
        NodeApi.at(
            banks.readyLine("bank-a").path("clientUrl").asText(),
            new NetworkFolder(banks.folder).trust());
    for (String account : List.of("rich", "poor")) {
      Run opened =
          banks.json(
              "account",
              "open",
              account,
              "--overdraft",
              "--asset=CZK",
              "--key=" + banks.operatorKey("member-a"),
              "--receipt=" + temporary.resolve("open-" + account));
      assertEquals(0, opened.exit(), opened.err());
    }
    between = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    between.createContext("/", DeliveryTest::forward);
    between.start();
  }

  @AfterAll
  static void stop() {
    between.stop(0);
    banks.close();
  }

  @BeforeEach
  void freshFolder() throws IOException {
    folder = Files.createTempDirectory(temporary, "receipts");
    losing = "";
    LOSSES.set(0);
  }

  private static void forward(HttpExchange exchange) throws IOException {
    try {
      String path = exchange.getRequestURI().toString();
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (losing.equals("request") && body.length > 0) {
        LOSSES.incrementAndGet();
        answer(
            exchange,
            503,
            "{\"code\":\"timed_out\",\"detail\":\"lost\"}".getBytes(StandardCharsets.UTF_8));
        return;
      }
      byte[] answer;
      if (body.length == 0) {
        answer = bank.get(path);
      } else {
        var result = bank.submit(Bytes.wrap(body));
        answer =
            ("{\"statementId\":\""
                    + result.statementId()
                    + "\",\"index\":"
                    + result.index().orElseThrow()
                    + ",\"outcome\":"
                    + result.outcome().orElseThrow()
                    + "}")
                .getBytes(StandardCharsets.UTF_8);
        if (losing.equals("answer")) {
          LOSSES.incrementAndGet();
          return;
        }
      }
      if (losing.equals("receipt") && path.endsWith("/receipt")) {
        LOSSES.incrementAndGet();
        return;
      }
      if (losing.equals("proof") && path.endsWith("/receipt")) {
        // In the entry; a cosignature or an AUDIT would only be worth less.
        answer["c2sp.org/tlog-proof@v1\nextra ".length() + 40] ^= 1;
      }
      answer(exchange, 200, answer);
    } finally {
      exchange.close();
    }
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static String url() {
    return "--url=http://127.0.0.1:" + between.getAddress().getPort();
  }

  private static Run pay(String amount, Path receipt, String... more) {
    return payTo("poor", amount, receipt, more);
  }

  private static Run payTo(String payee, String amount, Path receipt, String... more) {
    String[] arguments = {
      "transfer",
      "rich",
      payee,
      amount,
      "--node=bank-a",
      "--key=" + banks.operatorKey("member-a"),
      "--receipt=" + receipt
    };
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return banks.json(all);
  }

  private static long balance() throws IOException {
    return banks
        .json("account", "show", "poor", "--node=bank-a")
        .json()
        .path("balanceMinor")
        .asLong();
  }

  private Path receipt() {
    return folder.resolve("receipt.txt");
  }

  private Path statement() {
    return folder.resolve("receipt.txt.statement");
  }

  private Run resend(String... more) {
    String[] all = Arrays.copyOf(more, more.length + 3);
    System.arraycopy(more, 0, all, 3, more.length);
    all[0] = "transaction";
    all[1] = "resend";
    all[2] = statement().toString();
    return banks.json(all);
  }

  private void assertPaidOnceByResending(long before, long amount) throws IOException {
    Run again = resend();
    assertEquals(0, again.exit(), again.err());
    assertEquals(List.of("txId", "index", "outcome", "receiptFile"), fields(again.json()));
    assertEquals(before + amount, balance());
    assertFalse(Files.exists(statement()));
    assertEquals(0, banks.json("receipt", "verify", receipt().toString()).exit());
  }

  @Test
  void nothingIsSentWhereNoReceiptCanBeKept() throws IOException {
    long before = balance();
    for (Path unusable : List.of(Path.of("/nonexistent/r.txt"), temporary.resolve("open-rich"))) {
      Run run = pay("1.00", unusable);
      assertEquals(1, run.exit());
      assertEquals("receipt_file_unusable", run.errorCode());
      assertTrue(run.err().contains("nothing was sent"), run.err());
      assertEquals("", run.out());
    }
    assertEquals(before, balance());
    Files.writeString(statement(), "of an earlier payment");
    assertEquals("receipt_file_unusable", pay("1.00", receipt()).errorCode());
    assertFalse(Files.exists(receipt()));
    assertEquals("of an earlier payment", Files.readString(statement()));
  }

  @Test
  void whatIsRefusedLeavesNothingBehind() throws IOException {
    Run stranger =
        banks.json(
            "transfer",
            "rich",
            "poor",
            "1.00",
            "--node=bank-a",
            "--key=" + banks.operatorKey("member-b"),
            "--receipt=" + receipt());
    assertTrue(stranger.exit() != 0, stranger.out());
    assertFalse(Files.exists(receipt()));
    assertFalse(Files.exists(statement()));
  }

  /** A node that takes no connection of a client is asked by its witnesses. */
  @Test
  void whatCouldNotBeSentCanBeHandedOver() throws IOException {
    Run stopped =
        banks.json(
            "account",
            "open",
            "unheard",
            "--asset=CZK",
            "--node=bank-a",
            "--url=https://localhost:1",
            "--key=" + banks.operatorKey("member-a"),
            "--receipt=" + receipt());
    assertEquals(4, stopped.exit());
    assertEquals("unreachable", stopped.errorCode());
    assertTrue(stopped.err().contains("transaction hand-over " + statement()), stopped.err());
    assertFalse(Files.exists(receipt()));
    Run handed = banks.json("transaction", "hand-over", statement().toString());
    assertEquals(0, handed.exit(), handed.err());
    assertEquals("recorded", handed.json().path("state").asText());
    Run resent = resend();
    assertEquals(0, resent.exit(), resent.err());
    assertEquals(handed.json().path("index").asLong(), resent.json().path("index").asLong());
    assertFalse(Files.exists(statement()));
  }

  @Test
  void aLostAnswerIsAskedForAgainWithTheSameBytes() throws IOException {
    long before = balance();
    losing = "answer";
    Run lost = pay("1.00", receipt(), url());
    assertEquals(4, lost.exit(), lost.err());
    assertEquals("outcome_unknown", lost.errorCode());
    assertTrue(lost.err().contains("transaction resend " + statement()), lost.err());
    assertEquals(
        List.of("txId", "index", "outcome", "receiptFile", "statementFile"), fields(lost.json()));
    assertTrue(LOSSES.get() > 0);
    assertEquals(before + 100, balance(), "it was recorded all the same");
    losing = "";
    assertPaidOnceByResending(before, 100);
  }

  @Test
  void whatIsSentAgainIsWaitedForAsATransferIs() throws IOException {
    Run opened =
        banks.json(
            "account",
            "open",
            "abroad",
            "--asset=CZK",
            "--node=bank-b",
            "--key=" + banks.operatorKey("member-b"),
            "--receipt=" + folder.resolve("open-abroad"));
    assertEquals(0, opened.exit(), opened.err());
    losing = "answer";
    assertEquals("outcome_unknown", payTo("abroad@bank-b", "4.00", receipt(), url()).errorCode());
    losing = "";

    assertEquals(2, resend("--wait=never").exit());
    assertTrue(Files.exists(statement()), "nothing was sent");
    Run settled = resend("--wait=settled");
    assertEquals(0, settled.exit(), settled.err());
    assertEquals(List.of("txId", "index", "outcome", "receiptFile"), fields(settled.json()));
    assertEquals(
        400,
        banks
            .json("account", "show", "abroad", "--node=bank-b")
            .json()
            .path("balanceMinor")
            .asLong());

    freshFolder();
    losing = "answer";
    assertEquals("outcome_unknown", payTo("nobody@bank-b", "5.00", receipt(), url()).errorCode());
    losing = "";
    Run returned = resend("--wait=settled");
    assertEquals(1, returned.exit());
    assertEquals("returned", returned.errorCode());
    assertTrue(
        returned.err().contains("bank-b returned the payment: payee_not_found"), returned.err());
    assertTrue(Files.size(receipt()) > 0, "recorded with a receipt, whatever became of it");
  }

  @Test
  void aLostReceiptIsFetchedWithoutPayingTwice() throws IOException {
    for (String loss : List.of("receipt", "proof")) {
      freshFolder();
      long before = balance();
      losing = loss;
      Run lost = pay("2.00", receipt(), url());
      assertTrue(lost.exit() != 0, lost.err());
      assertEquals("receipt_missing", lost.errorCode());
      assertTrue(lost.err().contains("recorded as entry"), lost.err());
      assertTrue(lost.json().path("index").isIntegralNumber());
      assertEquals("ok", lost.json().at("/outcome/code").asText());
      assertEquals(0, Files.size(receipt()));
      losing = "";
      assertPaidOnceByResending(before, 200);
    }
  }

  @Test
  void aNodeThatIsBusyForLongIsSpokenOfAndTheOutcomeIsOpen() throws IOException {
    long before = balance();
    losing = "request";
    Run busy = pay("3.00", receipt(), url());
    assertEquals(1, busy.exit(), busy.err());
    assertTrue(busy.err().contains("is busy"), busy.err());
    assertTrue(busy.err().contains("outcome_unknown"), busy.err());
    assertTrue(LOSSES.get() > 1);
    assertEquals(before, balance());
    losing = "";
    assertPaidOnceByResending(before, 300);
  }

  @Test
  void onlyASavedTransactionOfThisConsortiumIsSentAgain() throws IOException {
    Files.writeString(statement(), "nothing of the kind");
    Run run = resend();
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("no signed transaction"), run.err());
    Files.delete(statement());
    assertEquals("file_missing", resend().errorCode());
  }

  @Test
  void anotherNodeOfTheConsortiumIsNotBelieved() throws IOException {
    long before = balance();
    Run run =
        pay("1.00", receipt(), "--url=" + banks.readyLine("bank-b").path("clientUrl").asText());
    assertEquals(4, run.exit(), run.err());
    assertTrue(run.err().contains("expected node bank-a"), run.err());
    assertEquals(before, balance());
  }
}
