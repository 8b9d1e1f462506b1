package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.NoteVerdict;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TreeHead;
import org.probity.detector.log.WitnessRule;
import org.probity.node.http.ProblemException;
import org.probity.node.http.Problems;
import org.probity.node.http.WitnessService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node as a C2SP witness: of its wards, whose entries must be here before it signs
 * (protocol.md §6.6), and of the foreign logs its configuration lists.
 *
 * <p>Signatures are verified on {@code verification}; what follows, from the look at the head held
 * to the durable write of the next, happens on {@code worker}, one request after the other, so it
 * is atomic. A cosignature is made of a {@link CosignedHeads.Held} and of nothing else.
 *
 * <pre>
 * parse 400 -> origin 404 -> signature 403 -> WitnessRule 400, 409, 422
 *     -> entries here? wait, 503 -> durable -> sign -> 200
 * </pre>
 */
final class WitnessDesk implements WitnessService {
  private static final Logger LOG = LoggerFactory.getLogger(WitnessDesk.class);

  /** Requests under way of all who are no node. */
  static final int MAX_REQUESTS = 256;

  /** Requests under way of one node. */
  static final int MAX_REQUESTS_OF_NODE = 32;

  /** Heads of one log whose entries are waited for; only the log's owner waits. */
  static final int MAX_WAITING = 8;

  /** How long a request waits for entries; below what whoever asks waits for an answer. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  /**
   * So long after a ward has asked nobody else moves its head: a witness that is shown every
   * checkpoint by strangers would always be past the one that the ward has all its witnesses sign.
   */
  static final Duration QUIET = Duration.ofSeconds(60);

  /** What requests are answered. */
  static final List<Integer> STATUSES = List.of(200, 400, 403, 404, 409, 422, 429, 500, 503);

  private static final TreeHead NOTHING = new TreeHead(0, Rfc6962.EMPTY_ROOT);

  private final GatedSigner cosigner;
  private final String name;
  private final SignatureRule rule = SignatureRule.fastest();
  private final CosignedHeads heads;
  private final Map<String, Witnessed> logs = new ConcurrentSkipListMap<>();
  private final Clock clock;
  private final Executor verification;
  private final Executor worker;
  private final Ward.Retry timer;
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();
  private final Map<Hash, SignedNote> cosigned = new ConcurrentHashMap<>();

  /**
   * @param cosigner signs cosignatures and nothing else
   * @param name of the cosigner's key
   * @param worker runs one task at a time, in order
   */
  WitnessDesk(
      GatedSigner cosigner,
      String name,
      CosignedHeads heads,
      Collection<WitnessedLog> logs,
      Clock clock,
      Executor verification,
      Executor worker,
      Ward.Retry timer) {
    this.cosigner = cosigner;
    this.name = name;
    this.heads = heads;
    this.clock = clock;
    this.verification = verification;
    this.worker = worker;
    this.timer = timer;
    logs.forEach(this::begin);
  }

  private Witnessed begin(WitnessedLog log) {
    Witnessed witnessed = new Witnessed(log);
    heads.of(log.key().name()).ifPresent(held -> witnessed.size = held.head().size());
    log.onGrowth(witnessed::grown);
    logs.put(log.key().name(), witnessed);
    return witnessed;
  }

  /**
   * From now on it may sign (protocol.md §11.1): what it held when it stopped is shown cosigned
   * again.
   */
  void start() {
    worker.execute(() -> logs.values().forEach(Witnessed::resume));
  }

  /**
   * One log more, from soon on; nothing if it is there. What was once cosigned of it here stands.
   */
  void follow(WitnessedLog log) {
    worker.execute(
        () -> {
          if (!logs.containsKey(log.key().name())) {
            begin(log).resume();
          }
        });
  }

  /** Cosigned entries of a log. */
  long cosignedSize(String origin) {
    Witnessed log = logs.get(origin);
    return log == null ? 0 : log.size;
  }

  @Override
  public Optional<SignedNote> cosigned(Hash originHash) {
    return Optional.ofNullable(cosigned.get(originHash));
  }

  /** Answers since the start with one of {@link #STATUSES}. Any thread. */
  long answers(int status) {
    return count(status).sum();
  }

  @Override
  public Future<AddCheckpointResponse> add(String from, Bytes request) {
    return answer(from, request)
        .onComplete(
            done ->
                count(done.succeeded() ? done.result().status() : status(done.cause()))
                    .increment());
  }

  private LongAdder count(int status) {
    return answers.computeIfAbsent(status, any -> new LongAdder());
  }

  private static int status(Throwable cause) {
    return cause instanceof ProblemException problem ? problem.problem().status() : 500;
  }

  private Future<AddCheckpointResponse> answer(String from, Bytes request) {
    AddCheckpointRequest parsed;
    Checkpoint checkpoint;
    try {
      parsed = AddCheckpointRequest.parse(request);
      checkpoint = Checkpoint.parse(parsed.checkpoint().text());
    } catch (DecodeException e) {
      return Future.succeededFuture(new AddCheckpointResponse.Malformed());
    }
    Witnessed log = logs.get(checkpoint.origin());
    if (log == null) {
      return Future.succeededFuture(new AddCheckpointResponse.UnknownOrigin());
    }
    AtomicInteger share = requests.computeIfAbsent(from, any -> new AtomicInteger());
    if (share.incrementAndGet() > (from.isEmpty() ? MAX_REQUESTS : MAX_REQUESTS_OF_NODE)) {
      share.decrementAndGet();
      return Future.failedFuture(Problems.overloaded(1));
    }
    boolean isOwner = log.log.owner().equals(Optional.of(from));
    if (isOwner) {
      log.askedMillis = clock.millis();
    }
    Promise<AddCheckpointResponse> promise = Promise.promise();
    verify(new Pending(log, parsed, checkpoint, promise, isOwner));
    return promise.future().onComplete(done -> share.decrementAndGet());
  }

  private void verify(Pending pending) {
    guarded(
        verification,
        pending,
        () -> {
          Optional<SignedNote> signed = pending.signedByLog(rule);
          if (signed.isEmpty()) {
            pending.answer(new AddCheckpointResponse.NoTrustedSignature());
          } else {
            guarded(worker, pending, () -> judge(pending, signed.get()));
          }
        });
  }

  /** Whoever asks gets an answer, whatever happens to the work. */
  private static void guarded(Executor executor, Pending pending, Runnable work) {
    try {
      executor.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException e) {
              pending.fail(e);
            }
          });
    } catch (RuntimeException e) {
      pending.fail(e);
    }
  }

  /** On the worker. */
  private void judge(Pending pending, SignedNote note) {
    Optional<CosignedHeads.Held> held = heads.of(pending.checkpoint.origin());
    TreeHead last = held.map(CosignedHeads.Held::head).orElse(NOTHING);
    WitnessRule.Verdict verdict =
        WitnessRule.judge(
            last, pending.request.oldSize(), pending.head(), pending.request.consistency());
    switch (verdict) {
      case OLD_ABOVE_NEW -> pending.answer(new AddCheckpointResponse.Malformed());
      case WRONG_OLD_SIZE -> pending.answer(new AddCheckpointResponse.WrongOldSize(last.size()));
      case FORK, UNLINKED -> reject(pending, note, held);
      case SAME, ADVANCE -> admit(pending, note, held);
    }
  }

  /** SPEC formats.md "tlog-witness": the rejected checkpoint is kept, it may be half of a fork. */
  private static void reject(Pending pending, SignedNote note, Optional<CosignedHeads.Held> held) {
    pending.log.log.shown(note, held.map(CosignedHeads.Held::note));
    pending.answer(new AddCheckpointResponse.Inconsistent());
  }

  private void admit(Pending pending, SignedNote note, Optional<CosignedHeads.Held> held) {
    boolean isHeld = held.map(CosignedHeads.Held::head).equals(Optional.of(pending.head()));
    if (!isHeld && !pending.isOwner && pending.log.asksItself()) {
      pending.fail(Problems.asksItself(QUIET));
      return;
    }
    switch (pending.log.log.entries(pending.head())) {
      case MISSING -> pending.log.await(pending, note);
      case DIFFERENT -> reject(pending, note, held);
      case HERE -> {
        // Before anybody hears of it. A crash before this line: nobody has the cosignature, and the
        // earlier head is in force. After it: whoever asks again gets one for the same head.
        CosignedHeads.Held durable =
            held.filter(known -> known.head().equals(pending.head()))
                .orElseGet(() -> heads.advance(pending.checkpoint, note));
        pending.answer(new AddCheckpointResponse.Cosigned(List.of(pending.log.cosign(durable))));
      }
    }
  }

  /** One request. */
  private static final class Pending {
    private final Witnessed log;
    private final AddCheckpointRequest request;
    private final Checkpoint checkpoint;
    private final Promise<AddCheckpointResponse> promise;
    private final boolean isOwner;

    Pending(
        Witnessed log,
        AddCheckpointRequest request,
        Checkpoint checkpoint,
        Promise<AddCheckpointResponse> promise,
        boolean isOwner) {
      this.log = log;
      this.request = request;
      this.checkpoint = checkpoint;
      this.promise = promise;
      this.isOwner = isOwner;
    }

    TreeHead head() {
      return checkpoint.head();
    }

    /** The checkpoint with its log's signature alone, if that is there and valid. */
    Optional<SignedNote> signedByLog(SignatureRule rule) {
      return request.checkpoint().verify(rule, List.of(log.log.key()))
              instanceof NoteVerdict.Verified verified
          ? Optional.of(
              SignedNote.of(
                  request.checkpoint().text(), List.of(verified.signatures().get(0).signature())))
          : Optional.empty();
    }

    void answer(AddCheckpointResponse response) {
      promise.tryComplete(response);
    }

    void fail(Throwable cause) {
      if (!(cause instanceof ProblemException)) {
        LOG.error("a checkpoint of {} cannot be judged", checkpoint.origin(), cause);
      }
      promise.tryFail(cause);
    }
  }

  /** A log and the requests that wait for its entries. */
  private final class Witnessed {
    private final WitnessedLog log;
    private final List<Waiting> waiting = new ArrayList<>();
    private volatile boolean someWait;
    private volatile long size;

    /** When its owner was here last, by the clock. */
    private volatile long askedMillis = Long.MIN_VALUE;

    Witnessed(WitnessedLog log) {
      this.log = log;
    }

    /** A head, and everybody who waits for its entries. */
    private record Waiting(TreeHead head, SignedNote note, List<Pending> pending) {}

    /**
     * Whether its owner keeps its head moving. A clock that was set back says so for longer, one
     * that was set forward until the owner asks again.
     */
    boolean asksItself() {
      return askedMillis != Long.MIN_VALUE && clock.millis() - askedMillis < QUIET.toMillis();
    }

    /** On the worker. */
    void await(Pending pending, SignedNote note) {
      Waiting place = new Waiting(pending.head(), note, new ArrayList<>(List.of(pending)));
      if (!pending.isOwner) {
        giveUp(place);
        return;
      }
      log.missing();
      for (Waiting other : waiting) {
        if (other.head().equals(place.head())) {
          other.pending().add(pending);
          return;
        }
      }
      if (waiting.size() >= MAX_WAITING) {
        giveUp(place);
        return;
      }
      waiting.add(place);
      someWait = true;
      timer.after(PATIENCE.toMillis(), () -> guarded(worker, pending, () -> impatient(place)));
      // What has come between the look and this line calls nobody any more.
      guarded(worker, pending, this::lookAgain);
    }

    /** On any thread, often. */
    void grown() {
      if (someWait) {
        try {
          worker.execute(this::lookAgain);
        } catch (RejectedExecutionException e) {
          LOG.debug("the node stops");
        }
      }
    }

    private void lookAgain() {
      List<Waiting> ready =
          waiting.stream()
              .filter(it -> log.entries(it.head()) != WitnessedLog.Entries.MISSING)
              .toList();
      waiting.removeAll(ready);
      someWait = !waiting.isEmpty();
      // From the start: another request may have moved the head meanwhile.
      for (Waiting it : ready) {
        for (Pending pending : it.pending()) {
          try {
            judge(pending, it.note());
          } catch (RuntimeException e) {
            pending.fail(e);
          }
        }
      }
    }

    private void impatient(Waiting place) {
      if (waiting.remove(place)) {
        someWait = !waiting.isEmpty();
        giveUp(place);
      }
    }

    /** What the ward has signed and not delivered it owes, as everywhere. */
    private void giveUp(Waiting place) {
      log.shown(place.note(), Optional.empty());
      place.pending().forEach(pending -> pending.fail(Problems.entriesMissing()));
    }

    /** On the worker. */
    void resume() {
      heads.of(log.key().name()).ifPresent(this::cosign);
    }

    /** SPEC protocol.md §6.6: consistent, and the entries durable here. */
    NoteSignature cosign(CosignedHeads.Held held) {
      NoteSignature line =
          Cosignature.sign(
              cosigner, name, held.note().textBytes(), Math.max(0, clock.millis() / 1000));
      cosigned.put(
          Hash.sha256(Bytes.utf8(log.key().name()).unsafeArray()), held.note().with(List.of(line)));
      size = held.head().size();
      return line;
    }
  }
}
