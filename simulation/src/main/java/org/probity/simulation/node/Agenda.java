package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Proposal;

/**
 * What the members have agreed on beside the nodes: it is proposed at whichever nodes run, epoch
 * after epoch, and every member votes for it, until it is decided or makes no sense any more.
 */
public final class Agenda {
  private static final long TRY_MILLIS = 2_000;

  private final World world;
  private final List<Item> items = new ArrayList<>();

  /** From this epoch on. */
  private record Item(Action action, long sinceEpoch) {}

  Agenda(World world) {
    this.world = world;
  }

  /** One thing more. */
  public void put(Action action) {
    if (items.isEmpty()) {
      world.timeline().after(0, "agenda", this::look);
    }
    items.add(new Item(action, world.memberDesk().decisions().decisions().size()));
    world.trace().tell("members", "want " + action.name());
  }

  boolean supports(Action action) {
    return items.stream().anyMatch(item -> item.action().equals(action));
  }

  private void look() {
    DecisionChain decisions = world.memberDesk().decisions();
    items.removeIf(item -> isDecided(item, decisions));
    List<SimulatedNode> running = world.memberDesk().running();
    for (Item item : List.copyOf(items)) {
      if (!running.isEmpty() && running.get(0).assembly().refusal(item.action()).isEmpty()) {
        propose(item.action(), decisions, running);
      }
    }
    if (!items.isEmpty()) {
      world.timeline().afterMillis(TRY_MILLIS, "agenda", this::look);
    }
  }

  private void propose(Action action, DecisionChain decisions, List<SimulatedNode> running) {
    Bytes proposal =
        new Proposal(decisions.decisions().size(), action)
            .sign(
                world.founding().genesis().networkId(),
                world.founding().memberKey(running.get(0).machine().self().member()))
            .encoded();
    running.forEach(node -> node.say(proposal, false));
  }

  private static boolean isDecided(Item item, DecisionChain decisions) {
    return decisions.decisions().stream()
        .skip(item.sinceEpoch())
        .anyMatch(taken -> taken.decision().action().equals(item.action()));
  }
}
