package org.probity.demo.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.probity.detector.TestData;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.Verification;
import org.probity.ledger.verifier.OfflineVerifier;

/** docs/build-applications.md quotes code that is there, and shows what is really printed. */
class BuildApplicationsTest {
  private static final Path ROOT = TestData.projectRoot();
  private static final Path PAGE = ROOT.resolve("docs/build-applications.md");
  private static final Pattern QUOTE =
      Pattern.compile("<!-- source: (\\S+) -->\n```java\n(.*?)```\n", Pattern.DOTALL);
  private static final Pattern OUTPUT =
      Pattern.compile("(<!-- output: (\\S+) -->\n```[a-z]*\n)(.*?)```\n", Pattern.DOTALL);
  private static final Pattern TEST_NAME = Pattern.compile("\\| `([a-zA-Z]+)` \\|");

  @Test
  void everyQuoteOccursInItsSource() throws IOException {
    String page = Files.readString(PAGE);
    List<String> files = new ArrayList<>();
    Matcher quote = QUOTE.matcher(page);
    while (quote.find()) {
      String source = Files.readString(ROOT.resolve(quote.group(1)));
      assertTrue(
          source.contains(quote.group(2)), "not in " + quote.group(1) + ":\n" + quote.group(2));
      files.add(quote.group(1));
    }
    assertEquals(
        files.size(), page.split("```java", -1).length - 1, "quotes that do not say from where");
    assertTrue(new TreeSet<>(files).size() >= 6, files::toString);
  }

  @Test
  void everyTestNamedIsThere() throws IOException {
    String tests =
        Files.readString(
            ROOT.resolve("demo/src/test/java/org/probity/demo/objects/ObjectStoreFaultsTest.java"));
    Matcher name = TEST_NAME.matcher(Files.readString(PAGE));
    int named = 0;
    while (name.find()) {
      assertTrue(tests.contains("void " + name.group(1) + "("), name.group(1));
      named++;
    }
    assertEquals(9, named);
  }

  @Test
  void everyOutputIsWhatIsPrinted() throws IOException {
    Map<String, String> printed = printed();
    String page = Files.readString(PAGE);
    String expected =
        OUTPUT
            .matcher(page)
            .replaceAll(
                block ->
                    Matcher.quoteReplacement(
                        block.group(1) + printed.get(block.group(2)) + "```\n"));
    if ("record".equals(System.getProperty("probity.golden"))) {
      Files.writeString(PAGE, expected);
      page = expected;
    }
    assertEquals(expected, page, "-Dprobity.golden=record writes the new output");
    assertEquals(2, OUTPUT.matcher(page).results().count());
  }

  /** Of a node that denies what it has stored. */
  private static Map<String, String> printed() {
    LyingStore lying = new LyingStore(LyingStore.Lie.DENIES_OBJECTS);
    StoreConsortium stores = new StoreConsortium(Map.of("alpha", lying));
    stores.put("alpha", "greeting", "hello");
    lying.lie();
    stores.get("alpha", "greeting");
    Bytes file = stores.audit("alpha").orElseThrow();
    Verification verification = StoreConsortium.stranger(stores.network.genesis()).verify(file);
    Verification.Proven proven = (Verification.Proven) verification;
    return Map.of(
        "verdict", OfflineVerifier.json(verification) + "\n",
        "explanation",
            "logged:   "
                + proven.explanation().logged()
                + "\nexpected: "
                + proven.explanation().expected()
                + "\n");
  }
}
