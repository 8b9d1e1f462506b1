package org.probity.ledger.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Payment orders as files: the form of {@code order.csv} of the PKDD'99 Discovery Challenge, 6,471
 * real, anonymised standing orders of a Czech bank's customers.
 *
 * <pre>
 * "order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"
 * 29401;1;"YZ";"87144583";2452.00;"SIPO"
 * </pre>
 *
 * <p>Fields are separated by semicolons, quoted or not; lines end in LF or CRLF. Amounts have two
 * decimals and become haler exactly, without a floating-point number on the way.
 */
public final class PaymentOrders {
  public static final int MAX_ORDERS = 1_000_000;

  private static final long MAX_FILE_BYTES = 100L << 20;
  private static final int MAX_LINE_CHARACTERS = 1_000;
  private static final int MAX_AMOUNT_DIGITS = 16;
  private static final List<String> HEADER =
      List.of("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol");

  private PaymentOrders() {}

  /** Reads a whole file. Fails with {@link OrderFileException} on the first line that is wrong. */
  public static List<PaymentOrder> read(Path file) throws IOException {
    String source = String.valueOf(file.getFileName());
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new OrderFileException(source, 1, "a file has at most " + MAX_FILE_BYTES + " bytes");
    }
    // A charset without malformed input: what is not ASCII is reported where it stands.
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      return parse(source, reader);
    }
  }

  /** As {@link #read}; {@code source} is what messages call it. Leaves the reader open. */
  public static List<PaymentOrder> parse(String source, Reader reader) throws IOException {
    BufferedReader lines = new BufferedReader(reader);
    Parser parser = new Parser(source);
    String line = lines.readLine();
    while (line != null) {
      parser.line(line);
      line = lines.readLine();
    }
    return parser.finish();
  }

  /** Writes orders in the form {@link #parse} reads. */
  public static void write(List<PaymentOrder> orders, Appendable out) throws IOException {
    out.append('"').append(String.join("\";\"", HEADER)).append("\"\n");
    for (PaymentOrder order : orders) {
      out.append(Long.toString(order.orderId()))
          .append(';')
          .append(Long.toString(order.accountId()))
          .append(";\"")
          .append(order.bankTo())
          .append("\";\"")
          .append(order.accountTo())
          .append("\";")
          .append(crowns(order.amountMinor()))
          .append(";\"")
          .append(order.symbol())
          .append("\"\n");
    }
  }

  private static String crowns(long amountMinor) {
    long fraction = amountMinor % 100;
    return amountMinor / 100 + (fraction < 10 ? ".0" : ".") + fraction;
  }

  /**
   * Made-up orders of the same shape: as many orders per account, banks, amounts and purposes as in
   * the real file, roughly. The same for the same seed, everywhere.
   */
  public static List<PaymentOrder> generate(long seed, int count) {
    if (count < 0 || count > MAX_ORDERS) {
      throw new IllegalArgumentException("0 to " + MAX_ORDERS + " orders, not " + count);
    }
    return new Generator(seed).generate(count);
  }

  private static final class Parser {
    private final String source;
    private final List<PaymentOrder> orders = new ArrayList<>();
    private final Set<Long> orderIds = new HashSet<>();
    private int lineNumber;
    private int blankLine;

    Parser(String source) {
      this.source = source;
    }

    void line(String line) throws OrderFileException {
      lineNumber++;
      if (line.length() > MAX_LINE_CHARACTERS) {
        throw failure("a line has at most " + MAX_LINE_CHARACTERS + " characters");
      }
      if (line.isBlank()) {
        blankLine = lineNumber;
        return;
      }
      if (blankLine > 0) {
        throw failure("line " + blankLine + " is empty and not the end of the file");
      }
      List<String> fields = fields(line);
      if (lineNumber == 1) {
        if (!fields.equals(HEADER)) {
          throw failure("the first line must be " + String.join(";", HEADER));
        }
        return;
      }
      if (orders.size() == MAX_ORDERS) {
        throw failure("more than " + MAX_ORDERS + " orders");
      }
      orders.add(order(fields));
    }

    List<PaymentOrder> finish() throws OrderFileException {
      if (lineNumber == 0 || blankLine == 1) {
        throw new OrderFileException(source, 1, "no header: the file is empty");
      }
      return orders;
    }

    private PaymentOrder order(List<String> fields) throws OrderFileException {
      if (fields.size() != HEADER.size()) {
        throw failure("expected " + HEADER.size() + " fields, found " + fields.size());
      }
      long orderId = number(fields, 0);
      if (!orderIds.add(orderId)) {
        throw fieldFailure(0, "order " + orderId + " is there twice");
      }
      return new PaymentOrder(
          orderId,
          number(fields, 1),
          name(fields, 2, 11),
          name(fields, 3, 34),
          amount(fields.get(4)),
          symbol(fields.get(5).strip()));
    }

    private long number(List<String> fields, int field) throws OrderFileException {
      String text = fields.get(field);
      if (text.isEmpty() || text.length() > 18 || !isDigits(text)) {
        throw fieldFailure(field, "expected a number of at most 18 digits, found " + quote(text));
      }
      return Long.parseLong(text);
    }

    private String name(List<String> fields, int field, int maxLength) throws OrderFileException {
      String text = fields.get(field);
      if (text.isEmpty() || text.length() > maxLength || !isUpperAlphanumeric(text)) {
        throw fieldFailure(
            field, "expected 1 to " + maxLength + " of A-Z and 0-9, found " + quote(text));
      }
      return text;
    }

    private String symbol(String text) throws OrderFileException {
      if (text.length() > 16 || !isUpperAlphanumeric(text)) {
        throw fieldFailure(5, "expected at most 16 of A-Z and 0-9, found " + quote(text));
      }
      return text;
    }

    private long amount(String text) throws OrderFileException {
      int point = text.length() - 3;
      boolean shaped =
          point > 0
              && text.charAt(point) == '.'
              && isDigits(text.substring(0, point))
              && isDigits(text.substring(point + 1))
              && point + 2 <= MAX_AMOUNT_DIGITS;
      if (!shaped) {
        throw fieldFailure(
            4, "expected an amount with two decimals, 2452.00 for example, found " + quote(text));
      }
      long minor =
          Long.parseLong(text.substring(0, point)) * 100
              + Long.parseLong(text.substring(point + 1));
      if (minor == 0) {
        throw fieldFailure(4, "the amount is zero");
      }
      return minor;
    }

    private List<String> fields(String line) throws OrderFileException {
      List<String> fields = new ArrayList<>(HEADER.size());
      int at = 0;
      while (true) {
        boolean quoted = at < line.length() && line.charAt(at) == '"';
        int from = quoted ? at + 1 : at;
        int end = quoted ? line.indexOf('"', from) : line.indexOf(';', from);
        if (quoted && end < 0) {
          throw failure("field " + (fields.size() + 1) + ": the quote is not closed");
        }
        if (end < 0) {
          end = line.length();
        }
        fields.add(line.substring(from, end));
        at = quoted ? end + 1 : end;
        if (at == line.length()) {
          return fields;
        }
        if (line.charAt(at) != ';') {
          throw failure("field " + fields.size() + ": text after the closing quote");
        }
        at++;
      }
    }

    private OrderFileException fieldFailure(int field, String message) {
      return failure(HEADER.get(field) + ": " + message);
    }

    private OrderFileException failure(String message) {
      return new OrderFileException(source, lineNumber, message);
    }

    private static String quote(String text) {
      return '"' + (text.length() <= 40 ? text : text.substring(0, 40) + "...") + '"';
    }

    private static boolean isDigits(String text) {
      return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isUpperAlphanumeric(String text) {
      return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'));
    }
  }

  private static final class Generator {
    private static final List<String> BANKS =
        List.of("AB", "CD", "EF", "GH", "IJ", "KL", "MN", "OP", "QR", "ST", "UV", "WX", "YZ");

    /** Minimum, deciles 1, 5 and 9, maximum of the real amounts, in crowns. */
    private static final int[] AMOUNT_KNOTS_CROWNS = {1, 382, 2592, 7282, 14882};

    private static final int[] KNOT_PERCENT = {0, 10, 50, 90, 100};
    private static final int FIRST_ORDER_ID = 29401;

    private final SplittableRandom random;

    Generator(long seed) {
      random = new SplittableRandom(seed);
    }

    List<PaymentOrder> generate(int count) {
      List<PaymentOrder> orders = new ArrayList<>(count);
      long account = 0;
      int left = 0;
      for (int i = 0; i < count; i++) {
        if (left == 0) {
          account += 1 + random.nextInt(3);
          left = ordersOfAccount();
        }
        left--;
        String symbol = symbol();
        orders.add(
            new PaymentOrder(
                FIRST_ORDER_ID + i,
                account,
                BANKS.get(random.nextInt(BANKS.size())),
                Integer.toString(1_000_000 + random.nextInt(99_000_000)),
                amount(symbol),
                symbol));
      }
      return orders;
    }

    /** One to five, 1.7 on average. */
    private int ordersOfAccount() {
      int percent = random.nextInt(100);
      return percent < 58 ? 1 : percent < 81 ? 2 : percent < 92 ? 3 : percent < 98 ? 4 : 5;
    }

    private String symbol() {
      int percent = random.nextInt(100);
      return percent < 54
          ? "SIPO"
          : percent < 75 ? "" : percent < 86 ? "UVER" : percent < 94 ? "POJISTNE" : "LEASING";
    }

    private long amount(String symbol) {
      int percent = random.nextInt(100);
      int knot = 1;
      while (percent >= KNOT_PERCENT[knot]) {
        knot++;
      }
      long crowns = random.nextLong(AMOUNT_KNOTS_CROWNS[knot - 1], AMOUNT_KNOTS_CROWNS[knot] + 1L);
      // Instalments of loans and leases are the ones with an odd amount.
      boolean instalment = symbol.equals("UVER") || symbol.equals("LEASING");
      return crowns * 100 + (instalment ? 10L * random.nextInt(10) : 0);
    }
  }
}
