package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
  static final int MAX_WAITING = 16;

  /** Of them from one peer, as long as what it brings proves something. */
  static final int SHARE_OF_ONE = 2;

  static final int MAX_REMEMBERED = 4096;

  private static final int RETRY_AFTER_SECONDS = 2;

  private final Function<Bytes, Optional<String>> judge;
  private final int shareOfOne;
  private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();

  /** Whose last file proved nothing: one at a time from such a peer. */
  private final Set<String> wrong = ConcurrentHashMap.newKeySet();

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
   * @param shareOfOne files that wait or are judged of one sender; {@link #MAX_WAITING} for
   *     strangers, who have one name together
   * @param judge gives the reason why bytes prove nothing, empty if they prove a fault; the same
   *     bytes have the same answer for ever
   */
  EvidenceIntake(int shareOfOne, Function<Bytes, Optional<String>> judge, ThreadFactory threads) {
    this.shareOfOne = shareOfOne;
    this.judge = judge;
    this.judging =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), threads);
  }

  /**
   * Judges a file; fails with 429 if too many wait already, from this sender or in all.
   *
   * @param from a peer, or one name for all strangers
   */
  Future<PeerReply> take(String from, Bytes file) {
    AtomicInteger mine = underWay.computeIfAbsent(from, any -> new AtomicInteger());
    boolean isWatched = shareOfOne < MAX_WAITING && wrong.contains(from);
    int share = isWatched ? 1 : shareOfOne;
    Promise<PeerReply> promise = Promise.promise();
    if (mine.incrementAndGet() > share) {
      mine.decrementAndGet();
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    try {
      judging.execute(() -> answer(from, mine, file, promise));
    } catch (RejectedExecutionException e) {
      mine.decrementAndGet();
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    return promise.future();
  }

  private void answer(String from, AtomicInteger mine, Bytes file, Promise<PeerReply> promise) {
    try {
      Optional<String> refused = judge(file);
      if (refused.isPresent()) {
        wrong.add(from);
      } else {
        wrong.remove(from);
      }
      // Before the answer: whoever has it may bring the next.
      mine.decrementAndGet();
      promise.complete(refused.map(PeerReply::refused).orElseGet(() -> PeerReply.ok(Bytes.EMPTY)));
    } catch (RuntimeException e) {
      mine.decrementAndGet();
      promise.fail(e);
    }
  }

  private Optional<String> judge(Bytes file) {
    Hash hash = Hash.sha256(file.unsafeArray());
    Optional<String> known = judged.get(hash);
    if (known != null) {
      return known;
    }
    Optional<String> refused = judge.apply(file);
    judged.put(hash, refused);
    return refused;
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
