package org.probity.node.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that commits: LMDB binds a write transaction to its thread, and an fsync must not
 * block the event loop (protocol.md §4.6).
 *
 * <p>Commits run in the order in which they were submitted. The queue is bounded: {@link #submit}
 * refuses when it is full, and the core stops taking inputs. Completion callbacks run on this
 * thread, in order; hop to the event loop inside them. After a commit failed, everything queued
 * behind it fails with the same exception without having been tried: a later batch builds on the
 * one that is lost.
 */
public final class CommitThread implements AutoCloseable {

  /** Told once per submitted commit: exactly one of the arguments is null. */
  public interface Completion<T> {
    void done(@Nullable T result, @Nullable Throwable failure);
  }

  private final int capacity;
  private final Consumer<Duration> took;
  private final Thread thread;
  private final Queue<Task<?>> queue = new ArrayDeque<>();
  private boolean closing;

  private CommitThread(String name, int capacity, Consumer<Duration> took) {
    this.capacity = capacity;
    this.took = took;
    this.thread = new Thread(this::run, name);
    // Not a daemon: a queued commit is finished before the process goes.
    this.thread.setDaemon(false);
  }

  /**
   * Starts the thread.
   *
   * @param capacity commits that may wait; beyond it {@link #submit} refuses
   */
  public static CommitThread start(String name, int capacity) {
    return start(name, capacity, duration -> {});
  }

  /**
   * The same.
   *
   * @param took told how long each commit took, failed or not, on the thread; must not throw
   */
  public static CommitThread start(String name, int capacity, Consumer<Duration> took) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a queue of " + capacity);
    }
    CommitThread started = new CommitThread(name, capacity, took);
    started.thread.start();
    return started;
  }

  private record Task<T>(Callable<T> commit, Completion<? super T> completion) {
    /** Runs the commit, unless an earlier one failed, and tells; returns the failure in force. */
    @Nullable Throwable run(@Nullable Throwable earlier, Consumer<Duration> took) {
      T result = null;
      Throwable failure = earlier;
      if (failure == null) {
        long startNanos = System.nanoTime();
        try {
          result = commit.call();
        } catch (Throwable e) {
          // Also an Error: whether the commit happened is unknown, so nothing may follow it.
          failure = e;
        }
        took.accept(Duration.ofNanos(System.nanoTime() - startNanos));
      }
      try {
        completion.done(failure == null ? result : null, failure);
      } catch (RuntimeException e) {
        // The commit stands; a broken listener is reported and does not stop the next one.
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, e);
      }
      return failure;
    }
  }

  /**
   * Queues a commit.
   *
   * @return false when the queue is full: nothing was queued, the completion will not be told
   * @throws IllegalStateException after {@link #close}
   */
  public synchronized <T> boolean submit(Callable<T> commit, Completion<? super T> completion) {
    if (closing) {
      throw new IllegalStateException("the commit thread has been closed");
    }
    if (queue.size() >= capacity) {
      return false;
    }
    queue.add(new Task<>(commit, completion));
    notifyAll();
    return true;
  }

  /** Commits waiting, the running one not counted. For the queue-depth metric. */
  public synchronized int depth() {
    return queue.size();
  }

  public int capacity() {
    return capacity;
  }

  private void run() {
    Throwable failure = null;
    for (Task<?> task = next(); task != null; task = next()) {
      failure = task.run(failure, took);
    }
  }

  private synchronized @Nullable Task<?> next() {
    while (queue.isEmpty() && !closing) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Nobody stops this thread but close(). Swallowed, not restored: file channels close under
        // an interrupted thread, and that would turn a stray interrupt into a failed commit.
      }
    }
    return queue.poll();
  }

  /** Finishes what is queued, then stops the thread and waits for it. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
