package org.probity.demo.simulate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Locale;
import org.probity.node.cli.Terminal;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.report.FaultCost;

/** Measures what each fault costs, with the clock of this thread, and says so in a table. */
final class FaultCosts {
  private static final int SEEDS = 10;

  /** The JVM is to be warm, or the first faults of the table would pay for that. */
  private static final int WARM_UP = 3;

  private final Terminal terminal;
  private final int nodes;
  private final int witnesses;

  FaultCosts(Terminal terminal, int nodes, int witnesses) {
    this.terminal = terminal;
    this.nodes = nodes;
    this.witnesses = witnesses;
  }

  void measure(List<Fault> faults) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (int i = 0; i < WARM_UP; i++) {
      FaultCost.measure(faults.get(0), SEEDS, nodes, witnesses, () -> 0);
    }
    terminal.say(
        String.format(
            Locale.ROOT,
            "%d nodes, %d witnesses, a payment per node and second; what there was more with the"
                + " fault than without, mean of %d seeds%n%n%-28s %5s %10s %10s %10s %10s %10s",
            nodes,
            witnesses,
            SEEDS,
            "fault",
            "done",
            "median s",
            "messages",
            "kB",
            "replayed",
            "CPU ms"));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("nodes", nodes).put("witnesses", witnesses).put("seeds", SEEDS);
    ObjectNode rows = json.putObject("perFault");
    for (Fault fault : faults) {
      FaultCost cost =
          FaultCost.measure(fault, SEEDS, nodes, witnesses, threads::getCurrentThreadCpuTime);
      terminal.say(row(cost));
      rows.putObject(cost.kind())
          .put("done", cost.done())
          .put("medianMillis", cost.medianMillis())
          .put("messages", cost.messages())
          .put("bytes", cost.bytes())
          .put("replayedEntries", cost.replayedEntries())
          .put("cpuMillis", cost.cpuMillis());
    }
    terminal.line(json);
  }

  private static String row(FaultCost cost) {
    return String.format(
        Locale.ROOT,
        "%-28s %5d %10s %10.0f %10.1f %10.0f %10.1f",
        cost.kind(),
        cost.done(),
        cost.medianMillis() < 0
            ? "-"
            : String.format(Locale.ROOT, "%.1f", cost.medianMillis() / 1_000.0),
        cost.messages(),
        cost.bytes() / 1_000,
        cost.replayedEntries(),
        cost.cpuMillis());
  }
}
