package org.probity.detector.node;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.Violation;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.BatchGrammar;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.GrammarVerdict;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;

/**
 * Brings a node back to the end of its durable log: starts at a state that was flushed and replays
 * the entries since then, with every check an auditor makes (protocol.md §4.4, §11.2). What would
 * convict us is found here before it is signed over.
 *
 * <p>Cost: one replay of the tail, client signatures included.
 */
public final class Restore {
  private Restore() {}

  /** Where the node goes on. */
  public record Restored(LogPosition end, Published published) {}

  /** The log cannot be continued; the message says where and why. */
  public static final class RestoreException extends Exception {
    private static final long serialVersionUID = 1L;

    RestoreException(String message) {
      super(message);
    }
  }

  /**
   * Replays {@code log} from the STATE or GENESIS at {@code stateIndex}.
   *
   * @param newest the checkpoint over the whole log
   * @param state the flushed state; its root must be the one that entry names
   * @throws RestoreException if the flushed state, an entry or the checkpoint does not fit
   */
  public static Restored replay(
      Machine machine, LogReader log, SignedCheckpoint newest, long stateIndex, StateTree state)
      throws RestoreException {
    Frontier frontier = grown(log, stateIndex);
    if (!frontier.head().equals(newest.head())) {
      throw new RestoreException(
          "the newest checkpoint is over " + newest.head() + ", the log is " + frontier.head());
    }
    Entry last = entry(log, stateIndex);
    if (!stateRootOf(last).equals(Optional.of(state.root()))) {
      throw new RestoreException("the flushed state is not the one entry " + stateIndex + " names");
    }
    Tail tail = new Tail(machine, last, state);
    for (long index = stateIndex + 1; index < log.size(); index++) {
      last = tail.feed(log, index);
    }
    if (!last.type().completesBatch()) {
      throw new RestoreException("the log ends on " + last + ", not on STATE");
    }
    StateTree end = tail.replay.state().tree();
    return new Restored(
        new LogPosition(frontier, last.leafHash(), end), new Published(newest, last, end));
  }

  /**
   * Where the members closed the log, and the present incarnation begins (protocol.md §11.3).
   * Replays all of it: who begins there answers for every entry.
   *
   * @param log exactly the closed entries
   * @throws RestoreException if it is not what was closed
   */
  public static LogPosition close(Machine machine, LogReader log) throws RestoreException {
    Incarnations.Beginning begun =
        machine
            .incarnations()
            .last()
            .beginning()
            .orElseThrow(() -> new IllegalArgumentException("a founding incarnation begins at 0"));
    if (log.size() != begun.close().size()) {
      throw new RestoreException(
          "the closed log has " + begun.close().size() + " entries, this one " + log.size());
    }
    Frontier frontier = grown(log, 0);
    if (!frontier.head().equals(begun.close())) {
      throw new RestoreException(
          "the members closed " + begun.close() + ", this log is " + frontier.head());
    }
    StateTree initial = machine.initialState();
    Entry last = entry(log, 0);
    if (!stateRootOf(last).equals(Optional.of(initial.root()))) {
      throw new RestoreException("entry 0 does not name the state of the genesis document");
    }
    Tail tail = new Tail(machine, last, initial);
    for (long index = 1; index < log.size(); index++) {
      last = tail.feed(log, index);
    }
    StateTree end = tail.replay.state().tree();
    if (!end.root().equals(begun.stateRoot())) {
      throw new RestoreException(
          "the members closed it in state "
              + begun.stateRoot()
              + ", a replay ends in "
              + end.root());
    }
    return new LogPosition(frontier, last.leafHash(), end);
  }

  /**
   * The decisions that are kept, and those that are in the own log and were not: a disk may have
   * taken the one and not the other. Reads the log only then.
   *
   * @param published its end
   * @throws DecodeException if a decision in it is none
   */
  public static DecisionChain decisions(DecisionChain kept, LogReader log, Published published)
      throws DecodeException {
    long epoch = Machine.system(published.state()).governance(kept.genesis().networkId()).epoch();
    DecisionChain chain = kept;
    for (long index = 0; chain.decisions().size() < epoch && index < log.size(); index++) {
      if (Entry.decode(log.entry(index)).body() instanceof DecisionEntry logged
          && Decision.decode(logged.content()).epoch() == chain.decisions().size()) {
        chain = chain.append(logged.content());
      }
    }
    return chain;
  }

  /**
   * The frontier of the log, made of the very bytes that are replayed. What goes on being signed is
   * chained to the last of them: a bit that has flipped there must not pass because the tree beside
   * it has kept.
   */
  private static Frontier grown(LogReader log, long from) {
    List<Hash> leaves =
        LongStream.range(from, log.size()).mapToObj(log::entry).map(Rfc6962::leaf).toList();
    return Frontier.read(log, from).append(leaves).frontier();
  }

  private static Optional<Hash> stateRootOf(Entry entry) {
    if (entry.body() instanceof StateEntry state) {
      return Optional.of(state.stateRoot());
    }
    if (entry.body() instanceof GenesisEntry genesis) {
      return Optional.of(genesis.initialStateRoot());
    }
    return Optional.empty();
  }

  private static Entry entry(LogReader log, long index) throws RestoreException {
    try {
      return Entry.decode(log.entry(index));
    } catch (DecodeException e) {
      throw new RestoreException("entry " + index + " is damaged: " + e.getMessage());
    }
  }

  /** The part of the log after the flushed state. */
  private static final class Tail {
    private final Machine machine;
    private final StatementVerifier verifier;
    private final Replay replay;
    private BatchGrammar grammar;

    Tail(Machine machine, Entry start, StateTree state) {
      Parameters parameters = machine.genesis().parameters();
      this.machine = machine;
      this.verifier =
          new StatementVerifier(machine.genesis().signatures(), machine.genesis().networkId());
      this.replay = new Replay(machine, new WorkingState(state));
      this.grammar =
          BatchGrammar.after(
              start,
              OptionalLong.empty(),
              new BatchLimits(parameters.maxBatchEntries(), parameters.maxBatchBytes()));
    }

    Entry feed(LogReader log, long index) throws RestoreException {
      Entry entry = entry(log, index);
      Optional<EntryFault> fault = machine.alone(index, entry);
      if (fault.isPresent()) {
        throw new RestoreException("entry " + index + ": " + fault.get().code());
      }
      GrammarVerdict verdict = grammar.accept(entry);
      if (!(verdict instanceof GrammarVerdict.Fits fits)) {
        throw new RestoreException("entry " + index + ": " + verdict);
      }
      grammar = fits.next();
      Optional<Violation> violation =
          replay.feed(Replay.prepare(entry.bytes(), machine.self().node(), verifier));
      if (violation.isPresent()) {
        throw new RestoreException("entry " + index + ": " + violation.get());
      }
      return entry;
    }
  }
}
