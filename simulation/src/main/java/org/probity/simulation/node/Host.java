package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.probity.simulation.world.Network;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * Where a node is reached. Usually one process is behind it; whoever tells different things to
 * different peers has several, and {@link #route} says who sees which.
 */
public final class Host implements Network.Place {
  private final String name;
  private final List<SimulatedNode> processes = new ArrayList<>();
  private Function<String, Integer> route = from -> 0;

  public Host(SimulatedNode process) {
    this.name = process.name();
    processes.add(process);
  }

  public String name() {
    return name;
  }

  /** The one that a correct node has. */
  public SimulatedNode process() {
    return processes.get(0);
  }

  public List<SimulatedNode> processes() {
    return List.copyOf(processes);
  }

  /** One more under the same name and key. */
  public void add(SimulatedNode process) {
    processes.add(process);
  }

  /** Another goes on instead of the one there is. */
  void replace(SimulatedNode next) {
    alone();
    processes.get(0).abandon();
    processes.set(0, next);
  }

  /** Whoever was added is gone, and everybody sees the first one again. */
  public void alone() {
    while (processes.size() > 1) {
      processes.remove(1).crash();
    }
    route = from -> 0;
  }

  /** Which of the processes answers whom. */
  public void route(Function<String, Integer> byAsker) {
    route = byAsker;
  }

  @Override
  public void arrived(String from, Request request, Consumer<Reply> answer) {
    processes.get(route.apply(from)).arrived(from, request, answer);
  }
}
