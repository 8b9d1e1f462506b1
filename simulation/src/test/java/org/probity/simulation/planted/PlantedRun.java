package org.probity.simulation.planted;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.probity.simulation.Incident;
import org.probity.simulation.Plan;
import org.probity.simulation.PlanMaker;
import org.probity.simulation.Settings;
import org.probity.simulation.Simulation;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.Founding;
import org.probity.simulation.world.Chance;

/** Runs one simulation inside of the class loader that has loaded this class. */
public final class PlantedRun {
  private static final int NODES = 4;

  /** As an incident: not four nodes, but so many. */
  private static final String CONSORTIUM_OF = "consortium-of/";

  private static final String MEMBERS_OF = "members-of/";

  private static final String WITNESSES_OF = "witnesses-of/";

  private static final int BUSY_SECONDS = 12;

  private PlantedRun() {}

  /**
   * Called by reflection, so that both sides know nothing but classes of the JDK.
   *
   * @param kinds of the incidents; none: those that the seed draws
   * @return the promises that were broken, each {@code "A1 node: what"}
   */
  public static List<String> run(long seed, List<String> kinds) {
    List<String> broken = new ArrayList<>();
    Plan plan = kinds.isEmpty() ? PlanMaker.of(seed) : provoking(seed, kinds);
    try {
      new Simulation(plan, false)
          .run()
          .violations()
          .forEach(violation -> broken.add(violation.toString()));
    } catch (RuntimeException | StackOverflowError e) {
      broken.add("X all: " + e);
    }
    return broken;
  }

  /**
   * One incident of each kind, soon after one another; the members that are faulty come first. A
   * kind with {@code /18} behind it lasts 18 seconds, one with {@code @20} happens in second 20,
   * one with {@code #2} strikes the second node after the first that is faulty; {@code
   * consortium-of/5} is one of five nodes, {@code members-of/3} one of three members, {@code
   * witnesses-of/3} one in which each node has three witnesses.
   */
  private static Plan provoking(long seed, List<String> kinds) {
    Chance chance = new Chance(seed).of("provocation");
    int nodes = number(CONSORTIUM_OF, kinds, NODES);
    int members = number(MEMBERS_OF, kinds, nodes);
    int witnesses = number(WITNESSES_OF, kinds, 2);
    int first = chance.below(nodes);
    int faulty = 0;
    long busySeconds = BUSY_SECONDS;
    List<Incident> incidents = new ArrayList<>();
    for (String kind : kinds) {
      if (Stream.of(CONSORTIUM_OF, MEMBERS_OF, WITNESSES_OF).anyMatch(kind::startsWith)) {
        continue;
      }
      List<String> placed = List.of(kind.split("#", 2));
      List<String> timed = List.of(placed.get(0).split("@", 2));
      List<String> parts = List.of(timed.get(0).split("/", 2));
      boolean isFault = Fault.of(parts.get(0)).isPresent();
      int drawn = isFault ? faulty++ : nodes - 1 - chance.below(nodes / 2);
      int struck = first + (placed.size() > 1 ? Integer.parseInt(placed.get(1)) : drawn);
      long drawnAtMillis = chance.between(1_500, 5_000);
      long atMillis = timed.size() > 1 ? 1_000 * Long.parseLong(timed.get(1)) : drawnAtMillis;
      long drawnMillis = chance.between(2_000, 5_000);
      long forMillis =
          parts.size() > 1 ? 1_000 * Long.parseLong(parts.get(1)) : isFault ? 0 : drawnMillis;
      busySeconds = Math.max(busySeconds, (atMillis + forMillis) / 1_000 + 2);
      incidents.add(
          new Incident(
              parts.get(0),
              atMillis,
              forMillis,
              List.of(Founding.name(struck % nodes)),
              chance.anyLong()));
    }
    Settings settings = new Settings(nodes, witnesses, 1, 6, (int) busySeconds, false);
    return new Plan(seed, settings.sharedBy(members), incidents);
  }

  private static int number(String of, List<String> kinds, int otherwise) {
    return kinds.stream()
        .filter(kind -> kind.startsWith(of))
        .mapToInt(kind -> Integer.parseInt(kind.substring(of.length())))
        .findFirst()
        .orElse(otherwise);
  }
}
