package org.probity.node.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ward of this node: its log is followed, stored and replayed here.
 *
 * <p>Everything happens in the order of {@code worker}, one task at a time, off the event loop:
 * hashing, the durable write, signatures (spread over {@code verifiers}) and execution. What is
 * found leaves as candidate bytes; only the verifier makes evidence of them.
 */
final class Ward {
  private static final Logger LOG = LoggerFactory.getLogger(Ward.class);

  /** What is taken under one checkpoint before it must fit: bounds what a liar can make us hold. */
  static final long MAX_PARTIAL_BYTES = 128L << 20;

  /** Entries replayed between two looks at what else is to be done. */
  private static final int AUDIT_CHUNK = 512;

  private final Machine machine;
  private final Replica replica;
  private final StoredLog stored;
  private final LmdbLogStore store;
  private final ConformanceAudit audit;
  private final StatementVerifier statements;
  private final Executor worker;
  private final Executor verifiers;
  private final Findings findings;
  private final Consumer<Duration> auditTook;

  private final List<Bytes> partial = new ArrayList<>();
  private long partialBytes;
  private boolean reported;
  private volatile long auditedSize;
  private volatile @Nullable SignedCheckpoint newest;
  private volatile long newestNanos = System.nanoTime();

  /** What a ward's log has shown. Called on the ward's worker. */
  interface Findings {
    /** Bytes that may be evidence against the ward. */
    void candidate(Bytes evidence);
  }

  Ward(
      Machine machine,
      Replica replica,
      StoredLog stored,
      LmdbLogStore store,
      StatementVerifier statements,
      Executor worker,
      Executor verifiers,
      Findings findings,
      Consumer<Duration> auditTook) {
    this.machine = machine;
    this.replica = replica;
    this.stored = stored;
    this.store = store;
    this.audit = new ConformanceAudit(machine);
    this.statements = statements;
    this.worker = worker;
    this.verifiers = verifiers;
    this.findings = findings;
    this.auditTook = auditTook;
    this.newest = stored.checkpoint().map(Ward::checkpoint).orElse(null);
  }

  String node() {
    return machine.self().node();
  }

  StoredLog stored() {
    return stored;
  }

  /** The newest checkpoint whose entries are stored here. */
  Optional<SignedCheckpoint> newest() {
    return Optional.ofNullable(newest);
  }

  /** Since a newer checkpoint was stored here; since the start if none was. */
  Duration checkpointAge() {
    return Duration.ofNanos(System.nanoTime() - newestNanos);
  }

  /** Entries replayed clean. */
  long auditedSize() {
    return auditedSize;
  }

  /** Begins with what is stored already. */
  void start() {
    worker.execute(this::auditStored);
  }

  /** Forgets an unfinished range and tells where the log is to be followed from. */
  void expectFrom(LongConsumer from) {
    worker.execute(
        () -> {
          forgetPartial();
          from.accept(replica.size());
        });
  }

  /**
   * A part of the log has arrived, right after the one before.
   *
   * @param unusable told, on the worker, if it was not what it must be: the stream is to be ended
   * @param stored told, on the worker, when the log has grown
   * @param handled told, on the worker, when the frame needs no memory any more
   */
  void frame(LogFrame frame, Consumer<String> unusable, Runnable stored, Runnable handled) {
    worker.execute(
        () -> {
          try {
            long before = replica.size();
            Optional<String> wrong = grow(frame);
            if (wrong.isPresent()) {
              unusable.accept(wrong.get());
            } else if (replica.size() > before) {
              stored.run();
            }
          } catch (StoreException e) {
            LOG.error("the log of {} cannot be kept", node(), e);
            unusable.accept(e.code().text());
          } finally {
            handled.run();
          }
        });
  }

  private void forgetPartial() {
    partial.clear();
    partialBytes = 0;
  }

  /** Compares a checkpoint somebody has shown us; completes on the worker. */
  CompletableFuture<Replica.Comparison> compare(SignedCheckpoint checkpoint) {
    return CompletableFuture.supplyAsync(() -> judge(checkpoint), worker);
  }

  private Optional<String> grow(LogFrame frame) {
    SignedCheckpoint checkpoint;
    try {
      checkpoint = SignedCheckpoint.parse(frame.checkpoint());
    } catch (DecodeException e) {
      return Optional.of(e.code());
    }
    partial.addAll(frame.entries());
    partialBytes += frame.entries().stream().mapToLong(Bytes::size).sum();
    long have = replica.size() + partial.size();
    if (have < checkpoint.size()) {
      if (partialBytes > MAX_PARTIAL_BYTES) {
        forgetPartial();
        return Optional.of("range_too_large");
      }
      return frame.entries().isEmpty() ? Optional.of("range_unexpected") : Optional.empty();
    }
    Replica.Growth growth = replica.grow(checkpoint, List.copyOf(partial));
    forgetPartial();
    if (growth instanceof Replica.Growth.WrongData wrong) {
      // The data prove nothing, but their checkpoint may be the other half of a fork.
      judge(checkpoint);
      return Optional.of(wrong.code());
    }
    Replica.Growth.Extends extension = (Replica.Growth.Extends) growth;
    store.commit(
        new LogWrites()
            .append(stored, extension.append().firstIndex(), extension.append().entries())
            .checkpoint(stored, checkpoint.head(), checkpoint.bytes()));
    // Stored first: what is compared and replayed from here on is what is on the disk.
    List<SignedCheckpoint> reached = replica.stored(extension);
    newest = checkpoint;
    newestNanos = System.nanoTime();
    reached.forEach(this::judge);
    auditStored();
    return Optional.empty();
  }

  private Replica.Comparison judge(SignedCheckpoint checkpoint) {
    SignedCheckpoint held = newest;
    if (held == null) {
      return replica.compare(checkpoint, stored);
    }
    Replica.Judged judged = replica.judge(checkpoint, held, stored);
    judged.candidate().ifPresent(findings::candidate);
    return judged.comparison();
  }

  /** Replays what is stored and not yet replayed, chunk by chunk. */
  private void auditStored() {
    SignedCheckpoint upTo = newest;
    if (upTo == null) {
      return;
    }
    if (audit.finding().isPresent()) {
      report(upTo);
      return;
    }
    long to = Math.min(upTo.size(), audit.nextIndex() + AUDIT_CHUNK);
    if (audit.nextIndex() < to && isFault(audit.nextIndex(), to)) {
      report(upTo);
      return;
    }
    auditedSize = audit.auditedSize();
    if (audit.nextIndex() < upTo.size()) {
      worker.execute(this::auditStored);
    }
  }

  /** Replays one chunk. */
  private boolean isFault(long from, long to) {
    long startNanos = System.nanoTime();
    try {
      for (Replay.Prepared prepared : prepare(from, to)) {
        if (audit.feed(prepared).isPresent()) {
          return true;
        }
      }
      return false;
    } finally {
      auditTook.accept(Duration.ofNanos(System.nanoTime() - startNanos));
    }
  }

  private List<Replay.Prepared> prepare(long from, long to) {
    List<CompletableFuture<Replay.Prepared>> parts = new ArrayList<>();
    for (long index = from; index < to; index++) {
      Bytes entry = stored.entry(index);
      parts.add(
          CompletableFuture.supplyAsync(
              () -> Replay.prepare(entry, node(), statements), verifiers));
    }
    return parts.stream().map(CompletableFuture::join).toList();
  }

  /** Proves the finding, with a later checkpoint if this one does not cover all it takes. */
  private void report(SignedCheckpoint upTo) {
    if (reported) {
      return;
    }
    Finding finding = audit.finding().orElseThrow();
    Optional<Bytes> candidate = finding.candidate(upTo, stored);
    if (candidate.isPresent()) {
      LOG.info("{}: entry {} {}", node(), finding.index(), finding.violation());
      reported = true;
      findings.candidate(candidate.get());
    }
  }

  private static SignedCheckpoint checkpoint(Bytes bytes) {
    try {
      return SignedCheckpoint.parse(bytes);
    } catch (DecodeException e) {
      throw new IllegalStateException("a stored checkpoint is damaged: " + e.getMessage(), e);
    }
  }
}
