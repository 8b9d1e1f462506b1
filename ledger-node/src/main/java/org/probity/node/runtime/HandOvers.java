package org.probity.node.runtime;

import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.node.http.HandedOver;

/**
 * Clients that have handed over a transaction and wait for what its home node says to that, each
 * for so long. The challenge stays open when they have gone. Thread-safe.
 */
final class HandOvers {
  /** Answers remembered for whoever asks about the same challenge again; the oldest go first. */
  static final int MAX_ANSWERS = 256;

  /** Clients that wait at once; who comes on top of that is told at once that it is asked. */
  static final int MAX_WAITING = 1024;

  private final long patienceMillis;
  private final List<Waiting> waiting = new ArrayList<>();
  private final Map<Hash, HandedOver> answers = new LinkedHashMap<>();

  private record Waiting(ValidChallenge challenge, long sinceElapsed, Promise<HandedOver> promise) {
    HandedOver asked() {
      return HandedOver.asked(challenge.id(), challenge.target().node());
    }
  }

  HandOvers(long patienceMillis) {
    this.patienceMillis = patienceMillis;
  }

  /** Completes with the answer, which may be known, or after the patience without one. */
  synchronized void await(
      ValidChallenge challenge, long elapsedMillis, Promise<HandedOver> promise) {
    HandedOver known = answers.get(challenge.id());
    Waiting one = new Waiting(challenge, elapsedMillis, promise);
    if (known != null) {
      promise.tryComplete(known);
    } else if (waiting.size() >= MAX_WAITING) {
      promise.tryComplete(one.asked());
    } else {
      waiting.add(one);
    }
  }

  /** The home node has answered; of other answers nothing is noted. */
  synchronized void answered(VerifiedAnswer answer) {
    ValidChallenge challenge = answer.challenge();
    if (!(challenge.claim() instanceof Claim.Client)) {
      return;
    }
    HandedOver told =
        new HandedOver(challenge.id(), challenge.target().node(), index(answer), answer.refusal());
    answers.put(challenge.id(), told);
    if (answers.size() > MAX_ANSWERS) {
      answers.remove(answers.keySet().iterator().next());
    }
    waiting.stream()
        .filter(one -> one.challenge().equals(challenge))
        .forEach(one -> one.promise().tryComplete(told));
    waiting.removeIf(one -> one.challenge().equals(challenge));
  }

  private static OptionalLong index(VerifiedAnswer answer) {
    Optional<Entry> logged =
        answer.refusal().isPresent()
            ? Optional.empty()
            : answer.entries().stream().findFirst().map(HandOvers::decoded);
    return logged.isPresent() ? OptionalLong.of(logged.get().index()) : OptionalLong.empty();
  }

  private static Entry decoded(Bytes entry) {
    try {
      return Entry.decode(entry);
    } catch (DecodeException e) {
      throw new IllegalStateException("it was an entry when the answer was judged", e);
    }
  }

  /** Whoever has waited for long enough is told that nothing has come; from time to time. */
  synchronized void giveUp(long elapsedMillis) {
    List<Waiting> over =
        waiting.stream()
            .filter(one -> elapsedMillis - one.sinceElapsed() >= patienceMillis)
            .toList();
    over.forEach(one -> one.promise().tryComplete(one.asked()));
    waiting.removeAll(over);
  }
}
