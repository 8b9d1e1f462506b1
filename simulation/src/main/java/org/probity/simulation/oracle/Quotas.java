package org.probity.simulation.oracle;

import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.node.Node;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;

/** L rests on it: no challenger has more open at a correct node than it may put. */
public final class Quotas {
  /** SPEC protocol.md §7.2: open at any node of one challenger. */
  private static final int MOST_OF_CHALLENGER = 64;

  /** Of one challenger against one target. */
  private static final int MOST_OF_PAIR = 16;

  private Quotas() {}

  /** Judges this instant. */
  public static void judge(World world, Watch watch) {
    for (Host host : world.hosts()) {
      if (host.process().isUp() && !watch.isFaulty(host.name())) {
        judge(host.name(), host.process().core(), watch);
      }
    }
  }

  private static void judge(String name, Node core, Watch watch) {
    Map<String, Integer> open = new TreeMap<>();
    for (var one : core.challenges()) {
      String challenger = one.challenge().challenger().node();
      open.merge(challenger, 1, Integer::sum);
      open.merge(challenger + " about " + one.challenge().target().node(), 1, Integer::sum);
    }
    open.forEach(
        (whose, count) -> {
          if (count > (whose.contains(" ") ? MOST_OF_PAIR : MOST_OF_CHALLENGER)) {
            watch.violated(Promise.L, name, count + " challenges of " + whose + " are open");
          }
        });
  }
}
