package org.probity.simulation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.probity.simulation.Incident;
import org.probity.simulation.Plan;
import org.probity.simulation.Settings;
import org.probity.simulation.Simulation;
import org.probity.simulation.node.Founding;
import org.probity.simulation.world.Costs;
import org.probity.simulation.world.Request;

/**
 * How the costs of a consortium, and the time until a cheat is exposed, depend on how large it is,
 * how many witnesses a node has, and how much each replays.
 */
public final class Curves {
  private static final int BUSY_SECONDS = 20;
  private static final int CALM_SECONDS = 30;
  private static final double PAYMENTS_PER_SECOND_AND_NODE = 0.5;

  private Curves() {}

  /**
   * What a consortium of one size costs, all of it divided by the payments made.
   *
   * @param messages per payment, answers included
   * @param bytes per payment
   * @param replayed entries per entry that was logged: about the number of witnesses
   * @param messagesPerNode that one node sends per second
   * @param bytesPerNode that one node sends per second
   */
  public record Cost(
      int nodes,
      int witnesses,
      long payments,
      double messages,
      double bytes,
      double replayed,
      double messagesPerNode,
      double bytesPerNode) {}

  /**
   * Measures one point. The load is the same per node, whatever the size.
   *
   * @param payments over all nodes and the whole time; 0: in proportion to the nodes
   */
  public static Cost cost(long seed, int nodes, int witnesses, long payments) {
    double perSecond =
        payments > 0 ? (double) payments / BUSY_SECONDS : PAYMENTS_PER_SECOND_AND_NODE * nodes;
    Simulation.Outcome outcome =
        new Simulation(
                new Plan(seed, settings(nodes, witnesses, perSecond, 8, 4_096), List.of()), false)
            .run();
    long sent = 0;
    long bytes = 0;
    for (Map.Entry<Request.Purpose, Costs.Traffic> one : outcome.costs().traffic().entrySet()) {
      // A node that starts asks everybody, once: no payment's cost, nor a second's.
      if (one.getKey() != Request.Purpose.START) {
        sent += one.getValue().messages();
        bytes += one.getValue().bytes();
      }
    }
    double seconds = outcome.simulatedSeconds();
    long count = Math.max(1, outcome.transactions() - nodes);
    return new Cost(
        nodes,
        witnesses,
        count,
        (double) sent / count,
        (double) bytes / count,
        (double) outcome.costs().replayedEntries() / outcome.costs().loggedEntries(),
        sent / seconds / nodes,
        bytes / seconds / nodes);
  }

  /**
   * How soon an overdraft is exposed by everybody.
   *
   * @param medianMillis over the seeds in which it was exposed
   * @param exposed in how many of them
   * @param replayedPerNode entries that one node replays per second
   */
  public record Speed(
      int witnesses,
      int auditSlots,
      int chunkEntries,
      long medianMillis,
      long p95Millis,
      int exposed,
      int seeds,
      double replayedPerNode) {}

  /** Measures one point over several seeds. */
  public static Speed speed(
      long firstSeed, int seeds, int nodes, int witnesses, int auditSlots, int chunkEntries) {
    List<Long> times = new ArrayList<>();
    double replayed = 0;
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      Incident incident =
          new Incident("overdraft", 2_000 + 700 * (seed % 10), 0, List.of(Founding.name(0)), seed);
      Simulation.Outcome outcome =
          new Simulation(
                  new Plan(
                      seed,
                      settings(nodes, witnesses, 4.0 * nodes, auditSlots, chunkEntries),
                      List.of(incident)),
                  false)
              .run();
      outcome.faults().stream()
          .map(fault -> fault.exposedMillis())
          .filter(OptionalLong::isPresent)
          .forEach(millis -> times.add(millis.getAsLong()));
      replayed += outcome.costs().replayedEntries() / outcome.simulatedSeconds() / nodes;
    }
    return new Speed(
        witnesses,
        auditSlots,
        chunkEntries,
        Tally.quantile(times, 0.5),
        Tally.quantile(times, 0.95),
        times.size(),
        seeds,
        replayed / seeds);
  }

  private static Settings settings(
      int nodes, int witnesses, double perSecond, int auditSlots, int chunkEntries) {
    return new Settings(
        nodes,
        Settings.membersOf(nodes),
        witnesses,
        Math.min(1, witnesses - 1),
        perSecond,
        BUSY_SECONDS,
        false,
        auditSlots,
        chunkEntries,
        false,
        CALM_SECONDS,
        false);
  }
}
