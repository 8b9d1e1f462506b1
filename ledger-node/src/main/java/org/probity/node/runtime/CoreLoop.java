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

/**
 * The single owner of the core. Inputs from anywhere are handled one after the other on one event
 * loop; what they produce is sealed as soon as the disk is free, so that a burst shares one commit
 * and a lone transaction waits for nobody (group commit).
 *
 * <p>A commit that fails, or an exception out of the core, stops the node for good: {@code fatal}
 * is told once and every later input is dropped (protocol.md §4.6).
 */
final class CoreLoop {
  private final Executor loop;
  private final Node node;
  private final CommitStore store;
  private final CommitThread commits;
  private final Consumer<Effect> effects;
  private final Consumer<Published> published;
  private final Consumer<Throwable> fatal;

  // Owned by the loop.
  private boolean committing;
  private boolean stopped;
  private @Nullable Runnable whenIdle;

  /**
   * @param loop runs tasks one after the other, in order
   * @param effects carries out what the core wants done; called on the loop, must not block
   * @param published told of every durable end of the log, after its releases
   * @param fatal told once, on the loop
   */
  CoreLoop(
      Executor loop,
      Node node,
      CommitStore store,
      CommitThread commits,
      Consumer<Effect> effects,
      Consumer<Published> published,
      Consumer<Throwable> fatal) {
    this.loop = loop;
    this.node = node;
    this.store = store;
    this.commits = commits;
    this.effects = effects;
    this.published = published;
    this.fatal = fatal;
  }

  /** Queues one input; any thread. */
  void post(Input input) {
    loop.execute(() -> handle(List.of(input)));
  }

  /** Queues inputs that are to be handled without a seal in between; any thread. */
  void post(List<? extends Input> inputs) {
    loop.execute(() -> handle(inputs));
  }

  /** Runs {@code task} on the loop, where it may look at the core; any thread. */
  void inspect(Consumer<Node> task) {
    loop.execute(() -> task.accept(node));
  }

  /** Runs {@code task} on the loop once nothing is left to seal and no commit is under way. */
  void whenIdle(Runnable task) {
    loop.execute(
        () -> {
          whenIdle = task;
          sealIfIdle();
        });
  }

  private void handle(List<? extends Input> inputs) {
    if (stopped) {
      return;
    }
    try {
      for (Input input : inputs) {
        carryOut(node.step(input));
      }
      sealIfIdle();
    } catch (RuntimeException e) {
      stop(e);
    }
  }

  private void carryOut(Step step) {
    step.effects().forEach(effects);
  }

  private void sealIfIdle() {
    if (committing || stopped) {
      return;
    }
    Step step = node.step(new Input.Seal());
    carryOut(step);
    Optional<Commit> commit = step.commit();
    if (commit.isPresent()) {
      committing = true;
      commit(commit.get());
    } else if (whenIdle != null) {
      Runnable task = whenIdle;
      whenIdle = null;
      task.run();
    }
  }

  private void commit(Commit commit) {
    boolean queued =
        commits.submit(
            () -> store.commit(commit),
            (done, failure) -> loop.execute(() -> committed(commit, done, failure)));
    if (!queued) {
      stop(new IllegalStateException("the commit thread takes one commit at a time"));
    }
  }

  private void committed(Commit commit, @Nullable Durable done, @Nullable Throwable failure) {
    if (stopped) {
      return;
    }
    if (done == null) {
      stop(failure == null ? new IllegalStateException("no outcome of a commit") : failure);
      return;
    }
    committing = false;
    handle(List.of(new Input.CommitDurable(commit, done)));
    node.published().ifPresent(published);
  }

  private void stop(Throwable cause) {
    stopped = true;
    fatal.accept(cause);
  }
}
