package org.probity.simulation.fault;

import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Request;

/** Masks that several faults wear. */
final class Behaviours {
  private Behaviours() {}

  /** One of two processes asks nobody for anything. */
  record Hidden(SimulatedNode process) implements Behaviour {
    @Override
    public boolean sends(SimulatedNode node, String to, Request request) {
      return node != process;
    }
  }
}
