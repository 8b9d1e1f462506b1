package org.probity.node.runtime;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.SignedNote;
import org.probity.node.http.PublishedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the own checkpoints cosigned (protocol.md §6.6, §10): shows one to all witnesses until {@code
 * q} members have cosigned it, then the newest one there is by then, at most one per {@link #tick}.
 *
 * <p>One checkpoint at a time, because {@code q} cosignatures count when they are under the same
 * one: witnesses of different speed that were each shown the newest might never meet. One that goes
 * on failing is asked less and less often. It is replaced early when fewer than {@code q} can still
 * sign it, since a witness that was shown a later one by somebody else does not go back.
 *
 * <p>Where releases wait for cosignatures (protocol.md §11.4, {@link #releasing}) the next
 * checkpoint is shown as soon as one is witnessed and the log has grown, so rounds follow the load:
 * what is logged during one round shares the next. Foreign witnesses are asked and not waited for,
 * and nobody who is needed is left alone for longer than {@value #RELEASING_BACKOFF_MILLIS} ms.
 *
 * <p>Whose cosignatures are asked for, and how many make a quorum, can change at any time, both at
 * once: a checkpoint is never witnessed by seats of two epochs together. What was witnessed by the
 * seats before stays, and is served, until something is witnessed by the seats in force. While the
 * log has come to other seats than are known here, nobody is asked: a node that is put back to just
 * behind a decision asks the seats that it made, and not those before (protocol.md §11.1).
 *
 * <p>What has come is kept in memory only. After a restart the first round brings it back: a
 * witness cosigns the head that it holds as often as it is asked.
 *
 * <p>Everything but the answers to questions happens on {@code worker}, one task at a time.
 */
final class CosignDesk {
  private static final Logger LOG = LoggerFactory.getLogger(CosignDesk.class);

  static final long LAST_BACKOFF_MILLIS = 60_000;

  /** The longest pause between two questions to a witness while releases wait for it. */
  static final long RELEASING_BACKOFF_MILLIS = 1_000;

  /** Beyond the members' quorum, foreign witnesses are waited for that many intervals. */
  static final int FOREIGN_INTERVALS = 5;

  /** Another base per answer; a witness that goes on correcting itself has to wait. */
  private static final int MAX_CORRECTIONS = 3;

  /**
   * Somebody who cosigns.
   *
   * @param name for people
   * @param isMember whether it counts towards the consortium's quorum
   * @param submit hands it a request; nothing of the answer is believed
   */
  record Witness(
      String name,
      NoteVerifierKey key,
      boolean isMember,
      Function<Bytes, Future<AddCheckpointResponse>> submit) {}

  private final Supplier<Optional<PublishedLog>> newest;
  private List<Seat> seats;
  private int quorum;
  private BooleanSupplier areInForce;
  private final Predicate<SignedNote> foreignQuorum;
  private final long intervalMillis;
  private final LongSupplier elapsedMillis;
  private final Executor worker;
  private final SignatureRule rule = SignatureRule.fastest();
  private @Nullable Target target;
  private volatile @Nullable PublishedLog witnessed;
  private volatile long witnessedAtMillis;
  private volatile @Nullable Missing missing;
  private final Set<String> unwilling = ConcurrentHashMap.newKeySet();

  /** Told how long the log is witnessed; null while nothing waits for that. */
  private volatile @Nullable LongConsumer released;

  /**
   * @param newest the own log up to its newest durable checkpoint
   * @param quorum cosignatures of distinct members that make a checkpoint <i>witnessed</i>
   * @param areInForce whether these are the seats that the newest checkpoint has led to
   * @param foreignQuorum whether a note has the foreign cosignatures that are asked for
   */
  CosignDesk(
      Supplier<Optional<PublishedLog>> newest,
      List<Witness> witnesses,
      int quorum,
      BooleanSupplier areInForce,
      Predicate<SignedNote> foreignQuorum,
      Duration interval,
      LongSupplier elapsedMillis,
      Executor worker) {
    this.newest = newest;
    this.seats = witnesses.stream().map(Seat::new).toList();
    this.quorum = quorum;
    this.areInForce = areInForce;
    this.foreignQuorum = foreignQuorum;
    this.intervalMillis = interval.toMillis();
    this.elapsedMillis = elapsedMillis;
    this.worker = worker;
    this.witnessedAtMillis = elapsedMillis.getAsLong();
  }

  /**
   * Whose cosignatures are asked for from now on, and how many of members are enough.
   *
   * @param stillInForce whether these are the seats that the newest checkpoint has led to
   */
  void seated(List<Witness> witnesses, int members, BooleanSupplier stillInForce) {
    onWorker(
        () -> {
          List<Seat> before = seats;
          seats = witnesses.stream().map(witness -> seat(witness, before)).toList();
          quorum = members;
          areInForce = stillInForce;
          round();
        });
  }

  /** Who keeps a seat goes on where it was. */
  private Seat seat(Witness witness, List<Seat> before) {
    return before.stream()
        .filter(seat -> seat.witness.key().equals(witness.key()))
        .filter(seat -> seat.isMember() == witness.isMember())
        .findFirst()
        .orElseGet(() -> new Seat(witness));
  }

  /**
   * From now on releases wait for what is witnessed; before the first {@link #tick}.
   *
   * @param size told how many entries are witnessed; on the worker
   */
  void releasing(LongConsumer size) {
    released = size;
  }

  /** The log has grown. Any thread. */
  void grown() {
    if (released != null) {
      tick();
    }
  }

  /**
   * What the checkpoint that is shown lacks.
   *
   * @param size of the log under it
   * @param needed so many more members have to cosign it
   * @param notYet those who have not, by name
   * @param sinceMillis when it was first shown, by the desk's clock
   */
  record Missing(long size, int needed, List<String> notYet, long sinceMillis) {}

  /** Whose cosignatures the log waits for now; empty if it is witnessed to its end. Any thread. */
  Optional<Missing> missing() {
    return unwitnessed() == 0 ? Optional.empty() : Optional.ofNullable(missing);
  }

  /** The own log up to the newest checkpoint that is witnessed, with its cosignatures. */
  Optional<PublishedLog> witnessed() {
    return Optional.ofNullable(witnessed);
  }

  /** Durable own entries beyond it: what is not witnessed yet. Any thread. */
  long unwitnessed() {
    PublishedLog covered = witnessed;
    long all = newest.get().map(PublishedLog::size).orElse(0L);
    return Math.max(0, all - (covered == null ? 0 : covered.size()));
  }

  /**
   * Whether this witness, by its name, has failed to cosign at least twice in a row. Any thread.
   */
  boolean isUnwilling(String witness) {
    return unwilling.contains(witness);
  }

  /** Since the newest witnessed checkpoint became that, or since the start. */
  Duration age() {
    return Duration.ofMillis(elapsedMillis.getAsLong() - witnessedAtMillis);
  }

  /** Goes on, once per interval. Any thread. */
  void tick() {
    onWorker(this::round);
  }

  private void onWorker(Runnable task) {
    try {
      worker.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              // The own disk, or our bug; the next round tries again.
              LOG.error("own checkpoints cannot be cosigned now", e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("the node stops");
    }
  }

  private void round() {
    // First the log, then the seats: those that it has led to are never newer than what is asked.
    Optional<PublishedLog> now = newest.get();
    if (now.isEmpty() || !areInForce.getAsBoolean()) {
      return;
    }
    settle();
    // Who has lost its seat is not waited for.
    unwilling.retainAll(seats.stream().map(seat -> seat.witness.name()).toList());
    Target current = target;
    if (current == null || (now.get().size() > current.size() && isOver(current))) {
      current = new Target(now.get(), elapsedMillis.getAsLong());
      target = current;
    }
    for (Seat seat : seats) {
      if (seat.isToBeAsked(current)) {
        seat.ask(current);
      }
    }
    note(current);
  }

  private void note(Target current) {
    List<Seat> members = seats.stream().filter(Seat::isMember).toList();
    List<String> notYet =
        members.stream().filter(it -> !it.signed(current)).map(it -> it.witness.name()).toList();
    int needed = quorum - members.size() + notYet.size();
    missing = new Missing(current.size(), Math.max(0, needed), notYet, current.sinceMillis);
  }

  /** Whether there is nothing more to be had of it. */
  private boolean isOver(Target current) {
    return isEnough(current)
        || seats.stream().filter(Seat::isMember).filter(seat -> seat.canSign(current)).count()
            < quorum;
  }

  private boolean isEnough(Target current) {
    long waited = elapsedMillis.getAsLong() - current.sinceMillis;
    return isWitnessed(current)
        && (released != null
            || waited >= FOREIGN_INTERVALS * intervalMillis
            || foreignQuorum.test(current.note()));
  }

  private boolean isWitnessed(Target current) {
    return seats.stream().filter(Seat::isMember).filter(seat -> seat.signed(current)).count()
        >= quorum;
  }

  /** SPEC protocol.md §10: witnessed is what has q cosignatures. */
  private void settle() {
    Target current = target;
    if (current == null || !isEnough(current)) {
      return;
    }
    PublishedLog before = witnessed;
    boolean isNews = false;
    if (before == null || before.size() < current.size()) {
      witnessedAtMillis = elapsedMillis.getAsLong();
      isNews = true;
    }
    witnessed = new PublishedLog(current.log.head(), current.note(), current.log.entries());
    LongConsumer waiting = released;
    if (waiting != null && isNews) {
      waiting.accept(current.size());
    }
  }

  /** The checkpoint that is shown now. */
  private final class Target {
    private final PublishedLog log;
    private final long sinceMillis;

    Target(PublishedLog log, long sinceMillis) {
      this.log = log;
      this.sinceMillis = sinceMillis;
    }

    long size() {
      return log.size();
    }

    /** With the cosignatures that have come. */
    SignedNote note() {
      List<NoteSignature> lines = new ArrayList<>();
      for (Seat seat : seats) {
        if (seat.signed(this) && seat.line != null) {
          lines.add(seat.line);
        }
      }
      return lines.isEmpty() ? log.note() : log.note().with(lines);
    }
  }

  /** A witness and how it stands. */
  private final class Seat {
    private final Witness witness;

    /** What it has cosigned last, as far as it has told. */
    private long heldSize;

    private boolean busy;
    private int corrections;
    private int failures;
    private long notBeforeMillis;
    private String trouble = "";
    private @Nullable Target signedTarget;
    private @Nullable NoteSignature line;

    Seat(Witness witness) {
      this.witness = witness;
    }

    boolean isMember() {
      return witness.isMember();
    }

    boolean signed(Target current) {
      return signedTarget == current;
    }

    boolean canSign(Target current) {
      return signed(current) || heldSize <= current.size();
    }

    boolean isToBeAsked(Target current) {
      return !busy
          && !signed(current)
          && canSign(current)
          && elapsedMillis.getAsLong() >= notBeforeMillis;
    }

    void ask(Target current) {
      long old = heldSize;
      List<Hash> proof =
          old == 0 || old == current.size()
              ? List.of()
              : MerkleProofs.consistency(current.log.entries(), old, current.size());
      Bytes request = new AddCheckpointRequest(old, proof, current.log.note()).format();
      busy = true;
      Future<AddCheckpointResponse> answer;
      try {
        answer = witness.submit().apply(request);
      } catch (RuntimeException e) {
        answer = Future.failedFuture(e);
      }
      answer.onComplete(done -> onWorker(() -> answered(current, old, done)));
    }

    private void answered(Target asked, long old, AsyncResult<AddCheckpointResponse> done) {
      busy = false;
      if (!seats.contains(this)) {
        return;
      }
      if (done.failed()) {
        failed(String.valueOf(done.cause().getMessage()));
      } else if (done.result() instanceof AddCheckpointResponse.Cosigned cosigned) {
        cosigned(asked, cosigned.lines());
      } else if (done.result() instanceof AddCheckpointResponse.WrongOldSize wrong) {
        corrected(asked, old, wrong.heldSize());
      } else if (done.result() instanceof AddCheckpointResponse.Inconsistent) {
        failed("it holds another history of this log, or its copy is damaged");
      } else {
        failed("it answers " + done.result().status());
      }
      if (released != null) {
        round();
      }
    }

    /** A line counts when this witness's key has made it, whatever the witness says. */
    private void cosigned(Target asked, List<NoteSignature> lines) {
      Optional<NoteSignature> valid =
          lines.stream()
              .filter(it -> witness.key().accepts(rule, asked.log.note().textBytes(), it))
              .findFirst();
      if (valid.isEmpty()) {
        failed("what it calls a cosignature is none of its key");
        return;
      }
      failures = 0;
      corrections = 0;
      trouble = "";
      unwilling.remove(witness.name());
      heldSize = Math.max(heldSize, asked.size());
      line = valid.get();
      signedTarget = asked;
      settle();
    }

    private void corrected(Target asked, long old, long held) {
      long longest = newest.get().map(PublishedLog::size).orElse(0L);
      if (held == old || held > longest || ++corrections > MAX_CORRECTIONS) {
        // More than there is: it lies, or this node has lost the end of its log.
        corrections = 0;
        failed("it claims to hold " + held + " entries of this log of " + longest);
        return;
      }
      heldSize = held;
      if (asked == target && canSign(asked)) {
        ask(asked);
      }
    }

    private void failed(String why) {
      failures = Math.min(failures + 1, Integer.SIZE);
      if (failures > 1) {
        unwilling.add(witness.name());
      }
      long longest = released == null ? LAST_BACKOFF_MILLIS : RELEASING_BACKOFF_MILLIS;
      long backoff = Math.min(longest, intervalMillis << Math.min(failures - 1, Short.SIZE));
      notBeforeMillis = elapsedMillis.getAsLong() + (failures == 1 ? 0 : backoff);
      if (!why.equals(trouble)) {
        LOG.info("{} does not cosign: {}", witness.name(), why);
      }
      trouble = why;
    }
  }
}
