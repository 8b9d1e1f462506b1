package org.probity.demo.simulate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.probity.node.cli.Terminal;
import org.probity.simulation.Plan;
import org.probity.simulation.Settings;
import org.probity.simulation.Simulation;

/**
 * How many times faster than real time consortia under the stated load run: on one thread, and on
 * all, each with a consortium of its own.
 */
final class Speed {
  private static final long NANOS = 15_000_000_000L;

  private final Terminal terminal;
  private final int threads;
  private final long nanos;

  Speed(Terminal terminal, int threads) {
    this(terminal, threads, NANOS);
  }

  /**
   * @param nanos for which it is measured, each time, and warmed up before
   */
  Speed(Terminal terminal, int threads, long nanos) {
    this.terminal = terminal;
    this.threads = threads;
    this.nanos = nanos;
  }

  void measure() throws InterruptedException {
    Settings load = Settings.stated();
    terminal.say("warming up ...");
    timesRealTime(load, 1, nanos);
    double one = timesRealTime(load, 1, nanos);
    double all = threads == 1 ? one : timesRealTime(load, threads, nanos);
    terminal.say(
        String.format(
            Locale.ROOT,
            "%d nodes, %.0f payments a second: %.0f times faster than real time on one thread, %.0f"
                + " times on %d",
            load.nodes(),
            load.paymentsPerSecond(),
            one,
            all,
            threads));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("nodes", load.nodes())
        .put("witnesses", load.witnesses())
        .put("paymentsPerSecond", load.paymentsPerSecond())
        .put("timesRealTimeOneThread", Math.round(one))
        .put("threads", threads)
        .put("timesRealTimeAllThreads", Math.round(all));
    terminal.line(json);
  }

  private static double timesRealTime(Settings load, int threads, long nanos)
      throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long start = System.nanoTime();
      List<Future<Double>> running = new ArrayList<>();
      for (int i = 1; i <= threads; i++) {
        long seed = i;
        running.add(pool.submit(() -> simulatedSeconds(load, seed, start + nanos)));
      }
      double simulated = 0;
      for (Future<Double> one : running) {
        simulated += one.get();
      }
      return simulated / ((System.nanoTime() - start) / 1e9);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a simulation cannot be run", e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  private static double simulatedSeconds(Settings load, long seed, long untilNanos) {
    double simulated = 0;
    do {
      simulated += new Simulation(new Plan(seed, load, List.of()), false).run().simulatedSeconds();
    } while (System.nanoTime() < untilNanos);
    return simulated;
  }
}
