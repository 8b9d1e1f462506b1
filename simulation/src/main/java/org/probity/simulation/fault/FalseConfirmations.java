package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * Says to whoever asks for entries of a friend's log that it has them, and has not; or hands over
 * what true witnesses have said of an older part of that log.
 */
final class FalseConfirmations implements Behaviour {
  private static final double OLD_SHARE = 0.5;

  private final Stage stage;
  private final List<Bytes> old;

  private FalseConfirmations(Stage stage, List<Bytes> old) {
    this.stage = stage;
    this.old = old;
  }

  /** The log is withheld, and those who help say that they have it. */
  static void withheldLog(Stage stage) {
    // With the help of others as well there would be more liars than are tolerated.
    if (stage.culprit().wears(FalseConfirmations.class)) {
      return;
    }
    List<Bytes> old = new ArrayList<>();
    for (String accomplice : stage.accomplices()) {
      stage.culprit(accomplice).puts(new Accomplice(stage.name(), false));
      stage.culprit(accomplice).puts(new FalseConfirmations(stage, old));
      for (String witness : stage.correctWitnesses()) {
        stage.holding(witness).ifPresent(held -> collect(stage, accomplice, witness, held, old));
      }
    }
    Silences.withheldLog(stage, new FalseConfirmations(stage, old));
  }

  /** A witness is asked for what it has, so that it says so. */
  private static void collect(
      Stage stage, String accomplice, String witness, SignedCheckpoint held, List<Bytes> old) {
    Bytes challenge =
        new Challenge(
                new Challenge.Target(held.origin().node(), held.origin().incarnation()),
                accomplice,
                new Challenge.Audit(held.bytes(), held.size() - 1, 1))
            .sign(
                stage.world().founding().genesis().networkId(),
                stage.world().host(accomplice).process().logKey())
            .encoded();
    stage
        .world()
        .network()
        .ask(
            accomplice,
            witness,
            new Request.Challenged(challenge),
            reply ->
                reply
                    .filter(Reply.Confirmed.class::isInstance)
                    .ifPresent(said -> old.add(((Reply.Confirmed) said).confirmation())));
  }

  @Override
  public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
    return request instanceof Request.Challenged challenged
        ? asked(challenged.body()).map(checkpoint -> said(node, checkpoint))
        : Optional.empty();
  }

  private Reply said(SimulatedNode node, SignedCheckpoint asked) {
    return new Reply.Confirmed(
        !old.isEmpty() && stage.chance().happens(OLD_SHARE)
            ? stage.chance().oneOf(old)
            : new Confirmation(node.cosigned(asked), List.of()).encode());
  }

  /** The checkpoint of a friend's log that entries are asked for under. */
  private Optional<SignedCheckpoint> asked(Bytes statement) {
    return FalseAnswers.body(stage.world().founding().genesis(), statement)
        .filter(Challenge.Audit.class::isInstance)
        .flatMap(audit -> FalseAnswers.checkpoint(((Challenge.Audit) audit).checkpoint()))
        .filter(checkpoint -> checkpoint.origin().node().equals(stage.name()));
  }
}
