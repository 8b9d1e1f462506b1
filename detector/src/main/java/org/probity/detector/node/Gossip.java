package org.probity.detector.node;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Views;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Shows every checkpoint held of a log to that log's witnesses (protocol.md §6.2): the newest once
 * per interval, one that conflicts or could not be linked at once, each until the witness has
 * confirmed it.
 */
final class Gossip {
  static final long INTERVAL_MILLIS = 1_000;

  private final Genesis genesis;
  private final String self;
  private final Views views;
  private final Map<String, Set<String>> confirmed = new TreeMap<>();
  private long lastForwardMillis = Long.MIN_VALUE;

  Gossip(Machine machine, Views views) {
    this.genesis = machine.genesis();
    this.self = machine.self().node();
    this.views = views;
  }

  /** Once per interval: the newest view of every log, and whatever is not confirmed yet. */
  void forward(long nowMillis, List<Effect> effects) {
    boolean clockWentBack = nowMillis < lastForwardMillis;
    if (!clockWentBack && nowMillis - INTERVAL_MILLIS < lastForwardMillis) {
      return;
    }
    lastForwardMillis = nowMillis;
    for (NodeRecord author : genesis.nodes()) {
      Origin origin = genesis.origin(author);
      views.newest(origin).ifPresent(newest -> forward(author.node(), newest, effects));
      forwardConflicts(author.node(), effects);
    }
  }

  /** At once: checkpoints of {@code author} that are not on the view held. */
  void forwardConflicts(String author, List<Effect> effects) {
    genesis
        .node(author)
        .ifPresent(
            node -> {
              Origin origin = genesis.origin(node);
              views
                  .unlinked(origin)
                  .forEach(
                      checkpoint -> {
                        forward(author, checkpoint, effects);
                        // Both halves of a conflict, else a witness may never see the other one.
                        views.newest(origin).ifPresent(newest -> forward(author, newest, effects));
                      });
            });
  }

  /** A witness has it: not shown to that one again. */
  void confirmed(Input.CheckpointConfirmed confirmation) {
    confirmed
        .computeIfAbsent(confirmation.witness(), witness -> new TreeSet<>())
        .add(key(confirmation.checkpoint()));
  }

  private void forward(String author, SignedCheckpoint checkpoint, List<Effect> effects) {
    for (NodeRecord seat :
        Seats.witnessesOf(author, 0, genesis.parameters().witnesses(), genesis.nodes())) {
      boolean known = confirmed.getOrDefault(seat.node(), Set.of()).contains(key(checkpoint));
      if (!seat.node().equals(self) && !known) {
        effects.add(new Effect.Forward(seat.node(), checkpoint));
      }
    }
  }

  private static String key(SignedCheckpoint checkpoint) {
    return checkpoint.origin() + " " + checkpoint.head();
  }
}
