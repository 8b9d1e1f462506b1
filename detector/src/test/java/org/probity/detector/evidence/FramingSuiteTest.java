package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.TestData;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.FramingArtefacts.Artefact;
import org.probity.detector.evidence.FramingArtefacts.Base;
import org.probity.detector.evidence.FramingArtefacts.Judge;

/**
 * protocol.md §1, accuracy: no artefact that a judge accepts names a correct node. Every row of
 * docs/framing.md is made and judged here.
 */
class FramingSuiteTest {
  private static final Path PAGE = TestData.projectRoot().resolve("docs/framing.md");
  private static final String BEGIN = "<!-- table -->\n";
  private static final String END = "<!-- end of table -->\n";

  private final FramingArtefacts artefacts = new FramingArtefacts();

  @Test
  void everyArtefactIsRejectedForItsReason() {
    List<String> wrong = new ArrayList<>();
    for (Artefact artefact : artefacts.all()) {
      String verdict = artefacts.verdict(artefact.judge(), artefact.bytes().get());
      if (!verdict.equals(artefact.code())) {
        wrong.add(artefact.part() + ", " + artefact.name() + ": " + verdict);
      }
    }
    assertEquals(List.of(), wrong);
  }

  /** The suite can fail: every judge accepts what is right. */
  @Test
  void everyJudgeAcceptsWhatIsRight() {
    Set<Judge> judges = new TreeSet<>();
    for (Base base : artefacts.bases()) {
      assertEquals(base.says(), artefacts.verdict(base.judge(), base.bytes().get()), base.name());
      judges.add(base.judge());
    }
    assertEquals(
        Set.of(
            Judge.EVIDENCE,
            Judge.CHALLENGE,
            Judge.LATER_CHALLENGE,
            Judge.LATER_ANSWER,
            Judge.DECISION),
        judges);
  }

  /** And every way to be right is one that a bit can spoil, in some 300 places of each. */
  @Test
  void whatIsRightIsSpoiltByEverySampledByte() {
    for (Base base : artefacts.bases()) {
      Bytes right = base.bytes().get();
      for (int at = 0; at < right.size(); at += 1 + right.size() / 300) {
        String verdict = artefacts.verdict(base.judge(), Tampering.flip(right, 8 * at + at % 8));
        assertNotEquals(base.says(), verdict, base.name() + " with byte " + at + " changed");
        assertNotEquals("verifier_failed", verdict, base.name() + " with byte " + at + " changed");
      }
    }
  }

  @Test
  void thereAreManyAndNoneTwice() {
    Set<String> names = new TreeSet<>();
    Set<Bytes> files = new TreeSet<>();
    TreeMap<Judge, Integer> byJudge = new TreeMap<>();
    for (Artefact artefact : artefacts.all()) {
      assertTrue(names.add(artefact.part() + artefact.name()), artefact.name());
      boolean sameBytesElsewhere = artefact.judge() == Judge.OTHER_PROGRAM;
      assertTrue(sameBytesElsewhere || files.add(artefact.bytes().get()), artefact.name());
      byJudge.merge(artefact.judge(), 1, Integer::sum);
    }
    assertTrue(artefacts.all().size() >= 100, "only " + artefacts.all().size());
    assertEquals(Set.of(Judge.values()), byJudge.keySet());
  }

  @Test
  void thePageHasTheTable() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    String expected = page.substring(0, begin) + table() + page.substring(page.indexOf(END));
    if ("record".equals(System.getProperty("probity.golden"))) {
      Files.writeString(PAGE, expected);
      page = expected;
    }
    assertEquals(expected, page, "-Dprobity.golden=record writes the new table");
  }

  private String table() {
    StringBuilder table = new StringBuilder("\n| what is shown | to | answer |\n|---|---|---|\n");
    String part = "";
    for (Artefact artefact : artefacts.all()) {
      if (!artefact.part().equals(part)) {
        part = artefact.part();
        table.append("| **").append(part).append("** | | |\n");
      }
      table
          .append("| ")
          .append(artefact.name())
          .append(" | ")
          .append(artefact.judge().text)
          .append(" | `")
          .append(artefact.code())
          .append("` |\n");
    }
    return table.append('\n').toString();
  }
}
