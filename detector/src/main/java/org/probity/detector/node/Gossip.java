package org.probity.detector.node;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Views;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/**
 * Shows every checkpoint held of a log to that log's witnesses, ourselves included (protocol.md
 * §6.2): the newest once per interval, one that conflicts or could not be linked at once, each
 * until the witness has confirmed it.
 */
final class Gossip {
  static final long INTERVAL_MILLIS = 1_000;

  private final Genesis genesis;
  private final Views views;
  private final Map<String, List<NodeRecord>> witnesses = new TreeMap<>();

  /** What a witness has confirmed of a log, as far as it may still be shown to it. */
  private final Map<Audience, Set<TreeHead>> confirmed = new TreeMap<>();

  /** What a witness has been shown since the last interval began. */
  private final Map<Audience, Set<TreeHead>> shown = new TreeMap<>();

  private long nextForwardElapsed = Long.MIN_VALUE;

  private record Audience(String witness, String author) implements Comparable<Audience> {
    @Override
    public int compareTo(Audience other) {
      int byWitness = witness.compareTo(other.witness);
      return byWitness != 0 ? byWitness : author.compareTo(other.author);
    }
  }

  Gossip(Machine machine, Views views) {
    this.genesis = machine.genesis();
    this.views = views;
    for (NodeRecord author : genesis.nodes()) {
      witnesses.put(
          author.node(),
          Seats.witnessesOf(author.node(), 0, genesis.parameters().witnesses(), genesis.nodes()));
    }
  }

  /** Once per interval: the newest view of every log, and whatever is not confirmed yet. */
  void forward(long elapsedMillis, List<Effect> effects) {
    if (elapsedMillis < nextForwardElapsed) {
      return;
    }
    nextForwardElapsed = elapsedMillis + INTERVAL_MILLIS;
    shown.clear();
    for (NodeRecord author : genesis.nodes()) {
      views
          .newest(genesis.origin(author))
          .ifPresent(newest -> forward(author.node(), newest, effects));
      forwardConflicts(author.node(), effects);
    }
  }

  /** At once: checkpoints of {@code author} that are not on the view held. */
  void forwardConflicts(String author, List<Effect> effects) {
    genesis.node(author).map(genesis::origin).ifPresent(origin -> conflicts(origin, effects));
  }

  private void conflicts(Origin origin, List<Effect> effects) {
    List<SignedCheckpoint> unlinked = views.unlinked(origin);
    unlinked.forEach(checkpoint -> forward(origin.node(), checkpoint, effects));
    if (!unlinked.isEmpty()) {
      // Both halves of a conflict, else a witness may never see the other one.
      views.newest(origin).ifPresent(newest -> forward(origin.node(), newest, effects));
    }
  }

  /** A witness has it: not shown to that one again. */
  void confirmed(Input.CheckpointConfirmed confirmation) {
    Origin origin = confirmation.checkpoint().origin();
    Set<TreeHead> known =
        confirmed.computeIfAbsent(
            new Audience(confirmation.witness(), origin.node()), audience -> new HashSet<>());
    Set<TreeHead> current = new HashSet<>();
    views.newest(origin).ifPresent(newest -> current.add(newest.head()));
    views.unlinked(origin).forEach(checkpoint -> current.add(checkpoint.head()));
    known.add(confirmation.checkpoint().head());
    known.retainAll(current);
    // SPEC protocol.md §5.2: kept until f+1 witnesses have confirmed it, one of which is correct.
    if (confirmations(confirmation.checkpoint()) > genesis.parameters().faults()) {
      views.forgetUnlinked(confirmation.checkpoint());
    }
  }

  private long confirmations(SignedCheckpoint checkpoint) {
    String author = checkpoint.origin().node();
    return witnesses.getOrDefault(author, List.of()).stream()
        .map(seat -> confirmed.getOrDefault(new Audience(seat.node(), author), Set.of()))
        .filter(known -> known.contains(checkpoint.head()))
        .count();
  }

  private void forward(String author, SignedCheckpoint checkpoint, List<Effect> effects) {
    for (NodeRecord seat : witnesses.getOrDefault(author, List.of())) {
      Audience audience = new Audience(seat.node(), author);
      Set<TreeHead> known = confirmed.getOrDefault(audience, Set.of());
      // Once per interval: a witness that is behind must not be flooded with every message.
      if (!known.contains(checkpoint.head())
          && shown.computeIfAbsent(audience, none -> new HashSet<>()).add(checkpoint.head())) {
        effects.add(new Effect.Forward(seat.node(), checkpoint));
      }
    }
  }
}
