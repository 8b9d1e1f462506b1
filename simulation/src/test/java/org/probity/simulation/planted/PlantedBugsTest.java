package org.probity.simulation.planted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.probity.simulation.oracle.Violation;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * The simulator finds every planted bug, and none where there is none. Two bugs at a time.
 *
 * <p>{@code -Dprobity.planted=some-name,other} looks for those bugs alone whose names contain any
 * of that; {@code -Dprobity.planted.drawn=40} looks for all of them in so many seeds as they are
 * drawn, whatever brings each out best, and only says in how many each was found. The table is in
 * {@code target/planted-bugs.txt}.
 */
@Tag("planted")
class PlantedBugsTest {
  /** In which each bug has to show. */
  private static final int SEEDS = 36;

  private static final String ITSELF = Promise.X + " " + Violation.ALL + ": ";
  private static final int LEAST_BUGS = 40;
  private static final int PATIENCE_SECONDS = 180;
  private static final int SHOWN_CHARACTERS = 120;
  private static final Path TABLE = Path.of("target", "planted-bugs.txt");

  private final int drawn = Integer.getInteger("probity.planted.drawn", 0);
  private final Map<PlantedBug, CompletableFuture<Search>> searches = new LinkedHashMap<>();

  /** What came of looking for one bug: the seeds tried, and what the last of them broke. */
  private record Search(int seeds, Optional<String> broken, double seconds) {}

  @TestFactory
  Stream<DynamicTest> everyBugIsFoundAndNothingElse() {
    List<String> wanted = List.of(System.getProperty("probity.planted", "").split(",", -1));
    ExecutorService threads = Executors.newFixedThreadPool(2, PlantedBugsTest::daemon);
    List<PlantedBug> all = PlantedBugs.all();
    for (PlantedBug bug : all) {
      if (wanted.stream().anyMatch(bug.name()::contains)) {
        searches.put(bug, CompletableFuture.supplyAsync(() -> search(bug), threads));
      }
    }
    Stream<DynamicTest> each =
        searches.keySet().stream().map(bug -> dynamicTest(bug.name(), () -> found(bug)));
    return Stream.concat(
        each,
        Stream.of(
            dynamicTest("the same simulations without a bug", () -> control(threads)),
            dynamicTest("the table", () -> report(all))));
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "planted");
    thread.setDaemon(true);
    return thread;
  }

  private List<String> kinds(PlantedBug bug) {
    return drawn > 0 ? List.of() : bug.provokedBy();
  }

  private Search search(PlantedBug bug) {
    long begun = System.nanoTime();
    PlantedClasses classes = new PlantedClasses(Replacement.of(bug));
    int most = drawn > 0 ? drawn : SEEDS;
    for (int seed = 1; seed <= most; seed++) {
      for (String broken : classes.run(seed, kinds(bug))) {
        if (isNoticedBy(bug, broken)) {
          return new Search(seed, Optional.of(broken), secondsSince(begun));
        }
      }
    }
    return new Search(most, Optional.empty(), secondsSince(begun));
  }

  /** What the simulation itself throws has noticed nothing. */
  private static boolean isNoticedBy(PlantedBug bug, String broken) {
    return !broken.startsWith(ITSELF)
        && bug.breaks().stream().anyMatch(promise -> broken.startsWith(promise + " "));
  }

  private static double secondsSince(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }

  private Search search(CompletableFuture<Search> search) throws Exception {
    return search.get(PATIENCE_SECONDS * Math.max(1L, drawn / SEEDS), TimeUnit.SECONDS);
  }

  private void found(PlantedBug bug) throws Exception {
    Search search = search(searches.get(bug));
    if (drawn == 0 && search.broken().isEmpty()) {
      fail(bug + " has broken none of " + bug.breaks() + " in " + search.seeds() + " seeds");
    }
  }

  /** Whatever was found above has no other cause. */
  private void control(ExecutorService threads) throws Exception {
    Map<List<String>, Integer> used = new LinkedHashMap<>();
    for (Map.Entry<PlantedBug, CompletableFuture<Search>> one : searches.entrySet()) {
      used.merge(kinds(one.getKey()), search(one.getValue()).seeds(), Math::max);
    }
    PlantedClasses classes = new PlantedClasses(Map.of());
    List<CompletableFuture<List<String>>> runs = new ArrayList<>();
    used.forEach(
        (kinds, seeds) -> {
          for (int seed = 1; seed <= seeds; seed++) {
            int one = seed;
            runs.add(
                CompletableFuture.supplyAsync(
                    () ->
                        classes.run(one, kinds).stream()
                            .map(broken -> one + " " + kinds + ": " + broken)
                            .toList(),
                    threads));
          }
        });
    List<String> broken = new ArrayList<>();
    for (CompletableFuture<List<String>> run : runs) {
      broken.addAll(run.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
    assertEquals(List.of(), broken);
  }

  private void report(List<PlantedBug> all) throws Exception {
    assertTrue(all.size() >= LEAST_BUGS, all.size() + " planted bugs");
    List<String> lines = new ArrayList<>();
    Map<Integer, Integer> bySeeds = new TreeMap<>();
    List<Integer> tries = new ArrayList<>();
    double seconds = 0;
    for (Map.Entry<PlantedBug, CompletableFuture<Search>> one : searches.entrySet()) {
      Search search = search(one.getValue());
      seconds += search.seconds();
      tries.add(search.broken().isPresent() ? search.seeds() : Integer.MAX_VALUE);
      bySeeds.merge(search.broken().isPresent() ? search.seeds() : -1, 1, Integer::sum);
      lines.add(
          String.format(
              Locale.ROOT,
              "%-60s %3s  %5.1f s  %s",
              one.getKey(),
              search.broken().isPresent() ? search.seeds() : "-",
              search.seconds(),
              search.broken().map(PlantedBugsTest::shortened).orElse("")));
    }
    tries.sort(null);
    lines.add(
        String.format(
            Locale.ROOT,
            "%d bugs, %s, median %s seeds, bugs by seeds (-1: not found) %s, %.0f s of two cores",
            tries.size(),
            drawn > 0 ? "seeds as they are drawn" : "each with what brings it out",
            median(tries),
            bySeeds,
            seconds / 2));
    write(lines);
  }

  /** Of the ascending numbers; a bug that was not found counts as one that takes forever. */
  private static String median(List<Integer> tries) {
    int middle = tries.isEmpty() ? Integer.MAX_VALUE : tries.get(tries.size() / 2);
    return middle == Integer.MAX_VALUE ? "-" : String.valueOf(middle);
  }

  private static String shortened(String broken) {
    return broken.length() <= SHOWN_CHARACTERS
        ? broken
        : broken.substring(0, SHOWN_CHARACTERS) + "...";
  }

  private static void write(List<String> lines) throws IOException {
    Files.createDirectories(TABLE.getParent());
    Files.write(TABLE, lines);
    System.out.println(lines.get(lines.size() - 1));
  }
}
