package org.probity.demo.simulate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.probity.node.cli.Terminal;
import org.probity.simulation.report.Chart;
import org.probity.simulation.report.Curves;

/** Measures the cost curves and draws them. */
final class Plots {
  private static final int[] SIZES = {5, 10, 20, 50, 100, 200};
  private static final int[] WITNESSES = {2, 3, 4, 5};
  private static final int[] SLOTS = {1, 2, 4, 8};
  private static final int SPEED_SEEDS = 10;
  private static final int SPEED_NODES = 8;

  /** Small, so that a budget can be too small at a load that a simulation finishes soon. */
  private static final int SPEED_CHUNK = 64;

  /**
   * What customers of the largest consortium pay in all: a sample, since the rest would not differ.
   */
  private static final int LARGEST = 1_000;

  private static final long SAMPLED_PAYMENTS = 400;

  private final Terminal terminal;
  private final Path folder;

  Plots(Terminal terminal, Path folder) {
    this.terminal = terminal;
    this.folder = folder;
  }

  void draw() throws IOException {
    Files.createDirectories(folder);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    List<Curves.Cost> costs = costs(json.putArray("costs"));
    write(
        "messages-per-payment.svg",
        byNodes(
            "Messages per payment", "messages, answers included", costs, Curves.Cost::messages));
    write(
        "bytes-per-payment.svg",
        byNodes("Kilobytes per payment", "kB", costs, cost -> cost.bytes() / 1_000));
    write(
        "bytes-per-node.svg",
        byNodes(
            "What one node sends, at half a payment per node and second",
            "kB per second",
            costs,
            cost -> cost.bytesPerNode() / 1_000));
    write(
        "audit-work.svg",
        byNodes("Entries replayed per entry logged", "entries", costs, Curves.Cost::replayed));
    List<Curves.Speed> speeds = speeds(json.putArray("exposure"));
    write("time-to-exposure.svg", speed(speeds));
    terminal.line(json);
  }

  private List<Curves.Cost> costs(ArrayNode rows) {
    List<Curves.Cost> costs = new ArrayList<>();
    for (int witnesses : WITNESSES) {
      for (int nodes : SIZES) {
        if (nodes > witnesses) {
          costs.add(say(Curves.cost(1, nodes, witnesses, 0), rows));
        }
      }
    }
    say(Curves.cost(1, LARGEST, WITNESSES[0], SAMPLED_PAYMENTS), rows);
    return costs;
  }

  private Curves.Cost say(Curves.Cost cost, ArrayNode rows) {
    terminal.say(
        String.format(
            Locale.ROOT,
            "%4d nodes, %d witnesses: per payment %.1f messages, %.0f bytes; %.2f entries replayed"
                + " per entry; a node sends %.1f messages and %.0f bytes a second",
            cost.nodes(),
            cost.witnesses(),
            cost.messages(),
            cost.bytes(),
            cost.replayed(),
            cost.messagesPerNode(),
            cost.bytesPerNode()));
    rows.addObject()
        .put("nodes", cost.nodes())
        .put("witnesses", cost.witnesses())
        .put("payments", cost.payments())
        .put("messagesPerPayment", cost.messages())
        .put("bytesPerPayment", cost.bytes())
        .put("replayedPerEntry", cost.replayed())
        .put("messagesPerNodeAndSecond", cost.messagesPerNode())
        .put("bytesPerNodeAndSecond", cost.bytesPerNode());
    return cost;
  }

  private List<Curves.Speed> speeds(ArrayNode rows) {
    List<Curves.Speed> speeds = new ArrayList<>();
    for (int witnesses : WITNESSES) {
      for (int slots : SLOTS) {
        Curves.Speed speed =
            Curves.speed(1, SPEED_SEEDS, SPEED_NODES, witnesses, slots, SPEED_CHUNK);
        speeds.add(speed);
        terminal.say(
            String.format(
                Locale.ROOT,
                "%d witnesses, %d chunks of %d entries a second: an overdraft is exposed by all"
                    + " after %.1f s (median of %d)",
                speed.witnesses(),
                speed.auditSlots(),
                speed.chunkEntries(),
                speed.medianMillis() / 1_000.0,
                speed.exposed()));
        rows.addObject()
            .put("witnesses", speed.witnesses())
            .put("auditSlots", speed.auditSlots())
            .put("chunkEntries", speed.chunkEntries())
            .put("medianMillis", speed.medianMillis())
            .put("p95Millis", speed.p95Millis())
            .put("exposed", speed.exposed())
            .put("seeds", speed.seeds())
            .put("replayedPerNodeAndSecond", speed.replayedPerNode());
      }
    }
    return speeds;
  }

  private static Chart byNodes(
      String title, String upward, List<Curves.Cost> costs, ToDoubleFunction<Curves.Cost> measure) {
    List<Chart.Series> series = new ArrayList<>();
    for (int witnesses : WITNESSES) {
      series.add(
          new Chart.Series(
              witnesses + " witnesses",
              costs.stream()
                  .filter(cost -> cost.witnesses() == witnesses)
                  .map(cost -> new Chart.Point(cost.nodes(), measure.applyAsDouble(cost)))
                  .toList()));
    }
    return new Chart(title, "nodes", upward, series);
  }

  private static Chart speed(List<Curves.Speed> speeds) {
    List<Chart.Series> series = new ArrayList<>();
    for (int witnesses : WITNESSES) {
      series.add(
          new Chart.Series(
              witnesses + " witnesses",
              speeds.stream()
                  .filter(speed -> speed.witnesses() == witnesses && speed.medianMillis() >= 0)
                  .map(speed -> new Chart.Point(speed.auditSlots(), speed.medianMillis() / 1_000.0))
                  .toList()));
    }
    return new Chart(
        "Time until everybody has exposed an overdraft",
        "chunks of " + SPEED_CHUNK + " entries that a node replays per second",
        "seconds",
        series);
  }

  private void write(String name, Chart chart) throws IOException {
    Files.writeString(folder.resolve(name), chart.svg());
    terminal.say("wrote " + folder.resolve(name));
  }
}
