package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/faults.md names every fault of the demonstration and, in each row, tests that exist. */
class FaultsDocumentTest {
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))`");
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void everyRowNamesATestThatExistsOrSaysThatThereIsNone() throws IOException {
    Set<String> tests = tests();
    for (String row : rows("demo")) {
      assertNamesTests(row, tests);
    }
    for (String row : rows("catalogue")) {
      assertNamesTests(row, tests);
    }
  }

  private static void assertNamesTests(String row, Set<String> tests) {
    Matcher named = TEST.matcher(row);
    boolean isNamed = false;
    while (named.find()) {
      assertTrue(tests.contains(named.group(1)), "no test " + named.group(1) + " for " + row);
      isNamed = true;
    }
    assertTrue(isNamed || row.endsWith("| not yet |"), row);
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
    String text = Files.readString(ROOT.resolve("docs/faults.md"));
    int from = text.indexOf("<!-- " + table + " -->");
    int to = text.indexOf("<!-- end of " + table + " -->");
    assertTrue(from >= 0 && to > from, "no table " + table);
    List<String> rows =
        text.substring(from, to).lines().filter(line -> line.startsWith("|")).skip(2).toList();
    assertTrue(rows.size() > 5, rows.toString());
    return rows;
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
