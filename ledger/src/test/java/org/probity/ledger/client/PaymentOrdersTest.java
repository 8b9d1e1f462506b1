package org.probity.ledger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.TestData;

class PaymentOrdersTest {
  private static final String HEADER =
      "\"order_id\";\"account_id\";\"bank_to\";\"account_to\";\"amount\";\"k_symbol\"\n";

  private static List<PaymentOrder> parse(String text) throws IOException {
    return PaymentOrders.parse("orders.csv", new StringReader(text));
  }

  private static void assertRefused(String expectedMessage, String text) {
    OrderFileException e = assertThrows(OrderFileException.class, () -> parse(text), text);
    assertEquals(expectedMessage, e.getMessage());
  }

  @Test
  void readsQuotedAndBareFieldsAndBothLineEnds() throws IOException {
    List<PaymentOrder> expected =
        List.of(
            new PaymentOrder(29401, 1, "YZ", "87144583", 245_200, "SIPO"),
            new PaymentOrder(29402, 2, "ST", "89597016", 337_270, ""));
    String text =
        HEADER
            + "29401;1;\"YZ\";\"87144583\";2452.00;\"SIPO\"\n"
            + "29402;2;\"ST\";\"89597016\";3372.70;\" \"\n";
    assertEquals(expected, parse(text));
    assertEquals(expected, parse(text.replace("\n", "\r\n")));
    assertEquals(expected, parse(text.replace("\"", "")));
    assertEquals(expected, parse(text + "\n\r\n"));
    assertEquals(expected, parse(text.substring(0, text.length() - 1)));
    assertEquals(List.of(), parse(HEADER));
  }

  @Test
  void amountsAreExact() throws IOException {
    for (String amount : List.of("0.01", "0.29", "8.00", "99999999999999.99", "1234567.10")) {
      List<PaymentOrder> orders = parse(HEADER + "1;1;AB;1;" + amount + ";\n");
      assertEquals(
          new BigDecimal(amount).movePointRight(2).longValueExact(), orders.get(0).amountMinor());
    }
  }

  @Test
  void namesLineAndFieldOfWhatIsWrong() {
    assertRefused("orders.csv:1: no header: the file is empty", "");
    assertRefused(
        "orders.csv:1: the first line must be order_id;account_id;bank_to;account_to;amount;k_symbol",
        "29401;1;\"YZ\";\"87144583\";2452.00;\"SIPO\"\n");
    assertRefused("orders.csv:2: expected 6 fields, found 5", HEADER + "1;1;AB;1;1.00\n");
    assertRefused("orders.csv:2: expected 6 fields, found 7", HEADER + "1;1;AB;1;1.00;;\n");
    assertRefused(
        "orders.csv:2: order_id: expected a number of at most 18 digits, found \"x\"",
        HEADER + "x;1;AB;1;1.00;\n");
    assertRefused(
        "orders.csv:2: account_id: expected a number of at most 18 digits, found \"-1\"",
        HEADER + "1;-1;AB;1;1.00;\n");
    assertRefused(
        "orders.csv:2: bank_to: expected 1 to 11 of A-Z and 0-9, found \"\"",
        HEADER + "1;1;;1;1.00;\n");
    assertRefused(
        "orders.csv:2: account_to: expected 1 to 34 of A-Z and 0-9, found \"a b\"",
        HEADER + "1;1;AB;\"a b\";1.00;\n");
    for (String amount : List.of("1", "1.0", "1.000", "1,00", "-1.00", "+1.00", ".50", "1e2", "")) {
      assertRefused(
          "orders.csv:2: amount: expected an amount with two decimals, 2452.00 for example, found \""
              + amount
              + '"',
          HEADER + "1;1;AB;1;" + amount + ";\n");
    }
    assertRefused("orders.csv:2: amount: the amount is zero", HEADER + "1;1;AB;1;0.00;\n");
    assertRefused(
        "orders.csv:2: k_symbol: expected at most 16 of A-Z and 0-9, found \"sipo\"",
        HEADER + "1;1;AB;1;1.00;sipo\n");
    assertRefused(
        "orders.csv:3: order_id: order 1 is there twice",
        HEADER + "1;1;AB;1;1.00;\n1;1;AB;1;1.00;\n");
    assertRefused("orders.csv:2: field 3: the quote is not closed", HEADER + "1;1;\"AB;1;1.00;\n");
    assertRefused(
        "orders.csv:2: field 3: text after the closing quote", HEADER + "1;1;\"AB\"x;1;1.00;\n");
    assertRefused(
        "orders.csv:3: line 2 is empty and not the end of the file", HEADER + "\n1;1;AB;1;1.00;\n");
    assertRefused(
        "orders.csv:2: a line has at most 1000 characters", HEADER + "1".repeat(1_001) + "\n");
  }

  @Test
  void reportsWhatIsNotAsciiWhereItStands(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("orders.csv");
    Files.write(file, (HEADER + "1;1;\u010cS;1;1.00;\n").getBytes(StandardCharsets.UTF_8));
    OrderFileException e = assertThrows(OrderFileException.class, () -> PaymentOrders.read(file));
    assertEquals(2, e.line());
    assertTrue(e.getMessage().startsWith("orders.csv:2: bank_to: "), e.getMessage());
    assertThrows(IOException.class, () -> PaymentOrders.read(directory.resolve("absent")));
  }

  @Test
  void readsTheRealFile() throws IOException {
    List<PaymentOrder> orders = PaymentOrders.read(TestData.path("pkdd99/order.csv"));
    assertEquals(6_471, orders.size());
    OrderPlan plan = new OrderPlan(orders, List.of("n0", "n1", "n2", "n3", "n4"));
    assertEquals(5_106, plan.interbankCount());
    assertEquals(2_122_899_360L, plan.totalMinor());
    assertEquals(3_758, orders.stream().map(PaymentOrder::accountId).distinct().count(), "payers");
  }

  @Test
  void writesWhatItReads() throws IOException {
    List<PaymentOrder> orders = PaymentOrders.generate(42, 500);
    StringBuilder out = new StringBuilder();
    PaymentOrders.write(orders, out);
    assertEquals(orders, parse(out.toString()));
    assertEquals(orders, PaymentOrders.generate(42, 500));
  }

  @Test
  void generatesOrdersOfTheRealShape() {
    List<PaymentOrder> orders = PaymentOrders.generate(1, 6_471);
    assertEquals(13, orders.stream().map(PaymentOrder::bankTo).distinct().count());
    long payers = orders.stream().map(PaymentOrder::accountId).distinct().count();
    assertTrue(payers > 3_400 && payers < 4_100, "payers: " + payers);
    OrderPlan plan = new OrderPlan(orders, List.of("n0", "n1", "n2", "n3", "n4"));
    assertTrue(Math.abs(plan.interbankCount() - 5_106) < 200, "interbank");
    assertTrue(Math.abs(plan.totalMinor() - 2_122_899_360L) < 300_000_000L, "total");
    Map<String, Long> symbols =
        orders.stream().collect(Collectors.groupingBy(PaymentOrder::symbol, Collectors.counting()));
    assertEquals(5, symbols.size());
    assertTrue(orders.stream().allMatch(order -> order.amountMinor() <= 1_488_290));
  }
}
