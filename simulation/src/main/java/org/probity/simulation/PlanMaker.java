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

  /** Of the plans, those in which members vote on what is proven. */
  private static final double GOVERNED_SHARE = 0.4;

  /** Of the plans, those in which most are faulty. */
  private static final double CROWDED_SHARE = 0.15;

  /** Of the culprits, those that commit two faults. */
  private static final double COMBINED_SHARE = 0.35;

  private static final int LEAST_CORRECT = 2;

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

    /** Everything is drawn. */
    public static Choice any() {
      return new Choice(0, 0, List.of(Fault.values()), true);
    }
  }

  /** The plan of a seed. */
  public static Plan of(long seed) {
    return of(seed, Choice.any());
  }

  /** The plan of a seed under some choice. */
  public static Plan of(long seed, Choice choice) {
    Chance chance = new Chance(seed).of("plan");
    int drawnNodes = (int) chance.between(3, 7);
    int nodes = choice.nodes() > 0 ? choice.nodes() : Math.max(drawnNodes, choice.witnesses() + 1);
    int drawnWitnesses = (int) chance.between(1, Math.min(3, nodes - 1));
    int witnesses = choice.witnesses() > 0 ? choice.witnesses() : drawnWitnesses;
    int faults = Math.min(witnesses - 1, 1);
    Settings settings =
        new Settings(
            nodes, witnesses, faults, 2 + 8 * chance.share(), BUSY_SECONDS, seed % REAL_EVERY == 0);
    List<Incident> incidents = new ArrayList<>();
    // Up to n - 2 faulty ones: accuracy is checked always.
    int culprits = choice.faults().isEmpty() ? 0 : chance.below(Math.min(3, nodes - 1));
    List<String> shuffled = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      shuffled.add(i, Founding.name(i));
    }
    for (int i = nodes - 1; i > 0; i--) {
      Collections.swap(shuffled, i, chance.below(i + 1));
    }
    List<String> correct = shuffled.subList(culprits, nodes);
    for (int i = 0; i < culprits; i++) {
      Fault fault = chance.oneOf(choice.faults());
      incidents.add(
          new Incident(
              fault.label(),
              chance.between(1_000, BUSY_SECONDS * 700L),
              0,
              List.of(shuffled.get(i)),
              chance.anyLong()));
    }
    int troubles = choice.hasTroubles() ? chance.below(6) : 0;
    for (int i = 0; i < troubles; i++) {
      Trouble trouble = chance.oneOf(List.of(Trouble.values()));
      long at = chance.between(500, BUSY_SECONDS * 800L);
      incidents.add(
          new Incident(
              trouble.label(),
              at,
              chance.between(200, BUSY_SECONDS * 1_000L - at),
              List.of(trouble.isOfNode() ? chance.oneOf(correct) : chance.oneOf(shuffled)),
              chance.anyLong()));
    }
    if (choice.hasTroubles() && chance.happens(GOVERNED_SHARE)) {
      incidents.add(new Incident(Simulation.MEMBERS_VOTE, 0, 0, List.of(), chance.anyLong()));
    }
    if (choice.equals(Choice.any()) && chance.happens(CROWDED_SHARE)) {
      crowd(correct, choice.faults(), incidents, chance);
    }
    if (choice.equals(Choice.any())) {
      combine(choice.faults(), incidents, chance);
    }
    return new Plan(seed, settings, incidents);
  }

  /** Some culprits do something else as well. */
  private static void combine(List<Fault> faults, List<Incident> incidents, Chance chance) {
    for (Incident first : List.copyOf(incidents)) {
      boolean isCulprits = Fault.of(first.kind()).filter(it -> !it.isOfCustomer()).isPresent();
      if (isCulprits && chance.happens(COMBINED_SHARE)) {
        incidents.add(
            new Incident(
                chance.oneOf(faults).label(),
                chance.between(1_000, BUSY_SECONDS * 700L),
                0,
                first.nodes(),
                chance.anyLong()));
      }
    }
  }

  /** All but two are faulty, but for those whose machine fails. */
  private static void crowd(
      List<String> correct, List<Fault> faults, List<Incident> incidents, Chance chance) {
    Set<String> struck = new HashSet<>();
    incidents.forEach(incident -> struck.addAll(incident.nodes()));
    int left = correct.size();
    for (String node : correct) {
      if (left > LEAST_CORRECT && !struck.contains(node)) {
        left--;
        incidents.add(
            new Incident(
                chance.oneOf(faults).label(),
                chance.between(1_000, BUSY_SECONDS * 700L),
                0,
                List.of(node),
                chance.anyLong()));
      }
    }
  }
}
