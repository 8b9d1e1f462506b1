package org.probity.simulation.fault;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * To whoever asks for the log by a challenge, now and then the first entry of what is asked for:
 * true, and less than an answer has to have (protocol.md §7.1).
 */
final class Trickle implements Behaviour {
  /** Less than anybody is waited for. */
  private static final long PART_MILLIS = 1_500;

  private final Stage stage;
  private final Map<String, Long> givenMillis = new TreeMap<>();

  Trickle(Stage stage) {
    this.stage = stage;
  }

  @Override
  public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
    if (!(request instanceof Request.Challenged challenged)) {
      return Optional.empty();
    }
    long now = stage.world().timeline().nowMillis();
    long last = givenMillis.getOrDefault(from, -PART_MILLIS);
    if (now - last < PART_MILLIS) {
      return Optional.of(SILENT);
    }
    Optional<Reply> part =
        FalseAnswers.body(stage.world().founding().genesis(), challenged.body())
            .filter(Challenge.Audit.class::isInstance)
            .map(Challenge.Audit.class::cast)
            .flatMap(asked -> first(node.disk().log(), asked));
    part.ifPresent(given -> givenMillis.put(from, now));
    return Optional.of(part.orElse(SILENT));
  }

  private static Optional<Reply> first(StoredEntries log, Challenge.Audit asked) {
    Optional<SignedCheckpoint> end = FalseAnswers.checkpoint(asked.checkpoint());
    return end.filter(it -> it.size() <= log.size() && asked.from() < it.size())
        .map(it -> FalseAnswers.produced(log, it, asked.from(), asked.from() + 1))
        .map(Reply.Ok::new);
  }
}
