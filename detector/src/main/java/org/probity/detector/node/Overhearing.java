package org.probity.detector.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Checkpoints found inside replicated logs (protocol.md §6.2): shown to a witness of their own log
 * until it has confirmed them, at once and then once per interval. They come in parts, each for one
 * witness, so that one that does not answer holds up nobody else.
 *
 * <p>They stay out of {@link Views}: no consistency proof comes with them and their author cannot
 * help where they turn up, so they must not be a reason to refuse it.
 */
final class Overhearing {
  /** Parts that wait; who hands over more has to come again. */
  static final int MAX_PARTS = 1024;

  private final Machine machine;
  private final Gossip gossip;
  private final Views views;
  private final Containment containment;
  private final List<Part> parts = new ArrayList<>();

  private record Part(long ticket, String witness, List<VerifiedCheckpoint> open) {}

  Overhearing(Machine machine, Gossip gossip, Views views, Containment containment) {
    this.machine = machine;
    this.gossip = gossip;
    this.views = views;
    this.containment = containment;
  }

  void overheard(Input.Overheard input, List<Effect> effects) {
    if (input.checkpoints().size() > Input.Overheard.MAX_CHECKPOINTS || parts.size() >= MAX_PARTS) {
      effects.add(new Release.Overheard(input.ticket(), false));
      return;
    }
    Part part = new Part(input.ticket(), input.witness(), new ArrayList<>(input.checkpoints()));
    part.open().removeIf(this::isIdle);
    for (VerifiedCheckpoint checkpoint : part.open()) {
      Optional<Views.Fork> fork =
          views.contradiction(checkpoint).or(() -> contradiction(checkpoint));
      gossip.examine(fork, effects);
    }
    parts.add(part);
    forward(part, effects);
    settle(effects);
  }

  /** What a checkpoint proves together with one that waits here. */
  Optional<Views.Fork> contradiction(VerifiedCheckpoint checkpoint) {
    for (Part part : parts) {
      for (VerifiedCheckpoint waiting : part.open()) {
        if (waiting.size() == checkpoint.size()
            && waiting.origin().equals(checkpoint.origin())
            && !waiting.head().equals(checkpoint.head())) {
          return Optional.of(new Views.Fork(waiting.signed(), checkpoint.signed()));
        }
      }
    }
    return Optional.empty();
  }

  /** Our own, or one of a node that is kept out already: nothing more is to be found. */
  private boolean isIdle(VerifiedCheckpoint checkpoint) {
    String author = checkpoint.author().node();
    return author.equals(machine.self().node()) || containment.isContained(author);
  }

  /** Shows everything that waits once more. */
  void forward(List<Effect> effects) {
    parts.forEach(part -> forward(part, effects));
  }

  private static void forward(Part part, List<Effect> effects) {
    part.open().forEach(open -> effects.add(new Effect.Forward(part.witness(), open.signed())));
  }

  void confirmed(Input.CheckpointConfirmed confirmation, List<Effect> effects) {
    SignedCheckpoint confirmed = confirmation.checkpoint();
    for (Part part : parts) {
      if (part.witness().equals(confirmation.witness())) {
        part.open()
            .removeIf(
                open ->
                    open.origin().equals(confirmed.origin())
                        && open.head().equals(confirmed.head()));
      }
    }
    settle(effects);
  }

  /**
   * The seats are these from now on: nobody is shown what it does not witness any more. Whoever has
   * handed that over does so once more, to those who sit there now.
   */
  void seated(Seating seating, List<Effect> effects) {
    for (Part part : List.copyOf(parts)) {
      boolean isMoved =
          part.open().stream()
              .anyMatch(open -> !seating.isWitness(part.witness(), open.author().node()));
      if (isMoved) {
        parts.remove(part);
        effects.add(new Release.Overheard(part.ticket(), false));
      }
    }
    settle(effects);
  }

  /** Answers every part nothing of which waits any more. */
  void settle(List<Effect> effects) {
    for (Part part : List.copyOf(parts)) {
      part.open().removeIf(this::isIdle);
      if (part.open().isEmpty()) {
        parts.remove(part);
        effects.add(new Release.Overheard(part.ticket(), true));
      }
    }
  }
}
