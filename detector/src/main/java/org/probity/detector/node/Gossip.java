package org.probity.detector.node;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/**
 * Shows every checkpoint held of a log to that log's witnesses, ourselves included (protocol.md
 * §6.2): the newest once per interval, one that conflicts or could not be linked at once, each
 * until the witness has confirmed it. Two that contradict each other by themselves are a proof and
 * go to the verifier.
 */
final class Gossip {
  static final long INTERVAL_MILLIS = 1_000;

  /** What one witness is shown of one log in one interval. */
  static final int MAX_SHOWN = 4 * Views.MAX_UNLINKED;

  private final Roster roster;
  private final Decisions decisions;
  private final Views views;

  /** Of the seats in force, as far as asked for. */
  private final Map<String, List<NodeRecord>> witnesses = new TreeMap<>();

  /** What a witness has confirmed of a log, as far as it may still be shown to it. */
  private final Map<Audience, Set<TreeHead>> confirmed = new TreeMap<>();

  /** What a witness has been shown since the last interval began. */
  private final Map<Audience, Set<TreeHead>> shown = new TreeMap<>();

  private long nextForwardElapsed = Long.MIN_VALUE;

  private record Audience(String witness, Origin log) implements Comparable<Audience> {
    @Override
    public int compareTo(Audience other) {
      int order = witness.compareTo(other.witness);
      order = order != 0 ? order : log.node().compareTo(other.log.node());
      return order != 0 ? order : Long.compare(log.incarnation(), other.log.incarnation());
    }
  }

  Gossip(Roster roster, Decisions decisions, Views views) {
    this.roster = roster;
    this.decisions = decisions;
    this.views = views;
  }

  /**
   * The seats have moved. What is held of each log is handed over by showing it to those who
   * witness it now: the newest view and what could not be linked, each until it is confirmed, and
   * what the former witnesses have confirmed does not count, nor what a witness has confirmed
   * before it lost its store.
   *
   * @param begunAgain nodes that members have let begin another incarnation since
   */
  void seated(Set<String> begunAgain) {
    // SPEC protocol.md §6.1: unlinked checkpoints and views go to whoever takes a seat.
    witnesses.clear();
    confirmed
        .keySet()
        .removeIf(
            audience ->
                begunAgain.contains(audience.witness)
                    || !roster.seating().isWitness(audience.witness, audience.log.node()));
    nextForwardElapsed = Long.MIN_VALUE;
  }

  private List<NodeRecord> witnessesOf(String author) {
    return witnesses.computeIfAbsent(
        author,
        node -> roster.node(node).isPresent() ? roster.seating().witnessesOf(node) : List.of());
  }

  /** Sends two halves of a fork to the verifier. */
  void examine(Optional<Views.Fork> fork, List<Effect> effects) {
    // SPEC protocol.md §6.3: conflict -> FORK. No path is needed between trees of one size.
    fork.map(
            halves -> {
              Origin log = halves.one().origin();
              return new EvidenceBuilder(log.networkId(), decisions.chain().enrolling(List.of(log)))
                  .fork(halves.one(), halves.other());
            })
        .ifPresent(candidate -> effects.add(new Effect.Examine(candidate)));
  }

  /**
   * Once per interval: the newest view of every log, and whatever is not confirmed yet.
   *
   * @return whether an interval has begun
   */
  boolean forward(long elapsedMillis, List<Effect> effects) {
    if (elapsedMillis < nextForwardElapsed) {
      return false;
    }
    nextForwardElapsed = elapsedMillis + INTERVAL_MILLIS;
    shown.clear();
    for (NodeRecord author : roster.nodes()) {
      for (Origin log : roster.logs(author.node())) {
        views.newest(log).ifPresent(newest -> forward(newest, effects));
        open(log, effects);
      }
    }
    return true;
  }

  /** At once: checkpoints of {@code author} that are not known to be on the view held. */
  void forwardOpen(String author, List<Effect> effects) {
    roster.logs(author).forEach(log -> open(log, effects));
  }

  private void open(Origin origin, List<Effect> effects) {
    List<VerifiedCheckpoint> unlinked = views.unlinked(origin);
    unlinked.forEach(checkpoint -> forward(checkpoint, effects));
    if (!unlinked.isEmpty()) {
      // Both halves of a conflict, else a witness may never see the other one.
      views.newest(origin).ifPresent(newest -> forward(newest, effects));
    }
  }

  /** A witness has it: not shown to that one again. */
  void confirmed(Input.CheckpointConfirmed confirmation) {
    Origin origin = confirmation.checkpoint().origin();
    if (!roster.seating().isWitness(confirmation.witness(), origin.node())) {
      // The answer of one that has lost its seat meanwhile.
      return;
    }
    Set<TreeHead> known =
        confirmed.computeIfAbsent(
            new Audience(confirmation.witness(), origin), audience -> new HashSet<>());
    known.add(confirmation.checkpoint().head());
    // SPEC protocol.md §5.2: kept until f+1 witnesses have confirmed it, one of which is correct.
    boolean isSettled = confirmations(confirmation.checkpoint()) > roster.seating().faults();
    boolean isWritten = roster.origin(origin.node()).filter(origin::equals).isPresent();
    if (isSettled && isWritten) {
      // Of a closed log it is kept: nothing more of that comes, so a witness may never compare it.
      views.confirmed(confirmation.checkpoint());
    }
    known.removeIf(head -> !views.isHeld(origin, head));
  }

  private long confirmations(SignedCheckpoint checkpoint) {
    Origin log = checkpoint.origin();
    return witnessesOf(log.node()).stream()
        .map(seat -> confirmed.getOrDefault(new Audience(seat.node(), log), Set.of()))
        .filter(known -> known.contains(checkpoint.head()))
        .count();
  }

  /** A checkpoint that is not held here; a witness that misses it now is not shown it again. */
  void forwardOnce(VerifiedCheckpoint checkpoint, List<Effect> effects) {
    forward(checkpoint, effects);
  }

  private void forward(VerifiedCheckpoint checkpoint, List<Effect> effects) {
    for (NodeRecord seat : witnessesOf(checkpoint.author().node())) {
      Audience audience = new Audience(seat.node(), checkpoint.origin());
      Set<TreeHead> known = confirmed.getOrDefault(audience, Set.of());
      Set<TreeHead> recent = shown.computeIfAbsent(audience, none -> new HashSet<>());
      // Once per interval: a witness that is behind must not be flooded with every message.
      if (!known.contains(checkpoint.head())
          && recent.size() < MAX_SHOWN
          && recent.add(checkpoint.head())) {
        effects.add(new Effect.Forward(seat.node(), checkpoint.signed()));
      }
    }
  }
}
