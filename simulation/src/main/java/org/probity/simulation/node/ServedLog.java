package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.probity.detector.log.SignedCheckpoint;
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
    if (follow.incarnation() != owner.machine().self().incarnation()) {
      answer.accept(new Reply.Refused("other_incarnation"));
      return;
    }
    Optional<Reply> now = owner.published().flatMap(end -> part(follow.from(), end));
    if (now.isPresent()) {
      answer.accept(now.get());
    } else {
      followers.add(new Waiting(follow.from(), answer));
    }
  }

  private Optional<Reply> part(long from, Published end) {
    return from >= end.size()
        ? Optional.empty()
        : Optional.of(part(owner.disk().log(), end.checkpoint(), from));
  }

  /** What a checkpoint is over, from an entry on. */
  static Reply part(StoredEntries log, SignedCheckpoint end, long from) {
    long first = Math.min(from, end.size());
    return new Reply.LogPart(end.bytes(), log.range(first, end.size()));
  }

  /** The own log, if that is what is asked for. */
  Optional<Reply> copy(Request.Copy asked) {
    return asked.log().equals(owner.machine().origin())
        ? owner.published().map(end -> part(owner.disk().log(), end.checkpoint(), asked.from()))
        : Optional.empty();
  }

  void publish(Published now) {
    List<Waiting> waiting = List.copyOf(followers);
    followers.clear();
    waiting.forEach(one -> part(one.from(), now).ifPresent(one.answer()));
  }
}
