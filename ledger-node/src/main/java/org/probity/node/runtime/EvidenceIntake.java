package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.PeerReply;
import org.probity.node.http.Problems;

/**
 * Files that others say are evidence, judged one after the other on a thread of their own: a flood
 * of them holds up neither transactions nor the findings of this node. A file whose bytes were
 * judged before is answered without judging it again. Thread-safe.
 */
final class EvidenceIntake implements AutoCloseable {
  /** Files that wait; each may have the largest size there is for one. */
  static final int MAX_WAITING = 8;

  static final int MAX_REMEMBERED = 4096;

  private static final int RETRY_AFTER_SECONDS = 2;

  private final Function<Bytes, Optional<String>> judge;
  private final ThreadPoolExecutor judging;

  /** Confined to the judging thread. */
  private final Map<Hash, Optional<String>> judged =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash, Optional<String>> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /**
   * @param judge gives the reason why bytes prove nothing, empty if they prove a fault; the same
   *     bytes have the same answer for ever
   */
  EvidenceIntake(Function<Bytes, Optional<String>> judge, ThreadFactory threads) {
    this.judge = judge;
    this.judging =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), threads);
  }

  /** Judges a file; fails with 429 if too many wait already. */
  Future<PeerReply> take(Bytes file) {
    Promise<PeerReply> promise = Promise.promise();
    try {
      judging.execute(() -> answer(file, promise));
    } catch (RejectedExecutionException e) {
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    return promise.future();
  }

  private void answer(Bytes file, Promise<PeerReply> promise) {
    try {
      Hash hash = Hash.sha256(file.unsafeArray());
      Optional<String> refused = judged.get(hash);
      if (refused == null) {
        refused = judge.apply(file);
        judged.put(hash, refused);
      }
      promise.complete(refused.map(PeerReply::refused).orElseGet(() -> PeerReply.ok(Bytes.EMPTY)));
    } catch (RuntimeException e) {
      promise.fail(e);
    }
  }

  /** Files that wait to be judged. */
  int waiting() {
    return judging.getQueue().size();
  }

  /** What still waits is not judged. */
  @Override
  public void close() {
    judging.shutdownNow();
  }
}
