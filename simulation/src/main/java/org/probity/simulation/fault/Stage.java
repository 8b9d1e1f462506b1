package org.probity.simulation.fault;

import java.util.List;
import java.util.Map;
import org.probity.simulation.Incident;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Watch;
import org.probity.simulation.world.Chance;

/**
 * What a fault has to do with.
 *
 * @param world all there is
 * @param watch is told of what was done, when it is done
 * @param customers who can be made to ask for what a cheat needs
 * @param culprits by node
 * @param incident which this is about
 * @param chance of this incident
 */
public record Stage(
    World world,
    Watch watch,
    Customers customers,
    Map<String, Culprit> culprits,
    Incident incident,
    Chance chance) {

  String name() {
    return incident.nodes().get(0);
  }

  SimulatedNode node() {
    return world.host(name()).process();
  }

  Culprit culprit() {
    return culprit(name());
  }

  Culprit culprit(String node) {
    Culprit culprit = culprits.get(node);
    if (culprit == null) {
      throw new IllegalArgumentException(node + " is no culprit of this simulation");
    }
    return culprit;
  }

  /** All but the culprit and its accomplices. */
  List<String> others() {
    return world.hosts().stream()
        .map(host -> host.name())
        .filter(node -> !incident.nodes().contains(node))
        .toList();
  }

  /** The fault is done, and correct nodes can see it. */
  void done(Expectation expectation) {
    world.trace().tell(name(), "has done it: " + incident.kind());
    watch.committed(name(), incident, expectation);
  }

  /** Later, if the culprit runs then. */
  void later(long millis, Runnable task) {
    world.timeline().afterMillis(millis, "fault " + incident.kind(), task);
  }
}
