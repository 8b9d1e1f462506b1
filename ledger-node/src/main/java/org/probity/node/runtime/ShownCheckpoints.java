package org.probity.node.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.SignedNote;

/**
 * Checkpoints of one log that anybody has shown and that are to be compared with its copy: one is
 * compared at a time, the same one once, and of more than {@value #MAX_WAITING} that wait the
 * newest are kept. Whoever shows them costs the copy's thread no more than that, however often.
 * Thread-safe.
 */
final class ShownCheckpoints {
  /** Different ones that wait while one is compared. */
  static final int MAX_WAITING = 8;

  /** Compared ones that are known again. */
  static final int REMEMBERED = 64;

  private final Function<SignedNote, CompletableFuture<Void>> compare;

  /** By text, in the order of arrival: an Ed25519 signature is no identity. */
  private final Map<Bytes, SignedNote> waiting = new LinkedHashMap<>();

  private final Deque<Bytes> compared = new ArrayDeque<>();
  private boolean isBusy;

  /**
   * @param compare on whatever thread; completes when it is done
   */
  ShownCheckpoints(Function<SignedNote, CompletableFuture<Void>> compare) {
    this.compare = compare;
  }

  /** Compares it, now or when it is its turn, unless it was. */
  void show(SignedNote checkpoint) {
    synchronized (this) {
      Bytes text = checkpoint.textBytes();
      if (compared.contains(text)) {
        return;
      }
      waiting.remove(text);
      waiting.put(text, checkpoint);
      if (waiting.size() > MAX_WAITING) {
        waiting.remove(waiting.keySet().iterator().next());
      }
      if (isBusy) {
        return;
      }
      isBusy = true;
    }
    next();
  }

  private void next() {
    SignedNote checkpoint;
    synchronized (this) {
      if (waiting.isEmpty()) {
        isBusy = false;
        return;
      }
      checkpoint = waiting.remove(waiting.keySet().iterator().next());
      compared.addLast(checkpoint.textBytes());
      if (compared.size() > REMEMBERED) {
        compared.removeFirst();
      }
    }
    CompletableFuture<Void> done;
    try {
      done = compare.apply(checkpoint);
    } catch (RuntimeException e) {
      done = CompletableFuture.failedFuture(e);
    }
    @SuppressWarnings("unused")
    var unused = done.whenComplete((nothing, failure) -> over(checkpoint, failure != null));
  }

  private void over(SignedNote checkpoint, boolean hasFailed) {
    if (hasFailed) {
      synchronized (this) {
        // Not compared after all: whoever shows it again is heard.
        compared.remove(checkpoint.textBytes());
      }
    }
    next();
  }
}
