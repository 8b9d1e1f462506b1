package org.probity.simulation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.probity.simulation.Incident;
import org.probity.simulation.Plan;
import org.probity.simulation.Settings;
import org.probity.simulation.Simulation;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.Founding;
import org.probity.simulation.oracle.Detection;
import org.probity.simulation.world.Costs;

/**
 * What one fault costs a consortium: everything that was said and done in simulations with it, less
 * the same in the same simulations without it. Means over the seeds; negative where a fault keeps
 * nodes from doing what they would have done.
 *
 * @param kind of fault
 * @param done in how many seeds the culprit had occasion to
 * @param medianMillis from the fault until the last correct node had exposed or suspected the
 *     culprit; -1 if that never happened
 * @param messages more, answers included
 * @param bytes more
 * @param replayedEntries more
 * @param cpuMillis more, of the thread that ran all nodes; not the same from run to run
 */
public record FaultCost(
    String kind,
    int done,
    long medianMillis,
    double messages,
    double bytes,
    double replayedEntries,
    double cpuMillis) {
  private static final int BUSY_SECONDS = 20;
  private static final int CALM_SECONDS = 60;
  private static final double PAYMENTS_PER_SECOND_AND_NODE = 1;

  /** So that there is a state to cheat with, and time to be found out under load. */
  private static final long EARLIEST_MILLIS = 5_000;

  private static final long STEP_MILLIS = 300;

  private record Spent(long messages, long bytes, long replayed, long cpuNanos) {}

  /**
   * Measures one kind over several seeds.
   *
   * @param cpuNanos of this thread so far
   */
  public static FaultCost measure(
      Fault fault, int seeds, int nodes, int witnesses, LongSupplier cpuNanos) {
    List<Long> times = new ArrayList<>();
    int done = 0;
    long messages = 0;
    long bytes = 0;
    long replayed = 0;
    long cpu = 0;
    for (int seed = 1; seed <= seeds; seed++) {
      Settings settings = settings(nodes, witnesses);
      List<Incident> calm = new ArrayList<>();
      if (fault.needsVotes()) {
        calm.add(new Incident(Simulation.MEMBERS_VOTE, 0, 0, List.of(), seed));
      }
      List<Incident> struck = new ArrayList<>(calm);
      struck.add(
          new Incident(
              fault.label(),
              EARLIEST_MILLIS + STEP_MILLIS * (seed % 10),
              0,
              List.of(Founding.name(seed % nodes)),
              seed));
      long start = cpuNanos.getAsLong();
      Simulation.Outcome without = new Simulation(new Plan(seed, settings, calm), false).run();
      long between = cpuNanos.getAsLong();
      Simulation.Outcome with = new Simulation(new Plan(seed, settings, struck), false).run();
      long end = cpuNanos.getAsLong();
      if (with.faults().isEmpty()) {
        continue;
      }
      done++;
      foundOut(with.faults()).ifPresent(times::add);
      Spent before = spent(without.costs(), between - start);
      Spent after = spent(with.costs(), end - between);
      messages += after.messages() - before.messages();
      bytes += after.bytes() - before.bytes();
      replayed += after.replayed() - before.replayed();
      cpu += after.cpuNanos() - before.cpuNanos();
    }
    double count = Math.max(1, done);
    return new FaultCost(
        fault.label(),
        done,
        Tally.quantile(times, 0.5),
        messages / count,
        bytes / count,
        replayed / count,
        cpu / count / 1e6);
  }

  private static OptionalLong foundOut(List<Detection> faults) {
    return faults.stream()
        .map(
            fault ->
                fault.exposedMillis().isPresent() ? fault.exposedMillis() : fault.suspectedMillis())
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .min();
  }

  private static Spent spent(Costs costs, long cpuNanos) {
    long messages = 0;
    long bytes = 0;
    for (Costs.Traffic traffic : costs.traffic().values()) {
      messages += traffic.messages();
      bytes += traffic.bytes();
    }
    return new Spent(messages, bytes, costs.replayedEntries(), cpuNanos);
  }

  private static Settings settings(int nodes, int witnesses) {
    return new Settings(
        nodes,
        Settings.membersOf(nodes),
        witnesses,
        Math.min(1, witnesses - 1),
        PAYMENTS_PER_SECOND_AND_NODE * nodes,
        BUSY_SECONDS,
        false,
        Settings.DEFAULT_AUDIT_SLOTS,
        Settings.DEFAULT_CHUNK_ENTRIES,
        false,
        CALM_SECONDS,
        false);
  }
}
