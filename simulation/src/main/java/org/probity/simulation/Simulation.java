package org.probity.simulation;

import java.util.List;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.Ed25519Providers;
import org.probity.detector.governance.Parameters;
import org.probity.detector.program.Program;
import org.probity.ledger.program.LedgerProgram;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Disk;
import org.probity.simulation.node.Founding;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.Pace;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Endings;
import org.probity.simulation.oracle.Violation;
import org.probity.simulation.oracle.Watch;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.KeyedSignatures;
import org.probity.simulation.world.Trace;

/** One simulation: a seed and settings in, what came of it out. */
public final class Simulation {
  private static final long SECOND = 1_000_000;

  /** In which nothing is done but to come to rest. */
  private static final int CALM_SECONDS = 120;

  private final long seed;
  private final Settings settings;
  private final boolean telling;

  /** What came of it. */
  public record Outcome(
      long seed,
      String trace,
      List<Violation> violations,
      List<String> story,
      double simulatedSeconds,
      long events,
      long entries,
      long transactions) {}

  public Simulation(long seed, Settings settings, boolean telling) {
    this.seed = seed;
    this.settings = settings;
    this.telling = telling;
  }

  public Outcome run() {
    Chance chance = new Chance(seed);
    Trace trace = new Trace(telling);
    Ed25519Provider provider =
        settings.isReal() ? Ed25519Providers.fastest() : new KeyedSignatures(seed);
    Program program = new LedgerProgram();
    Founding founding =
        Founding.of(
            settings.nodes(),
            Parameters.of(settings.faults(), settings.witnesses()),
            program,
            provider);
    World[] holder = new World[1];
    Watch watch = new Watch(() -> holder[0].timeline().nowMicros());
    World world =
        new World(
            chance,
            trace,
            founding,
            program,
            Pace.standard(Parameters.DEFAULT_MAX_BATCH_ENTRIES),
            watch);
    holder[0] = world;
    founding
        .genesis()
        .nodes()
        .forEach(
            node ->
                world.add(
                    new Host(
                        new SimulatedNode(world, node.node(), new Disk(), Behaviour.CORRECT))));
    world.hosts().forEach(host -> host.process().start());
    Customers customers = new Customers(world);
    customers.open();
    world.timeline().runUntil(2 * SECOND);
    customers.pay(settings.paymentsPerSecond());
    world.timeline().runUntil((2 + settings.busySeconds()) * SECOND);
    customers.rest();
    world.network().heal();
    world.timeline().runUntil((2 + settings.busySeconds() + CALM_SECONDS) * SECOND);
    new Endings(world, watch).judge(customers);
    return new Outcome(
        seed,
        trace.hash(),
        watch.violations(),
        trace.story(),
        world.timeline().nowMicros() / 1e6,
        world.timeline().happened(),
        world.costs().loggedEntries(),
        customers.sent().size());
  }
}
