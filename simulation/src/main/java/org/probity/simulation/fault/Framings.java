package org.probity.simulation.fault;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.probity.detector.log.UnreadableLogException;
import org.probity.simulation.oracle.Violation.Promise;
import org.probity.simulation.world.Request;

/**
 * Attempts to have a correct node exposed, or suspected for good, out of true artefacts in which
 * one thing is not as it was: nothing must come of any of them.
 */
final class Framings {
  private static final int ATTEMPTS = 60;
  private static final long BETWEEN_ATTEMPTS_MILLIS = 150;

  private Framings() {}

  static void mutation(Stage stage) {
    attempts(stage, Forger::mutated);
  }

  static void splicing(Stage stage) {
    attempts(stage, Forger::spliced);
  }

  static void relabelling(Stage stage) {
    attempts(stage, Forger::relabelled);
  }

  /** Whoever takes other bytes for the same thing counts it twice. */
  static void reencoding(Stage stage) {
    attempts(
        stage,
        forger -> {
          Optional<Request> other = forger.reencoded();
          other
              .filter(forger::isTaken)
              .ifPresent(
                  taken ->
                      stage
                          .watch()
                          .violated(
                              Promise.C2,
                              stage.name(),
                              "what it tells is taken in other bytes: "
                                  + taken.getClass().getSimpleName()));
          return other;
        });
  }

  static void falseChallenges(Stage stage) {
    attempts(stage, Forger::challenging);
  }

  private static void attempts(Stage stage, Function<Forger, Optional<Request>> art) {
    stage.done(Expectation.UNPROVABLE);
    attempt(stage, art, ATTEMPTS);
  }

  /** Nothing if the disk it would be taken from does not read. */
  private static Optional<Request> artefact(
      Function<Forger, Optional<Request>> art, Forger forger) {
    try {
      return art.apply(forger);
    } catch (UnreadableLogException e) {
      return Optional.empty();
    }
  }

  private static void attempt(
      Stage stage, Function<Forger, Optional<Request>> art, int attemptsLeft) {
    List<String> targets = stage.correctOthers();
    if (targets.isEmpty()) {
      return;
    }
    Forger forger = new Forger(stage, stage.chance().oneOf(targets));
    artefact(art, forger)
        .ifPresent(
            request ->
                stage
                    .others()
                    .forEach(
                        to -> stage.world().network().ask(stage.name(), to, request, reply -> {})));
    if (attemptsLeft > 1) {
      stage.later(BETWEEN_ATTEMPTS_MILLIS, () -> attempt(stage, art, attemptsLeft - 1));
    }
  }
}
