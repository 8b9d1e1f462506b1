package org.probity.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.Founding;
import org.probity.simulation.trouble.Trouble;
import org.probity.simulation.world.Chance;

/** Draws the plan of a seed: how large, how much trouble, which faults, whom and when. */
public final class PlanMaker {
  /** Every so many seeds signatures are real. */
  private static final int REAL_EVERY = 50;

  private static final int BUSY_SECONDS = 20;

  /** Long enough to be suspected of silence, and trusted again before the end. */
  private static final int LONG_BUSY_SECONDS = 60;

  /** Of the plans, those that last longer, with fewer payments. */
  private static final double LONG_SHARE = 0.1;

  /** Of the plans, those with many nodes. */
  private static final double LARGE_SHARE = 0.05;

  private static final int LARGEST = 25;

  /** Of the plans of five nodes or more, those in which most members have two of them. */
  private static final double SHARED_SHARE = 0.15;

  private static final int LEAST_SHARED = 5;

  /** Without a crowd of them. */
  private static final int MOST_CULPRITS = 3;

  /** Of the plans, those in which members vote on what is proven. */
  private static final double GOVERNED_SHARE = 0.4;

  /** Of these, those in which they also revoke whoever is suspended for it. */
  private static final double REVOKING_SHARE = 0.6;

  /** Of these, those in which they first readmit whoever has broken no rule in its log. */
  private static final double FORGIVING_SHARE = 0.4;

  private static final List<Fault> FAULTS = List.of(Fault.values());

  private static final List<Trouble> TROUBLES = List.of(Trouble.values());

  /** Of these, those that leave a node its place. */
  private static final List<Trouble> TROUBLES_WITHOUT_STOPS =
      TROUBLES.stream().filter(trouble -> !trouble.stops()).toList();

  /** Of the plans, those in which most are faulty. */
  private static final double CROWDED_SHARE = 0.15;

  /** Of the culprits, those that commit two faults. */
  private static final double COMBINED_SHARE = 0.35;

  /** Correct nodes that members never stop: somebody has to be there who hears what they decide. */
  private static final int LEAST_CORRECT = 2;

  /** Of the plans, those in which nodes replay little at once. */
  private static final double TIGHT_SHARE = 0.4;

  /** Of the plans, those in which models that know nothing order the audits. */
  private static final double SCORED_SHARE = 0.4;

  /** What a node may replay in one audit round. */
  private record Budget(int slots, int chunkEntries) {}

  /** Each of them replays what a busy seed logs before its calm part is over. */
  private static final List<Budget> BUDGETS =
      List.of(
          new Budget(1, 256),
          new Budget(2, 128),
          new Budget(3, 96),
          new Budget(4, 64),
          new Budget(8, 64),
          new Budget(1, 512));

  private PlanMaker() {}

  /**
   * What is not left to chance.
   *
   * @param nodes so many; 0: drawn
   * @param witnesses of each node; 0: drawn
   * @param faults that members may commit; none: all are correct
   * @param hasTroubles whether links, disks, clocks and processes fail
   */
  public record Choice(int nodes, int witnesses, List<Fault> faults, boolean hasTroubles) {
    public Choice {
      faults = List.copyOf(faults);
    }

    /** Whether members may do whatever they can. */
    boolean isOfAll() {
      return hasTroubles && faults.equals(FAULTS);
    }

    /** Everything is drawn. */
    public static Choice any() {
      return new Choice(0, 0, FAULTS, true);
    }
  }

  /** The plan of a seed. */
  public static Plan of(long seed) {
    return of(seed, Choice.any());
  }

  /** The plan of a seed under some choice. */
  public static Plan of(long seed, Choice choice) {
    Chance chance = new Chance(seed).of("plan");
    int drawnNodes =
        (int) (chance.happens(LARGE_SHARE) ? chance.between(8, LARGEST) : chance.between(3, 7));
    int nodes = choice.nodes() > 0 ? choice.nodes() : Math.max(drawnNodes, choice.witnesses() + 1);
    int members = members(nodes, choice, new Chance(seed).of("members"));
    int drawnWitnesses = (int) chance.between(1, Math.min(3, members - 1));
    int witnesses = choice.witnesses() > 0 ? choice.witnesses() : drawnWitnesses;
    int faults = (int) chance.between(Math.min(witnesses - 1, 1), witnesses - 1);
    boolean isLong = chance.happens(LONG_SHARE);
    int busySeconds = isLong ? LONG_BUSY_SECONDS : BUSY_SECONDS;
    Settings settings =
        audited(
            new Settings(
                    nodes,
                    witnesses,
                    faults,
                    isLong ? 2 : 2 + 8 * chance.share(),
                    busySeconds,
                    seed % REAL_EVERY == 0)
                .sharedBy(members),
            chance);
    List<Incident> incidents = new ArrayList<>();
    // Up to n - 2 faulty ones: accuracy is checked always.
    int culprits =
        choice.faults().isEmpty()
            ? 0
            : chance.below(Math.min(Math.max(MOST_CULPRITS, nodes / 3), nodes - 1));
    List<String> shuffled = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      shuffled.add(i, Founding.name(i));
    }
    for (int i = nodes - 1; i > 0; i--) {
      Collections.swap(shuffled, i, chance.below(i + 1));
    }
    List<String> correct = shuffled.subList(culprits, nodes);
    List<String> dispensable = correct.subList(0, correct.size() - LEAST_CORRECT);
    for (int i = 0; i < culprits; i++) {
      Fault fault = chance.oneOf(choice.faults());
      incidents.add(
          new Incident(
              fault.label(),
              chance.between(1_000, busySeconds * 700L),
              0,
              List.of(shuffled.get(i)),
              chance.anyLong()));
    }
    int troubles = choice.hasTroubles() ? chance.below(6) : 0;
    for (int i = 0; i < troubles; i++) {
      Trouble trouble = chance.oneOf(dispensable.isEmpty() ? TROUBLES_WITHOUT_STOPS : TROUBLES);
      long at = chance.between(500, busySeconds * 800L);
      incidents.add(
          new Incident(
              trouble.label(),
              at,
              chance.between(200, busySeconds * 1_000L - at),
              trouble.isOfNode()
                  ? List.of(
                      chance.oneOf(
                          trouble.stops()
                              ? dispensable
                              : trouble.sparesCulprits() ? correct : shuffled))
                  : some(shuffled, chance),
              chance.anyLong()));
    }
    if (choice.hasTroubles() && chance.happens(GOVERNED_SHARE)) {
      incidents.add(new Incident(policy(chance), 0, 0, List.of(), chance.anyLong()));
    }
    if (choice.isOfAll() && chance.happens(CROWDED_SHARE)) {
      crowd(dispensable, busySeconds, incidents, chance);
    }
    if (choice.isOfAll()) {
      combine(busySeconds, incidents, chance);
    }
    return new Plan(seed, settings, incidents);
  }

  /** A member has a node, or most have two. */
  private static int members(int nodes, Choice choice, Chance chance) {
    int half = (nodes + 1) / 2;
    boolean isShared =
        chance.happens(SHARED_SHARE) && nodes >= LEAST_SHARED && choice.witnesses() < half;
    return Settings.membersOf(isShared ? half : nodes);
  }

  /** What members do about whoever is proven to be faulty. */
  private static String policy(Chance chance) {
    if (!chance.happens(REVOKING_SHARE)) {
      return Simulation.MEMBERS_VOTE;
    }
    return chance.happens(FORGIVING_SHARE) ? Simulation.MEMBERS_FORGIVE : Simulation.MEMBERS_REVOKE;
  }

  /** Whoever has a small budget replays later, and has to choose what comes first. */
  private static Settings audited(Settings settings, Chance chance) {
    Budget budget = chance.oneOf(BUDGETS);
    boolean isScored = chance.happens(SCORED_SHARE);
    return chance.happens(TIGHT_SHARE)
        ? settings.auditing(budget.slots(), budget.chunkEntries(), isScored)
        : settings.auditing(settings.auditSlots(), settings.chunkEntries(), isScored);
  }

  /** One of them, or some. */
  private static List<String> some(List<String> nodes, Chance chance) {
    int first = chance.below(nodes.size());
    int count = chance.happens(0.5) ? 1 : 1 + chance.below(nodes.size() / 2);
    List<String> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(nodes.get((first + i) % nodes.size()));
    }
    return some;
  }

  /** Some culprits do something else as well. */
  private static void combine(int busySeconds, List<Incident> incidents, Chance chance) {
    for (Incident first : List.copyOf(incidents)) {
      boolean isCulprits = Fault.of(first.kind()).filter(it -> !it.isOfCustomer()).isPresent();
      if (isCulprits && chance.happens(COMBINED_SHARE)) {
        incidents.add(
            new Incident(
                chance.oneOf(FAULTS).label(),
                chance.between(1_000, busySeconds * 700L),
                0,
                first.nodes(),
                chance.anyLong()));
      }
    }
  }

  /** All that are left but two are faulty, too, but for those whose machine fails. */
  private static void crowd(
      List<String> dispensable, int busySeconds, List<Incident> incidents, Chance chance) {
    Set<String> struck = new HashSet<>();
    incidents.forEach(incident -> struck.addAll(incident.nodes()));
    for (String node : dispensable) {
      if (!struck.contains(node)) {
        incidents.add(
            new Incident(
                chance.oneOf(FAULTS).label(),
                chance.between(1_000, busySeconds * 700L),
                0,
                List.of(node),
                chance.anyLong()));
      }
    }
  }
}
