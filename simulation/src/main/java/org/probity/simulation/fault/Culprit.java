package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.log.Origin;
import org.probity.detector.program.Program;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * A member that is, or will be, faulty: correct until it puts on a mask. Several masks at once do
 * what the first of them does that departs from a correct node.
 */
public final class Culprit implements Behaviour {
  private final List<Behaviour> masks = new ArrayList<>();
  private @Nullable Lie lie;
  private @Nullable Runnable told;
  private long lyingFromMillis = Long.MAX_VALUE;

  /** What its program will lie about, once {@link #lies}; before it starts. */
  void prepares(Lie one) {
    lie = one;
  }

  /**
   * From some ledger time on, that of no entry so far.
   *
   * @param toBeTold of the first time
   */
  void lies(long fromMillis, Runnable toBeTold) {
    lyingFromMillis = Math.min(lyingFromMillis, fromMillis);
    told = toBeTold;
  }

  void puts(Behaviour mask) {
    masks.add(mask);
  }

  boolean wears(Class<? extends Behaviour> kind) {
    return masks.stream().anyMatch(kind::isInstance);
  }

  void takesOff(Behaviour mask) {
    masks.remove(mask);
  }

  @Override
  public Program program(Program truth) {
    return lie == null
        ? truth
        : new WatchedLies(truth, lie, millis -> millis >= lyingFromMillis, this::hasLied);
  }

  /** Who may have signed two histories does not ask which one it is to go on with. */
  @Override
  public boolean asks() {
    return false;
  }

  private void hasLied() {
    Runnable once = told;
    told = null;
    if (once != null) {
      once.run();
    }
  }

  @Override
  public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
    for (Behaviour mask : masks) {
      Optional<Reply> instead = mask.serve(node, from, request);
      if (instead.isPresent()) {
        return instead;
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean sends(SimulatedNode node, String to, Request request) {
    return masks.stream().allMatch(mask -> mask.sends(node, to, request));
  }

  @Override
  public Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
    Reply said = honest;
    for (Behaviour mask : masks) {
      said = mask.answers(node, to, request, said);
    }
    return said;
  }

  @Override
  public long vouches(long auditedSize, long storedSize) {
    long size = auditedSize;
    for (Behaviour mask : masks) {
      size = Math.max(size, mask.vouches(auditedSize, storedSize));
    }
    return size;
  }

  @Override
  public boolean compares(String author) {
    return masks.stream().allMatch(mask -> mask.compares(author));
  }

  @Override
  public boolean discloses(Origin log) {
    return masks.stream().allMatch(mask -> mask.discloses(log));
  }

  @Override
  public boolean votes() {
    return masks.stream().allMatch(Behaviour::votes);
  }

  @Override
  public boolean decides() {
    return masks.stream().allMatch(Behaviour::decides);
  }

  @Override
  public boolean isWrittenByHand() {
    return masks.stream().anyMatch(Behaviour::isWrittenByHand);
  }

  @Override
  public boolean accuses(String accused) {
    return masks.stream().allMatch(mask -> mask.accuses(accused));
  }
}
