package org.probity.simulation.planted;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * Reads the tables of planted bugs, {@code src/test/resources/planted/*.txt}. A table is made of
 * lines:
 *
 * <pre>
 * # a remark
 * bug evidence-not-spread
 * breaks C1 A2            any of these promises
 * with pause/9 fork@20    incidents that bring it out, the first for 9 seconds, the second in
 *                         second 20; without this line whatever a seed draws
 * in detector/node/Node   the source file; then a change, as in a patch
 *      if (trust.learn(evidence)) {
 * -      effects.add(new Effect.Spread(evidence));
 * </pre>
 *
 * <p>Another {@code in} begins another change of the same bug. What a change starts from must stand
 * in the file exactly once; indentation does not count.
 */
final class PlantedBugs {
  private static final List<String> TABLES =
      List.of(
          "core",
          "boot",
          "judging",
          "framing",
          "wire",
          "confirming",
          "members",
          "rules",
          "stopped",
          "ledger");

  private PlantedBugs() {}

  static List<PlantedBug> all() {
    List<PlantedBug> all = new ArrayList<>();
    for (String table : TABLES) {
      all.addAll(read(table));
    }
    return all;
  }

  private static List<PlantedBug> read(String table) {
    List<PlantedBug> bugs = new ArrayList<>();
    Draft draft = new Draft("");
    for (String line : lines("/planted/" + table + ".txt")) {
      if (line.startsWith("bug ")) {
        draft.end(bugs);
        draft = new Draft(line.substring(4));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        draft.take(line);
      }
    }
    draft.end(bugs);
    return bugs;
  }

  private static List<String> lines(String resource) {
    try (InputStream in = PlantedBugs.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Draft {
    private final String name;
    private final Set<Promise> breaks = EnumSet.noneOf(Promise.class);
    private final List<String> provokedBy = new ArrayList<>();
    private final List<PlantedBug.Edit> edits = new ArrayList<>();
    private String source = "";
    private List<String> before = new ArrayList<>();
    private List<String> after = new ArrayList<>();

    Draft(String name) {
      this.name = name;
    }

    void take(String line) {
      if (line.startsWith("breaks ")) {
        for (String promise : words(line)) {
          breaks.add(Promise.valueOf(promise));
        }
      } else if (line.startsWith("with ")) {
        provokedBy.addAll(words(line));
      } else if (line.startsWith("in ")) {
        endEdit();
        source = words(line).get(0);
      } else if (!source.isEmpty() && " -+".indexOf(line.charAt(0)) >= 0) {
        change(line.charAt(0), line.substring(1).strip());
      } else {
        throw new IllegalStateException(name + ": " + line);
      }
    }

    private static List<String> words(String line) {
      List<String> words = List.of(line.strip().split(" +", -1));
      return words.subList(1, words.size());
    }

    private void change(char sign, String text) {
      if (sign != '+') {
        before.add(text);
      }
      if (sign != '-') {
        after.add(text);
      }
    }

    private void endEdit() {
      if (!source.isEmpty()) {
        edits.add(new PlantedBug.Edit(source, before, after));
        before = new ArrayList<>();
        after = new ArrayList<>();
      }
    }

    void end(List<PlantedBug> bugs) {
      if (!name.isEmpty()) {
        endEdit();
        bugs.add(new PlantedBug(name, breaks, provokedBy, edits));
      }
    }
  }
}
