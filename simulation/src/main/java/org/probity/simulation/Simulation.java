package org.probity.simulation;

import static org.probity.simulation.node.Behaviour.CORRECT;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.probity.detector.audit.AuditBudget;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.Ed25519Providers;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.ledger.program.LedgerProgram;
import org.probity.simulation.fault.Culprit;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.fault.Stage;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Disk;
import org.probity.simulation.node.Founding;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.Pace;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Detection;
import org.probity.simulation.oracle.Endings;
import org.probity.simulation.oracle.Excuse;
import org.probity.simulation.oracle.Quotas;
import org.probity.simulation.oracle.Reckoning;
import org.probity.simulation.oracle.Violation;
import org.probity.simulation.oracle.Watch;
import org.probity.simulation.trouble.Trouble;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Costs;
import org.probity.simulation.world.KeyedSignatures;
import org.probity.simulation.world.Timeline;
import org.probity.simulation.world.Trace;

/** One simulation: a seed and settings in, what came of it out. */
public final class Simulation {
  /**
   * As incidents: from the beginning members vote on what is proven, and decisions are carried out.
   */
  public static final String MEMBERS_VOTE = "members-vote";

  /** The same, and whoever is suspended for what is proven is revoked. */
  public static final String MEMBERS_REVOKE = "members-revoke";

  /** The same, but whoever has broken no rule in its log is readmitted once. */
  public static final String MEMBERS_FORGIVE = "members-forgive";

  private static final List<String> OF_MEMBERS =
      List.of(MEMBERS_VOTE, MEMBERS_REVOKE, MEMBERS_FORGIVE);

  private static final long SECOND = 1_000_000;

  private static final int MOST_TURNS = 20;

  /** When all has been well for so long there is work for every node. */
  private static final long AROUND_MILLIS = 5_000;

  /** So many payments of each. */
  private static final int MOST_AROUND = 6;

  /** What a node has that has just begun again until it must have found everything out. */
  private static final int SETTLING_SECONDS = 70;

  /** In which accounts are opened. */
  private static final int OPENING_SECONDS = 2;

  private final Plan plan;
  private final boolean telling;
  private long transactions;

  /** What came of it. */
  public record Outcome(
      Plan plan,
      String trace,
      List<Violation> violations,
      List<Detection> faults,
      Set<String> faulty,
      List<String> story,
      double simulatedSeconds,
      long events,
      long transactions,
      int begunAgain,
      int suspectedAndCleared,
      Map<Excuse, Integer> excused,
      long signaturesVerified,
      Costs costs) {}

  public Simulation(Plan plan, boolean telling) {
    this.plan = plan;
    this.telling = telling;
  }

  /** Whatever it throws is a broken promise, too, so that it has a seed and a story. */
  public Outcome run() {
    Settings settings = plan.settings();
    Chance chance = new Chance(plan.seed());
    Trace trace = new Trace(telling);
    Ed25519Provider provider =
        settings.isReal() ? Ed25519Providers.fastest() : new KeyedSignatures(plan.seed());
    Founding founding =
        Founding.of(
            settings.nodes(),
            settings.members(),
            Parameters.of(settings.faults(), settings.witnesses()),
            new LedgerProgram(),
            provider);
    Timeline timeline = new Timeline(trace);
    AuditBudget budget =
        AuditBudget.of(
            settings.auditSlots(), settings.chunkEntries(), Parameters.DEFAULT_MAX_BATCH_ENTRIES);
    Pace pace = Pace.standard(budget);
    Watch watch = new Watch(founding.genesis(), timeline::nowMicros, pace);
    World world = new World(chance, trace, timeline, founding, LedgerProgram::new, pace, watch);
    try {
      play(world, watch);
    } catch (RuntimeException | StackOverflowError e) {
      watch.broken(e);
    }
    return new Outcome(
        plan,
        trace.hash(),
        watch.violations(),
        Detection.all(world, watch),
        watch.faulty(),
        trace.story(),
        timeline.nowMicros() / 1e6,
        timeline.happened(),
        transactions,
        begunAgain(world),
        watch.suspectedAndCleared(),
        watch.excused(),
        provider instanceof KeyedSignatures keyed ? keyed.verified() : 0,
        world.costs());
  }

  private void play(World world, Watch watch) {
    List<Incident> incidents = cast(world.founding(), watch);
    world.unreliable(watch.faulty());
    world.unreliable(struckBy(Trouble::isOldCopy));
    if (incidents.stream().anyMatch(Simulation::needsVotes)) {
      world.govern();
    }
    if (plan.settings().isScored()) {
      world.score();
    }
    Map<String, Culprit> culprits = culprits(incidents);
    for (NodeRecord node : world.founding().genesis().nodes()) {
      Culprit culprit = culprits.get(node.node());
      Behaviour behaviour = culprit == null ? CORRECT : culprit;
      world.add(new Host(new SimulatedNode(world, node.node(), new Disk(), behaviour)));
    }
    world.hosts().forEach(host -> host.process().start());
    Customers customers = new Customers(world);
    try {
      play(world, watch, customers, incidents, culprits);
    } finally {
      transactions = customers.sent().size();
    }
  }

  private void play(
      World world,
      Watch watch,
      Customers customers,
      List<Incident> incidents,
      Map<String, Culprit> culprits) {
    Settings settings = plan.settings();
    customers.open();
    world.timeline().runUntil(OPENING_SECONDS * SECOND);
    customers.pay(settings.paymentsPerSecond());
    if (settings.isProbed()) {
      customers.probe();
    }
    long reckoningMicros = world.chance("reckoning").between(1, settings.busySeconds() * SECOND);
    world
        .timeline()
        .after(
            reckoningMicros,
            "reckoning",
            () -> new Reckoning(world, watch, customers).judge(false));
    watchQuotas(world, watch);
    if (plan.kinds().contains(MEMBERS_FORGIVE)) {
      world.agenda().forgiveCulprits();
    } else if (plan.kinds().contains(MEMBERS_REVOKE)) {
      world.agenda().revokeCulprits();
    }
    for (Incident incident : incidents) {
      arrange(incident, world, watch, customers, culprits);
    }
    world.timeline().runUntil((OPENING_SECONDS + settings.busySeconds()) * SECOND);
    customers.rest();
    world.network().heal();
    world.hosts().forEach(host -> host.processes().forEach(SimulatedNode::repair));
    if (incidents.stream().anyMatch(one -> Trouble.of(one.kind()).isPresent())) {
      watch.healed();
    }
    if (settings.isProbed()) {
      world.timeline().afterMillis(AROUND_MILLIS, "work", () -> customers.payAround(MOST_AROUND));
    }
    world
        .timeline()
        .runUntil((OPENING_SECONDS + settings.busySeconds() + settings.calmSeconds()) * SECOND);
    waitForMembers(world);
    world
        .timeline()
        .runUntil(
            Math.max(
                world.timeline().nowMicros(), watch.lastBegunMicros() + SETTLING_SECONDS * SECOND));
    new Endings(world, watch).judge(customers);
  }

  private static void watchQuotas(World world, Watch watch) {
    world
        .timeline()
        .after(
            SECOND,
            "quotas",
            () -> {
              Quotas.judge(world, watch);
              watchQuotas(world, watch);
            });
  }

  /**
   * Members decide one thing after the other, and the more of them cheat the more there is to
   * decide: as long as they get on they are waited for, and then for what follows from the last
   * decision.
   */
  private static void waitForMembers(World world) {
    int decided = -1;
    for (int turn = 0; turn < MOST_TURNS && world.decided() != decided; turn++) {
      decided = world.decided();
      if (world.isGoverned()) {
        world.timeline().runUntil(world.timeline().nowMicros() + world.agenda().turnMicros());
      }
    }
  }

  /** Nodes that have lost what they had signed and run in a later incarnation in the end. */
  private static int begunAgain(World world) {
    return (int)
        world.hosts().stream()
            .map(Host::process)
            .filter(node -> node.isUp() && node.machine().origin().incarnation() > 0)
            .count();
  }

  private static boolean needsVotes(Incident incident) {
    return OF_MEMBERS.contains(incident.kind())
        || Trouble.of(incident.kind()).filter(Trouble::needsVotes).isPresent()
        || Fault.of(incident.kind()).filter(Fault::needsVotes).isPresent();
  }

  private Set<String> struckBy(Predicate<Trouble> kind) {
    Set<String> struck = new TreeSet<>();
    plan.incidents().stream()
        .filter(incident -> Trouble.of(incident.kind()).filter(kind).isPresent())
        .forEach(incident -> struck.addAll(incident.nodes()));
    return struck;
  }

  /** The incidents, each fault with all who have a part in it. */
  private List<Incident> cast(Founding founding, Watch watch) {
    for (Incident incident : plan.incidents()) {
      Fault.of(incident.kind())
          .filter(fault -> !fault.isOfCustomer())
          .ifPresent(fault -> incident.nodes().forEach(watch::faulty));
    }
    Set<String> struck = struckBy(trouble -> trouble.losesWhatThereIs() || trouble.stops());
    watch.losing(struck);
    watch.goingBack(struckBy(Trouble::isOldCopy));
    if (plan.incidents().stream().noneMatch(one -> Trouble.of(one.kind()).isPresent())) {
      watch.untroubled();
    }
    List<Incident> all = new ArrayList<>();
    for (Incident incident : plan.incidents()) {
      Incident cast =
          Fault.of(incident.kind())
              .map(fault -> fault.cast(incident, founding.genesis(), watch.faulty(), struck))
              .orElse(incident);
      cast.nodes().subList(incident.nodes().size(), cast.nodes().size()).forEach(watch::faulty);
      all.add(cast);
    }
    return all;
  }

  /** Those who will be faulty, each prepared for what it will do. */
  private static Map<String, Culprit> culprits(List<Incident> incidents) {
    Map<String, Culprit> culprits = new TreeMap<>();
    for (Incident incident : incidents) {
      Fault.of(incident.kind())
          .filter(fault -> !fault.isOfCustomer())
          .ifPresent(
              fault -> {
                incident
                    .nodes()
                    .forEach(node -> culprits.computeIfAbsent(node, none -> new Culprit()));
                String first = incident.nodes().get(0);
                fault.enlist(culprits.computeIfAbsent(first, none -> new Culprit()));
              });
    }
    return culprits;
  }

  private static void arrange(
      Incident incident,
      World world,
      Watch watch,
      Customers customers,
      Map<String, Culprit> culprits) {
    Trouble.of(incident.kind())
        .ifPresent(trouble -> trouble.arrange(world, incident, incident.atMillis() * 1_000));
    Fault.of(incident.kind())
        .ifPresent(
            fault ->
                fault.arrange(
                    new Stage(
                        world, watch, customers, culprits, incident, new Chance(incident.chance())),
                    incident.atMillis() * 1_000));
  }
}
