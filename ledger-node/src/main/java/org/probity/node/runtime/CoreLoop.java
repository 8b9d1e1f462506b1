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
import org.probity.detector.node.Release;
import org.probity.detector.node.Step;
import org.probity.node.store.CommitThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single owner of the core. Inputs from anywhere are handled one after the other on one event
 * loop; what they produce is sealed as soon as the disk is free, so that a burst shares one commit
 * and a lone transaction waits for nobody (group commit).
 *
 * <p>The core hears that a commit is durable when it may let others see what is in it: under {@code
 * release: witnessed} that is when enough witnesses have cosigned it ({@link Releases}). As far as
 * the core can tell, the disks of the witnesses are a part of its own. Seats and witnesses see the
 * durable end at once, or nobody could cosign it.
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
  private final Consumer<Published> durable;
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
  private final Releases releases;

  /** Entries that are durable. */
  private long stored;

  /** Entries that the core takes for durable: those that its effects may rest on. */
  private long told;

  private boolean committing;
  private boolean stopped;
  private @Nullable Runnable whenIdle;

  /**
   * @param loop runs tasks one after the other, in order
   * @param effects carries out what the core wants done; called on the loop, must not block
   * @param releases what waits for witnesses
   * @param durable told of every durable end of the log
   * @param published told of it when others may see it, before its releases leave: who has a
   *     receipt finds what it is for
   * @param fatal told once; twice if a commit fails that was under way when the core stopped
   */
  CoreLoop(
      Executor loop,
      CommitStore store,
      CommitThread commits,
      Consumer<Effect> effects,
      Releases releases,
      Consumer<Published> durable,
      Consumer<Published> published,
      Fatal fatal) {
    this.loop = loop;
    this.store = store;
    this.commits = commits;
    this.effects = effects;
    this.releases = releases;
    this.durable = durable;
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
          begun.published().ifPresent(this::beginAt);
        });
  }

  /**
   * What was not released before a stop is released now: once witnesses have cosigned the end that
   * was found on the disk, since nobody knows whether they had.
   */
  private void beginAt(Published end) {
    stored = end.size();
    told = end.size();
    outside("a durable end", () -> durable.accept(end));
    releases.at(told, () -> outside("publication", () -> published.accept(end)));
  }

  /** SPEC protocol.md §11.4: so many entries are witnessed; any thread. */
  void witnessed(long size) {
    loop.execute(
        () ->
            guarded(
                () -> {
                  releases.witnessed(size);
                  sealIfIdle();
                }));
  }

  /** It must not sign any more, for a reason of which the core knows nothing; any thread. */
  void halt(RuntimeException why) {
    loop.execute(
        () ->
            guarded(
                () -> {
                  throw why;
                }));
  }

  /** Runs {@code task} on the loop once others may see all that is durable now; any thread. */
  void whenReleased(Runnable task) {
    loop.execute(() -> releases.at(stored, () -> outside("a task", task)));
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
    step.effects().forEach(this::carryOut);
  }

  /**
   * SPEC protocol.md §11.4: what promises anything about the own log waits. As a rule the core has
   * made it of what is witnessed; of what it has found at its start that is not known yet.
   */
  private void carryOut(Effect effect) {
    Runnable work = () -> outside(effect.getClass().getSimpleName(), () -> effects.accept(effect));
    if (effect instanceof Release || effect instanceof Effect.Transmit) {
      releases.at(told, work);
    } else if (!(effect instanceof Effect.Raise) || releases.isOpen(told)) {
      // A challenge that is not raised is asked for again.
      work.run();
    }
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
          Optional<Published> grown = commit.published(done);
          grown.ifPresent(now -> stored = now.size());
          grown.ifPresent(now -> outside("a durable end", () -> durable.accept(now)));
          long size = stored;
          releases.at(size, () -> release(begun, commit, done, size));
          sealIfIdle();
        });
  }

  /** Others may see it. */
  private void release(Node begun, Commit commit, Durable done, long size) {
    Step step = begun.step(new Input.CommitDurable(commit, done));
    told = size;
    commit.published(done).ifPresent(now -> outside("publication", () -> published.accept(now)));
    carryOut(step);
  }

  private void stop(Throwable cause, boolean commitFailed) {
    stopped = true;
    fatal.stopped(cause, commitFailed);
  }
}
