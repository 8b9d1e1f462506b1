package org.probity.detector.node;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.FootprintRule;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.commitment.Violation;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;

/**
 * Writes the own log: executes inputs, forms batches within the limits of the genesis, and seals
 * the oldest of them into one commit under one signature. Nothing it returns may leave the node
 * before that commit is durable.
 */
final class LogWriter {
  /** An upper bound on the bytes of a STATE entry, kept free in every batch. */
  static final int STATE_ENTRY_BYTES = 128;

  /** Batches of one commit. */
  static final int MAX_COMMIT_BATCHES = 1024;

  /**
   * Bytes of the entries of one commit, unless it is one batch: what is written in one transaction,
   * and what a witness must take in before it can check the checkpoint over it.
   */
  static final long MAX_COMMIT_BYTES = 8L << 20;

  private final Machine machine;
  private final CheckpointSigner signer;
  private final int maxBatchEntries;
  private final int maxBatchBytes;
  private final WorkingState state;

  private Frontier frontier;
  private Hash prev;
  private long nextIndex;
  private long lastStateIndex;

  /** Batches that are closed and not sealed. */
  private final Deque<Batch> closed = new ArrayDeque<>();

  private int closedEntries;
  private long closedBytes;

  /** The open batch. */
  private List<Entry> batch = new ArrayList<>();

  private int batchInputs;
  private final FootprintRule.Batch batchFootprint = new FootprintRule.Batch();
  private long batchBytes;

  /** Continues a log that ends on STATE or GENESIS. */
  LogWriter(Machine machine, CheckpointSigner signer, LogPosition end) {
    Parameters parameters = machine.genesis().parameters();
    this.machine = machine;
    this.signer = signer;
    this.maxBatchEntries = parameters.maxBatchEntries();
    this.maxBatchBytes = parameters.maxBatchBytes();
    this.state = new WorkingState(end.state());
    this.frontier = end.frontier();
    this.prev = end.lastLeaf();
    this.nextIndex = end.frontier().size();
    this.lastStateIndex = nextIndex - 1;
  }

  /** The state including what is not sealed yet. */
  WorkingState state() {
    return state;
  }

  /**
   * A part of the log that ends on STATE or is GENESIS.
   *
   * @param state after it
   */
  private record Batch(List<Entry> entries, long bytes, StateTree state) {}

  /** Whether there is anything to seal. */
  boolean hasUnsealed() {
    return unsealedEntries() > 0;
  }

  /** Entries of the log including what is not sealed yet. */
  long size() {
    return nextIndex;
  }

  int unsealedEntries() {
    return closedEntries + batch.size();
  }

  /** Logs the one GENESIS entry that this incarnation begins with. */
  void genesis() {
    Incarnations.Part self = machine.incarnations().last();
    GenesisEntry body = machine.genesisBody();
    TreeHead close = self.beginning().map(Incarnations.Beginning::close).orElse(TreeHead.EMPTY);
    if (!frontier.head().equals(close) || !body.initialStateRoot().equals(state.root())) {
      // Never signed: what members let begin elsewhere is not this node's log.
      throw new IllegalStateException(
          "this log is at " + frontier.head() + " and does not begin at " + close);
    }
    add(Entry.of(nextIndex, prev, body));
    lastStateIndex = nextIndex - 1;
    endBatch();
  }

  /**
   * Executes and logs a transaction, unless its status says that there is nothing to execute: then
   * nothing is logged.
   */
  Recorded transaction(TransactionRule.Checked checked, long nowMillis) {
    long footprint = machine.footprints().of(checked.statement(), checked.transaction());
    Input input =
        execute(
            nowMillis,
            footprint,
            index -> {
              Machine.Effects effects =
                  machine.transaction(
                      state, checked.statement(), checked.transaction(), footprint, index);
              return Input.of(
                  new TransactionEntry(checked.statement().encoded(), effects.outcome()), effects);
            });
    Machine.Effects effects = input.effects.orElseThrow();
    return new Recorded(effects.status(), input.index, effects.outcome());
  }

  /**
   * Logs the time alone, if it has moved since the last TICK: for what nothing but time decides.
   */
  void tick(long nowMillis) {
    openBatch(nowMillis);
  }

  /** Executes and logs messages of a peer, unless a rule forbids it. */
  Optional<Violation> receive(VerifiedEnvelope envelope, long nowMillis) {
    ReceiveEntry receive = envelope.envelope().receive();
    Optional<Violation> violation = shownByEntry(receive);
    if (violation.isPresent()) {
      return violation;
    }
    long footprint = machine.footprints().of(receive);
    return execute(
            nowMillis,
            footprint,
            index -> Input.of(receive, machine.receive(state, envelope, footprint, index)))
        .violation;
  }

  /** Executes and logs the return of messages to a revoked node, unless a rule forbids it. */
  Optional<Violation> takeBack(ReceiveEntry returned, long nowMillis) {
    Optional<Violation> violation = shownByEntry(returned);
    if (violation.isPresent()) {
      return violation;
    }
    long footprint = machine.footprints().of(returned);
    return execute(
            nowMillis,
            footprint,
            index -> Input.of(returned, machine.receive(state, returned, footprint, index)))
        .violation;
  }

  /** Executes and logs a peer's acknowledgement, unless a rule forbids it. */
  Optional<Violation> acknowledge(VerifiedAck verified, long nowMillis) {
    AckEntry ack = verified.ack().ack();
    Optional<Violation> violation = shownByEntry(ack);
    if (violation.isPresent()) {
      return violation;
    }
    return execute(
            nowMillis,
            machine.footprints().of(ack),
            index -> Input.of(ack, machine.acknowledge(state, verified)))
        .violation;
  }

  /** Executes and logs a decision of the members, in a batch of its own, unless it is invalid. */
  Optional<Violation> decide(DecisionEntry decision, long nowMillis) {
    return execute(
            nowMillis,
            machine.footprints().of(decision),
            index -> Input.of(decision, machine.decide(state, decision)))
        .violation;
  }

  /** What would convict us if we logged this, as far as it shows without state. */
  private Optional<Violation> shownByEntry(EntryBody body) {
    return machine
        .alone(nextIndex, Entry.of(nextIndex, prev, body))
        .map(fault -> Violation.entry(fault.code(), "the message breaks a rule of the log"));
  }

  /**
   * Signs one checkpoint over as many of the oldest batches as one commit may have, the open one
   * closed and included if there is room, and hands them out. The writer goes on at once; commits
   * are to become durable in the order they were sealed.
   */
  Sealed seal() {
    if (!batch.isEmpty() && isRoomForOpenBatch()) {
      closeBatch();
    }
    List<Entry> entries = new ArrayList<>();
    StateTree end = takeBatches(entries);
    List<Hash> leaves = entries.stream().map(Entry::leafHash).toList();
    Frontier.Grown grown = frontier.append(leaves);
    if (!(signer.sign(grown.frontier().head()) instanceof CheckpointSigner.Signed signed)) {
      throw new SigningRefused(
          "the signing mark is ahead of the log: this is not its newest state");
    }
    LogAppend append =
        new LogAppend(
            machine.origin(),
            frontier.size(),
            entries.stream().map(Entry::bytes).toList(),
            grown.completed(),
            signed.checkpoint());
    frontier = grown.frontier();
    return new Sealed(append, signed.mark(), end, entries.get(entries.size() - 1));
  }

  private boolean isRoomForOpenBatch() {
    return closed.isEmpty()
        || (closed.size() < MAX_COMMIT_BATCHES
            && closedBytes + batchBytes + STATE_ENTRY_BYTES <= MAX_COMMIT_BYTES);
  }

  /** Moves whole batches to {@code entries}; returns the state after the last of them. */
  private StateTree takeBatches(List<Entry> entries) {
    Batch last = closed.remove();
    entries.addAll(last.entries());
    long bytes = last.bytes();
    for (int batches = 1; batches < MAX_COMMIT_BATCHES && !closed.isEmpty(); batches++) {
      bytes += closed.element().bytes();
      if (bytes > MAX_COMMIT_BYTES) {
        break;
      }
      last = closed.remove();
      entries.addAll(last.entries());
    }
    closedEntries -= entries.size();
    closedBytes -= entries.stream().mapToLong(entry -> entry.bytes().size()).sum();
    return last.state();
  }

  /**
   * What became of a transaction.
   *
   * @param index of its entry, if it was executed
   * @param outcome as logged, if it was executed
   */
  record Recorded(Status status, long index, Bytes outcome) {}

  /** A part of the log, executed and signed. */
  record Sealed(LogAppend append, SigningMark mark, StateTree state, Entry lastEntry) {}

  private record Input(
      long index,
      EntryBody body,
      Optional<Machine.Effects> effects,
      Optional<Violation> violation) {
    /** Whether it is not to be logged. */
    boolean isRefused() {
      return violation.isPresent()
          || effects.filter(effect -> effect.status() != Status.EXECUTED).isPresent();
    }

    static Input of(EntryBody body, Machine.Effects effects) {
      return new Input(-1, body, Optional.of(effects), Optional.empty());
    }

    static Input of(EntryBody body, Machine.Result result) {
      return new Input(-1, body, result.effects(), result.violation());
    }
  }

  /**
   * Executes one input at its index in the log. Whether it still fits the open batch is known only
   * afterwards: if not, the execution is undone, the batch closed and the input executed again at
   * its new index and time, which may refuse it after all. What is refused at once closes nothing:
   * else strangers could end batches with what costs them nothing.
   */
  private Input execute(long nowMillis, long footprint, LongFunction<Input> execution) {
    if (batchInputs > 0 && batch.size() + 2 > maxBatchEntries) {
      closeBatch();
    }
    StateTree before = state.tree();
    Input input = attempt(nowMillis, execution);
    if (input.isRefused()) {
      return input;
    }
    List<Entry> entries = chain(input);
    if (batchInputs > 0 && !fits(entries, footprint)) {
      state.rollbackTo(before);
      closeBatch();
      input = attempt(nowMillis, execution);
      if (input.isRefused()) {
        return input;
      }
      entries = chain(input);
    }
    long index = nextIndex;
    entries.forEach(this::add);
    batchInputs++;
    batchFootprint.add(footprint);
    return new Input(index, input.body, input.effects, input.violation);
  }

  /** Executes in an open batch. A refusal leaves nothing behind, not even the TICK made for it. */
  private Input attempt(long nowMillis, LongFunction<Input> execution) {
    StateTree stateBefore = state.tree();
    Hash prevBefore = prev;
    int entriesBefore = batch.size();
    openBatch(nowMillis);
    Input input = execution.apply(nextIndex);
    if (input.isRefused()) {
      state.rollbackTo(stateBefore);
      if (batch.size() > entriesBefore) {
        Entry tick = batch.remove(batch.size() - 1);
        nextIndex = tick.index();
        prev = prevBefore;
        batchBytes = 0;
      }
    }
    return input;
  }

  private List<Entry> chain(Input input) {
    List<Entry> entries = new ArrayList<>();
    Entry last = Entry.of(nextIndex, prev, input.body);
    entries.add(last);
    for (SendEntry send : input.effects.orElseThrow().sends()) {
      last = Entry.of(last.index() + 1, last.leafHash(), send);
      entries.add(last);
    }
    return entries;
  }

  private boolean fits(List<Entry> entries, long footprint) {
    long bytes = entries.stream().mapToLong(entry -> entry.bytes().size()).sum();
    return batchFootprint.hasRoomFor(footprint)
        && batch.size() + entries.size() + 1 <= maxBatchEntries
        && batchBytes + bytes + STATE_ENTRY_BYTES <= maxBatchBytes;
  }

  /** Begins a batch with a TICK if ledger time can move. */
  private void openBatch(long clockMillis) {
    // SPEC protocol.md §11.3: no TICK of this incarnation is below what the members fixed.
    long nowMillis =
        machine
            .incarnations()
            .last()
            .beginning()
            .map(begun -> Math.max(begun.minTickMillis(), clockMillis))
            .orElse(clockMillis);
    // SPEC protocol.md §4.2: TICK is max(last, clock); a clock that went back changes nothing.
    if (batch.isEmpty() && nowMillis > Machine.system(state).tickMillis()) {
      Optional<Violation> violation = machine.tick(state, nowMillis);
      if (violation.isPresent()) {
        throw new IllegalStateException("own TICK refused: " + violation.get());
      }
      add(Entry.of(nextIndex, prev, new TickEntry(nowMillis)));
    }
  }

  private void closeBatch() {
    StateEntry end = new StateEntry(state.root(), lastStateIndex, batchBytes);
    Entry entry = Entry.of(nextIndex, prev, end);
    if (entry.bytes().size() > STATE_ENTRY_BYTES) {
      throw new IllegalStateException("a STATE entry of " + entry.bytes().size() + " bytes");
    }
    add(entry);
    lastStateIndex = entry.index();
    endBatch();
  }

  private void endBatch() {
    closed.add(new Batch(batch, batchBytes, state.tree()));
    closedEntries += batch.size();
    closedBytes += batchBytes;
    batch = new ArrayList<>();
    batchInputs = 0;
    batchFootprint.end();
    batchBytes = 0;
  }

  private void add(Entry entry) {
    batch.add(entry);
    nextIndex = entry.index() + 1;
    prev = entry.leafHash();
    batchBytes += entry.bytes().size();
  }
}
