package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.probity.detector.node.Published;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** The own log, for those who follow it. */
final class ServedLog {
  private final SimulatedNode owner;
  private final List<Waiting> followers = new ArrayList<>();

  /** Somebody who waits for the log to grow. */
  private record Waiting(long from, Consumer<Reply> answer) {}

  ServedLog(SimulatedNode owner) {
    this.owner = owner;
  }

  /** Those who wait are not answered. */
  void drop() {
    followers.clear();
  }

  void followed(Request.Follow follow, Consumer<Reply> answer) {
    Optional<Reply> now = owner.core().published().flatMap(end -> part(follow.from(), end));
    if (now.isPresent()) {
      answer.accept(now.get());
    } else {
      followers.add(new Waiting(follow.from(), answer));
    }
  }

  private Optional<Reply> part(long from, Published end) {
    if (from >= end.size()) {
      return Optional.empty();
    }
    return Optional.of(
        new Reply.LogPart(end.checkpoint().bytes(), owner.disk().log().range(from, end.size())));
  }

  void publish(Published now) {
    List<Waiting> waiting = List.copyOf(followers);
    followers.clear();
    waiting.forEach(one -> part(one.from(), now).ifPresent(one.answer()));
  }
}
