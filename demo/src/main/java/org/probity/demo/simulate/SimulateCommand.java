package org.probity.demo.simulate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.probity.node.cli.CliException;
import org.probity.node.cli.ExitStatus;
import org.probity.node.cli.Terminal;
import org.probity.simulation.Plan;
import org.probity.simulation.PlanMaker;
import org.probity.simulation.Settings;
import org.probity.simulation.Shrinker;
import org.probity.simulation.Simulation;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.report.SeedResult;
import org.probity.simulation.report.Software;
import org.probity.simulation.report.Tally;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code simulate}: what a consortium finds out, how soon, and what that costs. */
@Command(
    name = "simulate",
    description = {
      "Runs whole consortia in virtual time on the software that nodes run, with faulty members,",
      "bad links, disks, clocks and crashes drawn out of each seed, and checks after every seed",
      "that no promise was broken. Exit code 0 only if none was, 10 otherwise.",
      "The last line on standard output is JSON; the table goes to standard error."
    })
public final class SimulateCommand implements Callable<Integer> {
  private static final long PROGRESS_NANOS = 2_000_000_000L;

  private final Terminal terminal;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      defaultValue = "1..100",
      description = "Which; default ${DEFAULT-VALUE}.")
  private String seeds = "1..100";

  @Option(names = "--nodes", description = "Of each consortium; default: drawn out of the seed.")
  private int nodes;

  @Option(names = "--witnesses", description = "Of each node; default: drawn out of the seed.")
  private int witnesses;

  @Option(
      names = "--faults",
      paramLabel = "all|none|LIST",
      defaultValue = "all",
      description = {
        "What members may do, by names with commas between; default ${DEFAULT-VALUE}.",
        "--list-faults prints them."
      })
  private String faults = "all";

  @Option(names = "--list-faults", description = "Prints the names of all faults.")
  private boolean isListing;

  @Option(
      names = "--no-troubles",
      description = "Links, disks, clocks and processes work as they should.")
  private boolean isWithoutTroubles;

  @Option(
      names = "--explain",
      paramLabel = "SEED",
      description = {
        "Tells the story of one seed. If it breaks a promise, its plan is first cut down to what it",
        "takes."
      })
  private @Nullable Long explained;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "10",
      description = {
        "Every so many seeds are run twice, and must give the same trace; default ${DEFAULT-VALUE}."
      })
  private int repeatEvery;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = {
        "Appends a line of JSON for every seed. Seeds that are in it already, with the same plan and",
        "of the same software, are not run again, so a campaign that was stopped goes on."
      })
  private @Nullable Path out;

  @Option(
      names = "--plots",
      paramLabel = "FOLDER",
      description = {
        "Draws no seeds, but measures and plots what a consortium costs and how soon it notices:",
        "by its size, its witnesses and its audit budget. Takes some minutes."
      })
  private @Nullable Path plots;

  @Option(
      names = "--costs",
      description = {
        "Draws no seeds, but runs each of --faults alone, with and without, and says what it cost",
        "the consortium: messages, bytes, entries replayed, processor time. Takes minutes."
      })
  private boolean isCosting;

  @Option(
      names = "--speed",
      description = {
        "Draws no seeds, but measures how many times faster than real time five nodes with twenty",
        "payments a second run. Takes a minute."
      })
  private boolean isMeasuringSpeed;

  @Option(
      names = "--threads",
      description = "Seeds at once; default: the processors of this machine.")
  private int threads = Runtime.getRuntime().availableProcessors();

  public SimulateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (isListing) {
      ArrayNode names = JsonNodeFactory.instance.arrayNode();
      Arrays.stream(Fault.values()).map(Fault::label).forEach(names::add);
      terminal.result(names);
      return ExitStatus.OK.code();
    }
    require(nodes == 0 || (nodes >= 3 && nodes <= 200), "--nodes is 3 to 200");
    require(
        witnesses >= 0 && (nodes == 0 || witnesses < nodes), "--witnesses is less than --nodes");
    require(witnesses <= 20, "--witnesses is at most 20");
    require(threads >= 1 && threads <= 256, "--threads is 1 to 256");
    require(repeatEvery >= 1, "--repeat is at least 1");
    if (plots != null) {
      new Plots(terminal, plots).draw();
      return ExitStatus.OK.code();
    }
    if (isMeasuringSpeed) {
      new Speed(terminal, threads).measure();
      return ExitStatus.OK.code();
    }
    if (isCosting) {
      require(!chosenFaults().isEmpty(), "--costs needs --faults, all or some of them");
      int size = nodes > 0 ? nodes : Settings.stated().nodes();
      int each = witnesses > 0 ? witnesses : Settings.stated().witnesses();
      require(each < size, "--witnesses is less than --nodes");
      new FaultCosts(terminal, size, each).measure(chosenFaults());
      return ExitStatus.OK.code();
    }
    return explained == null ? campaign() : explain(explained);
  }

  private static void require(boolean holds, String remedy) {
    if (!holds) {
      throw CliException.usage(remedy);
    }
  }

  private PlanMaker.Choice choice() {
    return new PlanMaker.Choice(nodes, witnesses, chosenFaults(), !isWithoutTroubles);
  }

  private List<Fault> chosenFaults() {
    if (faults.equals("all")) {
      return List.of(Fault.values());
    }
    if (faults.equals("none")) {
      return List.of();
    }
    List<Fault> chosen = new ArrayList<>();
    for (String name : faults.split(",", -1)) {
      chosen.add(
          Fault.of(name.strip())
              .orElseThrow(
                  () ->
                      CliException.usage(
                          "there is no fault " + name + "; --list-faults prints those there are")));
    }
    return chosen;
  }

  // A campaign.

  private int campaign() throws IOException, InterruptedException {
    SeedRange range = SeedRange.parse(seeds);
    PlanMaker.Choice choice = choice();
    Optional<SeedFile> file = Optional.ofNullable(out).map(SeedFile::new);
    Map<Long, SeedResult> known = file.isPresent() ? file.get().read() : Map.of();
    Tally tally = new Tally();
    long startNanos = System.nanoTime();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      ExecutorCompletionService<SeedResult> running = new ExecutorCompletionService<>(pool);
      int submitted = 0;
      for (long seed = range.first(); seed <= range.last(); seed++) {
        SeedResult before = known.get(seed);
        if (before != null && isOf(before, choice)) {
          tally.add(before);
        } else {
          long toRun = seed;
          running.submit(() -> run(toRun, choice));
          submitted++;
        }
      }
      long saidNanos = startNanos;
      for (int i = 0; i < submitted; i++) {
        SeedResult result = running.take().get();
        if (file.isPresent()) {
          file.get().append(result);
        }
        tally.add(result);
        for (String violation : result.violations()) {
          terminal.say("seed " + result.seed() + ": " + violation);
        }
        if (System.nanoTime() - saidNanos > PROGRESS_NANOS) {
          saidNanos = System.nanoTime();
          terminal.say(progress(tally, range, saidNanos - startNanos));
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a simulation cannot be run", e.getCause());
    } finally {
      pool.shutdownNow();
    }
    double wallSeconds = (System.nanoTime() - startNanos) / 1e9;
    table(tally);
    terminal.line(json(tally, wallSeconds));
    return tally.violations().isEmpty() ? ExitStatus.OK.code() : ExitStatus.FAULT.code();
  }

  /** What another choice, or other software, made of a seed is not what this one makes of it. */
  private static boolean isOf(SeedResult before, PlanMaker.Choice choice) {
    return before.software().equals(Software.fingerprint())
        && before.plan().equals(PlanMaker.of(before.seed(), choice).fingerprint());
  }

  private SeedResult run(long seed, PlanMaker.Choice choice) {
    Plan plan = PlanMaker.of(seed, choice);
    Simulation.Outcome outcome = new Simulation(plan, false).run();
    return SeedResult.of(
        outcome,
        seed % repeatEvery == 0
            ? Optional.of(new Simulation(plan, false).run())
            : Optional.empty());
  }

  private static String progress(Tally tally, SeedRange range, long nanos) {
    return String.format(
        Locale.ROOT,
        "%d of %d seeds, %d faults, %d violations, %.0f times real time",
        tally.seeds(),
        range.count(),
        tally.injected(),
        tally.violations().size(),
        tally.simulatedSeconds() / (nanos / 1e9));
  }

  private void table(Tally tally) {
    terminal.say(
        String.format(
            Locale.ROOT,
            "%n%-28s %8s %6s %6s %8s %10s %11s %11s %11s",
            "fault",
            "planned",
            "done",
            "alone",
            "exposed",
            "suspected",
            "median s",
            "95% s",
            "evidence B"));
    tally
        .rows()
        .forEach(
            (kind, row) ->
                terminal.say(
                    String.format(
                        Locale.ROOT,
                        "%-28s %8d %6d %6d %8d %10d %11s %11s %11s",
                        kind,
                        row.planned(),
                        row.done(),
                        row.alone(),
                        row.exposed(),
                        row.suspected(),
                        seconds(
                            row.exposed() > 0
                                ? row.medianExposedMillis()
                                : row.medianSuspectedMillis()),
                        seconds(row.p95ExposedMillis()),
                        row.medianEvidenceBytes() < 0 ? "-" : row.medianEvidenceBytes())));
    terminal.say(
        String.format(
            Locale.ROOT,
            "%nWhat comes after \"alone\" is of so many culprits: those who did nothing else. Times are"
                + " virtual, from when the culprit turned to it until the last correct node has exposed"
                + " it, or suspects it.%n%d pairs of kinds of incidents have met in one plan.",
            tally.pairs()));
    terminal.say("\nWhat kept an oracle quiet, and how often:");
    tally
        .excused()
        .forEach((why, times) -> terminal.say(String.format(Locale.ROOT, "%-28s %8d", why, times)));
  }

  private static String seconds(long millis) {
    return millis < 0 ? "-" : String.format(Locale.ROOT, "%.1f", millis / 1_000.0);
  }

  private static ObjectNode json(Tally tally, double wallSeconds) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("software", Software.fingerprint());
    json.put("seeds", tally.seeds());
    json.put("violations", tally.violations().size());
    json.put("faultsInjected", tally.injected());
    json.put("alone", tally.alone());
    json.put("exposed", tally.exposed());
    json.put("suspected", tally.suspected());
    json.put("correctNodesAccused", tally.accused());
    json.put("repeated", tally.repeated());
    json.put("pairsOfKinds", tally.pairs());
    json.put("transactions", tally.transactions());
    json.put("begunAgain", tally.begunAgain());
    json.put("suspectedAndCleared", tally.suspectedAndCleared());
    json.put("simulatedSeconds", Math.round(tally.simulatedSeconds()));
    json.put("wallSeconds", Math.round(wallSeconds * 10) / 10.0);
    ObjectNode perFault = json.putObject("perFault");
    tally
        .rows()
        .forEach(
            (kind, row) -> {
              ObjectNode of = perFault.putObject(kind);
              of.put("planned", row.planned());
              of.put("done", row.done());
              of.put("alone", row.alone());
              of.put("exposed", row.exposed());
              of.put("suspected", row.suspected());
              of.put("medianExposedMillis", row.medianExposedMillis());
              of.put("p95ExposedMillis", row.p95ExposedMillis());
              of.put("medianSuspectedMillis", row.medianSuspectedMillis());
              of.put("medianEvidenceBytes", row.medianEvidenceBytes());
            });
    ObjectNode excused = json.putObject("excused");
    tally.excused().forEach(excused::put);
    ArrayNode broken = json.putArray("brokenSeeds");
    tally.violations().keySet().forEach(broken::add);
    return json;
  }

  // One seed.

  private int explain(long seed) {
    Plan plan = PlanMaker.of(seed, choice());
    Simulation.Outcome outcome = new Simulation(plan, true).run();
    if (!outcome.violations().isEmpty()) {
      terminal.say(
          "Seed "
              + seed
              + " breaks a promise. Its plan has "
              + plan.incidents().size()
              + " incidents; leaving out what it does not take ...");
      Shrinker shrinker = new Shrinker();
      plan = shrinker.shrink(plan);
      outcome = new Simulation(plan, true).run();
      terminal.say("... " + shrinker.attempts() + " simulations later:");
    }
    tell(plan, outcome);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("seed", seed);
    json.put("trace", outcome.trace());
    ArrayNode incidents = json.putArray("incidents");
    plan.incidents().forEach(incident -> incidents.add(incident.toString().strip()));
    ArrayNode violations = json.putArray("violations");
    outcome.violations().forEach(violation -> violations.add(violation.toString()));
    terminal.line(json);
    return outcome.violations().isEmpty() ? ExitStatus.OK.code() : ExitStatus.FAULT.code();
  }

  private void tell(Plan plan, Simulation.Outcome outcome) {
    terminal.say(
        String.format(
            Locale.ROOT,
            "Seed %d: %d nodes, %d witnesses each, %.1f payments a second for %d s, signatures %s.",
            plan.seed(),
            plan.settings().nodes(),
            plan.settings().witnesses(),
            plan.settings().paymentsPerSecond(),
            plan.settings().busySeconds(),
            plan.settings().isReal() ? "of Ed25519" : "keyed hashes"));
    terminal.say(
        outcome.faulty().isEmpty()
            ? "Nobody is faulty."
            : "Faulty: " + String.join(", ", outcome.faulty()) + ".");
    terminal.say("\nWhat was planned, counted from the first payment at 2.0 s:");
    plan.incidents().forEach(incident -> terminal.say("  " + incident));
    terminal.say("\nWhat happened:");
    outcome.story().forEach(terminal::say);
    terminal.say("");
    if (outcome.violations().isEmpty()) {
      terminal.say("No promise was broken.");
    } else {
      outcome.violations().forEach(violation -> terminal.say("BROKEN  " + violation));
    }
  }
}
