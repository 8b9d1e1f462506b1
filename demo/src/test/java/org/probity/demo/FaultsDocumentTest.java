package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.probity.demo.fault.BrokenRule;
import org.probity.detector.evidence.FaultKind;

/**
 * docs/faults.md names every fault of the demonstration and every rule that is broken on real
 * nodes, and in each row tests that exist and what was measured.
 *
 * <p>With {@code -Dprobity.faults=record} the numbers are taken from what the tests on real nodes
 * have left in {@code target/faults}.
 */
class FaultsDocumentTest {
  private static final boolean RECORD = "record".equals(System.getProperty("probity.faults"));

  /** What a row injects, by the name under which it was measured. */
  private static final Pattern LABEL = Pattern.compile("`([a-z-]+)`");

  private static final String NUMBER = "[\\d.,]+";
  private static final String RANGE = NUMBER + "( to " + NUMBER + ")?";
  private static final String NOTHING = "none";

  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))`");
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path DOCUMENT = ROOT.resolve("docs/faults.md");

  @Test
  void everyRowNamesTestsThatExistAndWhatWasMeasured() throws IOException {
    if (RECORD) {
      record();
    }
    Set<String> tests = tests();
    List<String> all = new ArrayList<>(rows("demo"));
    all.addAll(rows("catalogue"));
    all.addAll(rows("boundary"));
    for (String row : all) {
      assertNamesTests(row, tests);
      String[] cells = cells(row);
      String within = cells[cells.length - 3];
      String size = cells[cells.length - 2];
      assertTrue(within.matches(RANGE + " s|" + NOTHING), row);
      assertTrue(size.matches(RANGE + " bytes|" + NOTHING), row);
      boolean isProven = Stream.of(FaultKind.values()).anyMatch(kind -> row.contains(kind.name()));
      assertEquals(isProven, !size.equals(NOTHING), row);
    }
  }

  private static void assertNamesTests(String row, Set<String> tests) {
    Matcher named = TEST.matcher(row);
    boolean isNamed = false;
    while (named.find()) {
      assertTrue(tests.contains(named.group(1)), "no test " + named.group(1) + " for " + row);
      isNamed = true;
    }
    assertTrue(isNamed, row);
  }

  @Test
  void everyRuleThatIsBrokenOnRealNodesHasARowThatSaysWhatIsExpected() throws IOException {
    List<String> rows = rows("catalogue");
    for (BrokenRule rule : BrokenRule.values()) {
      String label = "`" + BrokenRulesOnRunningNodesTest.label(rule) + "`";
      String row =
          rows.stream()
              .filter(one -> one.contains(label))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no row of " + label));
      assertTrue(row.contains(rule.kind().name()), row);
      assertTrue(row.contains("`" + rule.code() + "`"), row);
    }
  }

  @Test
  void everyFaultOfTheDemonstrationHasARowThatSaysWhatIsExpected() throws IOException {
    List<String> rows = rows("demo");
    assertEquals(Fault.values().length - 1, rows.size());
    for (Fault fault : Fault.values()) {
      if (fault == Fault.NONE) {
        continue;
      }
      String row =
          rows.stream()
              .filter(one -> one.startsWith("| `" + fault.label() + "` |"))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no row of " + fault.label()));
      String verdict =
          fault
              .expectedVerdict()
              .map(one -> one.equals(Detection.EXPOSED) ? "exposes" : "suspects it")
              .orElse("suspects nobody");
      assertTrue(row.contains(verdict), row);
      assertTrue(row.contains(fault.expectedEvidence().orElse("| none |")), row);
    }
  }

  /** Of the table between two comments, without its head. */
  private static List<String> rows(String table) throws IOException {
    String text = Files.readString(DOCUMENT);
    int from = text.indexOf("<!-- " + table + " -->");
    int to = text.indexOf("<!-- end of " + table + " -->");
    assertTrue(from >= 0 && to > from, "no table " + table);
    List<String> rows =
        text.substring(from, to).lines().filter(line -> line.startsWith("|")).skip(2).toList();
    assertTrue(rows.size() > 3, rows.toString());
    return rows;
  }

  private static String[] cells(String row) {
    return row.substring(2, row.length() - 2).split(" \\| ", -1);
  }

  /** Writes what was measured into the rows that inject it. */
  private static void record() throws IOException {
    SortedMap<String, Measured> kept = Measured.kept();
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      lines.add(line.startsWith("| ") ? measured(line, kept) : line);
    }
    Files.write(DOCUMENT, lines);
  }

  private static String measured(String row, SortedMap<String, Measured> kept) {
    List<Measured> found = new ArrayList<>();
    String[] cells = cells(row);
    Matcher label = LABEL.matcher(cells[0] + cells[1]);
    while (label.find()) {
      Optional.ofNullable(kept.get(label.group(1))).ifPresent(found::add);
    }
    if (found.isEmpty()) {
      return row;
    }
    cells[cells.length - 3] = range("%.1f", found.stream().map(Measured::seconds).toList()) + " s";
    List<Long> sizes =
        found.stream().map(Measured::evidenceBytes).filter(size -> size > 0).toList();
    cells[cells.length - 2] = sizes.isEmpty() ? NOTHING : range("%,d", sizes) + " bytes";
    return "| " + String.join(" | ", cells) + " |";
  }

  private static <T extends Comparable<T>> String range(String format, List<T> values) {
    String from = String.format(Locale.ROOT, format, Collections.min(values));
    String to = String.format(Locale.ROOT, format, Collections.max(values));
    return from.equals(to) ? from : from + " to " + to;
  }

  private static Set<String> tests() throws IOException {
    Set<String> tests = new HashSet<>();
    for (String module : List.of("detector", "ledger", "ledger-node", "demo")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith("Test.java") || name.endsWith("IT.java"))
            .forEach(name -> tests.add(name.substring(0, name.length() - ".java".length())));
      }
    }
    return tests;
  }
}
