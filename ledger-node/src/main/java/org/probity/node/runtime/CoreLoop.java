package org.probity.node.runtime;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.node.Commit;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.Durable;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.Node;
import org.probity.detector.node.Published;
import org.probity.detector.node.Step;
import org.probity.node.store.CommitThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single owner of the core. Inputs from anywhere are handled one after the other on one event
 * loop; what they produce is sealed as soon as the disk is free, so that a burst shares one commit
 * and a lone transaction waits for nobody (group commit).
 *
 * <p>A commit that fails, or anything thrown out of the core, stops the node for good: {@code
 * fatal} is told once and every later input is dropped (protocol.md §4.6). What goes wrong while an
 * effect is carried out, such as an answer to a client who has gone, is reported and stops nothing.
 */
final class CoreLoop {
  private static final Logger LOG = LoggerFactory.getLogger(CoreLoop.class);

  private final Executor loop;
  private final CommitStore store;
  private final CommitThread commits;
  private final Consumer<Effect> effects;
  private final Consumer<Published> published;
  private final Fatal fatal;

  /** Told why the core has stopped; on the loop. */
  @FunctionalInterface
  interface Fatal {
    /**
     * The core signs nothing more.
     *
     * @param commitFailed whether a commit was tried and failed, or nobody knows: the disk may have
     *     less, or more, than what is signed. Otherwise the durable end is as good as ever
     */
    void stopped(Throwable cause, boolean commitFailed);
  }

  // Owned by the loop.
  private @Nullable Node node;
  private boolean committing;
  private boolean stopped;
  private @Nullable Runnable whenIdle;

  /**
   * @param loop runs tasks one after the other, in order
   * @param effects carries out what the core wants done; called on the loop, must not block
   * @param published told of every durable end of the log, before its releases leave: who has a
   *     receipt finds what it is for
   * @param fatal told once; twice if a commit fails that was under way when the core stopped
   */
  CoreLoop(
      Executor loop,
      CommitStore store,
      CommitThread commits,
      Consumer<Effect> effects,
      Consumer<Published> published,
      Fatal fatal) {
    this.loop = loop;
    this.store = store;
    this.commits = commits;
    this.effects = effects;
    this.published = published;
    this.fatal = fatal;
  }

  /**
   * The boot gate is open: from here on inputs are handled. What was posted before was refused
   * (protocol.md §11.1). Once; any thread.
   */
  void begin(Node begun) {
    loop.execute(
        () -> {
          node = begun;
          begun.published().ifPresent(now -> outside("publication", () -> published.accept(now)));
        });
  }

  /** Queues one input; any thread. */
  void post(Input input) {
    loop.execute(() -> handle(List.of(input)));
  }

  /** Queues inputs that are to be handled without a seal in between; any thread. */
  void post(List<? extends Input> inputs) {
    loop.execute(() -> handle(inputs));
  }

  /**
   * Runs {@code task} on the loop, where it may look at the core; any thread. Before the core has
   * begun there is nothing to look at, and nothing is run.
   */
  void inspect(Consumer<Node> task) {
    loop.execute(
        () -> {
          Node begun = node;
          if (begun != null) {
            task.accept(begun);
          }
        });
  }

  /** Runs {@code task} on the loop once nothing is left to seal and no commit is under way. */
  void whenIdle(Runnable task) {
    loop.execute(
        () -> {
          whenIdle = task;
          handle(List.of());
        });
  }

  private void handle(List<? extends Input> inputs) {
    guarded(
        () -> {
          Node begun = node;
          for (Input input : inputs) {
            carryOut(begun == null ? Node.beforeGate(input) : begun.step(input));
          }
          sealIfIdle();
        });
  }

  /** Runs what may touch the core, unless it has stopped. */
  private void guarded(Runnable work) {
    if (stopped) {
      return;
    }
    try {
      work.run();
    } catch (Throwable e) {
      // Also an Error: an input that was executed by half must never be signed over.
      stop(e, false);
    }
  }

  private void carryOut(Step step) {
    step.effects()
        .forEach(
            effect -> outside(effect.getClass().getSimpleName(), () -> effects.accept(effect)));
  }

  /** Runs what belongs to the world around the core and cannot damage it. */
  private static void outside(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.error("could not carry out {}", what, e);
    }
  }

  private void sealIfIdle() {
    if (committing || stopped) {
      return;
    }
    Node begun = node;
    Optional<Commit> commit = Optional.empty();
    if (begun != null) {
      Step step = begun.step(new Input.Seal());
      carryOut(step);
      commit = step.commit();
    }
    if (begun != null && commit.isPresent()) {
      committing = true;
      commit(begun, commit.get());
    } else if (whenIdle != null) {
      Runnable task = whenIdle;
      whenIdle = null;
      outside("a task", task);
    }
  }

  private void commit(Node begun, Commit commit) {
    boolean queued =
        commits.submit(
            () -> store.commit(commit),
            (done, failure) -> loop.execute(() -> committed(begun, commit, done, failure)));
    if (!queued) {
      stop(new IllegalStateException("the commit thread takes one commit at a time"), false);
    }
  }

  private void committed(
      Node begun, Commit commit, @Nullable Durable done, @Nullable Throwable failure) {
    if (done == null) {
      stop(failure == null ? new IllegalStateException("no outcome of a commit") : failure, true);
      return;
    }
    if (stopped) {
      return;
    }
    committing = false;
    guarded(
        () -> {
          Step step = begun.step(new Input.CommitDurable(commit, done));
          if (commit.growth().isPresent()) {
            begun.published().ifPresent(now -> outside("publication", () -> published.accept(now)));
          }
          carryOut(step);
          sealIfIdle();
        });
  }

  private void stop(Throwable cause, boolean commitFailed) {
    stopped = true;
    fatal.stopped(cause, commitFailed);
  }
}
