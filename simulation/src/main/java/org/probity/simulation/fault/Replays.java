package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * True messages where they do not belong: those of others in its own name, its own to somebody
 * else, and its own as if they were of another consortium or of an incarnation that there is not.
 */
final class Replays implements Behaviour {
  private static final int ATTEMPTS = 60;
  private static final long BETWEEN_ATTEMPTS_MILLIS = 150;
  private static final int MOST_KEPT = 40;

  private final Stage stage;
  private final Chance chance;
  private final List<Bytes> own = new ArrayList<>();
  private final List<Bytes> others = new ArrayList<>();

  private Replays(Stage stage) {
    this.stage = stage;
    this.chance = stage.chance();
  }

  static void envelopes(Stage stage) {
    Replays mask = new Replays(stage);
    stage.culprit().puts(mask);
    stage.customers().remit(stage.name(), stage.victim());
    stage.customers().remit(stage.victim(), stage.name());
    stage.done(Expectation.UNPROVABLE);
    mask.attempt(ATTEMPTS);
  }

  @Override
  public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
    if (request instanceof Request.Envelope envelope) {
      keep(others, envelope.body());
    }
    return Optional.empty();
  }

  @Override
  public boolean sends(SimulatedNode node, String to, Request request) {
    if (request instanceof Request.Envelope envelope) {
      keep(own, envelope.body());
    }
    return true;
  }

  private static void keep(List<Bytes> kept, Bytes envelope) {
    if (kept.size() == MOST_KEPT) {
      kept.remove(0);
    }
    kept.add(envelope);
  }

  private void attempt(int attemptsLeft) {
    another()
        .ifPresent(
            envelope ->
                stage
                    .others()
                    .forEach(
                        to ->
                            stage
                                .world()
                                .network()
                                .ask(
                                    stage.name(),
                                    to,
                                    new Request.Envelope(envelope),
                                    reply -> {})));
    if (attemptsLeft > 1) {
      stage.later(BETWEEN_ATTEMPTS_MILLIS, () -> attempt(attemptsLeft - 1));
    }
  }

  private Optional<Bytes> another() {
    int kind = chance.below(4);
    if (kind == 0 && !others.isEmpty()) {
      return Optional.of(chance.oneOf(others));
    }
    if (own.isEmpty()) {
      return Optional.empty();
    }
    Bytes truth = chance.oneOf(own);
    return Optional.of(kind == 1 ? truth : relabelled(truth, kind == 2));
  }

  /** Signed anew, under the name of a log of another consortium or incarnation. */
  private Bytes relabelled(Bytes envelope, boolean isOfOtherConsortium) {
    try {
      Envelope truth = Envelope.decode(envelope);
      SignedCheckpoint end = SignedCheckpoint.parse(truth.receive().checkpoint());
      Origin other =
          isOfOtherConsortium
              ? new Origin(
                  Hash.sha256(Bytes.utf8("another consortium").unsafeArray()),
                  end.origin().node(),
                  end.origin().incarnation())
              : new Origin(
                  stage.world().founding().genesis().networkId(),
                  end.origin().node(),
                  end.origin().incarnation() + 1);
      Bytes checkpoint =
          ((CheckpointSigner.Signed)
                  CheckpointSigner.guarding(
                          stage.node().logKey(), other, SigningMark.NOTHING_SIGNED)
                      .sign(end.head()))
              .checkpoint()
              .bytes();
      return new Envelope(
              new ReceiveEntry(checkpoint, truth.receive().sends(), truth.receive().multiproof()),
              truth.epoch(),
              truth.decision(),
              truth.base(),
              truth.consistency(),
              truth.held())
          .encode();
    } catch (DecodeException e) {
      throw new IllegalStateException("an own envelope is malformed", e);
    }
  }
}
