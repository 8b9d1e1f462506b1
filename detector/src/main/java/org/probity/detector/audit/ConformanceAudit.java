package org.probity.detector.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.Violation;
import org.probity.detector.evidence.EntryCheck;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.BatchGrammar;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.GrammarVerdict;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.StateEntry;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;
import org.probity.detector.state.WorkingState;

/**
 * Replays a ward's log (protocol.md §6.4): encoding, chain, grammar, signatures, authority, then
 * execution. It stops at the first entry that a correct node would not have logged and keeps what
 * proves it.
 *
 * <p>The state of the ward is kept in memory. Nothing is recorded on the way: when a batch diverges
 * it is executed once more, recording, so that a clean audit costs no more than execution.
 *
 * <pre>{@code
 * Replay.Prepared prepared = Replay.prepare(entry, ward, verifier); // on any thread
 * audit.feed(prepared)
 *     .map(finding -> finding.prove(checkpoint, log, verifier));
 * }</pre>
 *
 * <p>Single owner; {@link Replay#prepare} is the part that may run on many threads before.
 */
public final class ConformanceAudit {
  private final Machine machine;
  private final BatchLimits limits;
  private final EntryCheck check;
  private final Replay replay;

  private @Nullable BatchGrammar grammar;
  private StateTree batchBase;
  private final List<Replay.Prepared> batch = new ArrayList<>();
  private long auditedSize;

  /** Over what was read so far of incarnations that are closed; null in the present one. */
  private @Nullable Frontier closed;

  private @Nullable Finding finding;
  private @Nullable Undecided undecided;

  /**
   * The audit of a whole log.
   *
   * @param machine the ward's, with the consortium's program
   */
  public ConformanceAudit(Machine machine) {
    this(machine, machine.initialState());
  }

  private ConformanceAudit(Machine machine, StateTree base) {
    Parameters parameters = machine.genesis().parameters();
    this.machine = machine;
    this.limits = new BatchLimits(parameters.maxBatchEntries(), parameters.maxBatchBytes());
    this.check =
        new EntryCheck(machine.genesis(), machine.incarnations(), Optional.of(machine.program()));
    this.batchBase = base;
    this.closed = machine.incarnations().first() > 0 ? Frontier.EMPTY : null;
    this.replay = new Replay(machine, new WorkingState(base));
  }

  /**
   * Goes on where an earlier audit had come to.
   *
   * @param last the STATE that one ended on, audited clean
   * @param state the state there
   * @throws IllegalArgumentException unless they belong together and are of the present
   *     incarnation: what is before has to be read to see that it is what was closed
   */
  public static ConformanceAudit resume(Machine machine, Entry last, StateTree state) {
    if (!(last.body() instanceof StateEntry end) || !end.stateRoot().equals(state.root())) {
      throw new IllegalArgumentException("not the state at " + last);
    }
    if (last.index() < machine.incarnations().first()) {
      throw new IllegalArgumentException(last + " is of an incarnation that is closed");
    }
    ConformanceAudit audit = new ConformanceAudit(machine, state);
    audit.grammar = audit.grammarAfter(last);
    audit.closed = null;
    audit.auditedSize = last.index() + 1;
    return audit;
  }

  /** Entries audited clean up to and including the last STATE. */
  public long auditedSize() {
    return auditedSize;
  }

  /** The state there; its root is the one that STATE names. */
  public StateTree auditedState() {
    return batchBase;
  }

  /** How many entries of a log of {@code logSize} are not audited yet. */
  public long lagEntries(long logSize) {
    return Math.max(0, logSize - auditedSize);
  }

  /** Where the audit stopped, if it has; it never goes on from there. */
  public Optional<Finding> finding() {
    return Optional.ofNullable(finding);
  }

  /** Where execution failed, if it did; the audit never goes on from there, nor says anything. */
  public Optional<Undecided> undecided() {
    return Optional.ofNullable(undecided);
  }

  /** Whether there is more to say: neither a finding nor a failure. */
  public boolean goesOn() {
    return finding == null && undecided == null;
  }

  /**
   * An entry that the program fails on here. A bug of the program or of ours, or a state nobody can
   * have reached: it says nothing about the ward and is never evidence.
   */
  public record Undecided(long index, Throwable cause) {}

  /** Index of the entry to be fed next. */
  public long nextIndex() {
    return grammar == null ? 0 : grammar.nextIndex();
  }

  /**
   * Audits the next entry; nothing happens any more after a finding.
   *
   * @throws IllegalStateException if execution has failed before: see {@link #undecided}
   */
  public Optional<Finding> feed(Replay.Prepared prepared) {
    if (undecided != null) {
      throw new IllegalStateException("the audit has ended: " + undecided);
    }
    if (finding != null) {
      return finding();
    }
    long index = nextIndex();
    try {
      return audit(index, prepared);
    } catch (RuntimeException | StackOverflowError e) {
      undecided = new Undecided(index, e);
      return Optional.empty();
    }
  }

  private Optional<Finding> audit(long index, Replay.Prepared prepared) {
    Optional<Violation> violation = withoutState(index, prepared);
    if (violation.isPresent()) {
      finding = new Finding(index, violation.get(), batchStart(), clockWitness(prepared));
      return finding();
    }
    Entry entry = prepared.entry().orElseThrow();
    if (index > 0) {
      batch.add(prepared);
      violation = replay.feed(prepared);
      if (violation.isPresent()) {
        finding = divergence(entry, violation.get());
        return finding();
      }
    }
    if (entry.type().completesBatch()) {
      batch.clear();
      batchBase = replay.state().tree();
      auditedSize = index + 1;
    }
    return Optional.empty();
  }

  /** What executing a TICK looks at, should the earlier one be too far back to be shown. */
  private Optional<StateWitness> clockWitness(Replay.Prepared broken) {
    boolean isTick = broken.entry().filter(it -> it.type() == EntryType.TICK).isPresent();
    if (!isTick || !batch.isEmpty() || auditedSize == 0) {
      return Optional.empty();
    }
    batch.add(broken);
    return Optional.of(witness());
  }

  private Optional<Violation> withoutState(long index, Replay.Prepared prepared) {
    Optional<String> alone = check.fault(index, prepared);
    if (alone.isPresent()) {
      return alone.map(ConformanceAudit::entryViolation);
    }
    Entry entry = prepared.entry().orElseThrow();
    BatchGrammar before = grammar;
    if (before == null) {
      grammar = grammarAfter(entry);
      grown(entry);
      return Optional.empty();
    }
    GrammarVerdict verdict = before.accept(entry);
    if (verdict instanceof GrammarVerdict.Broken broken) {
      return Optional.of(entryViolation(broken.fault().code()));
    }
    grammar = ((GrammarVerdict.Fits) verdict).next();
    if (isElsewhere(entry)) {
      return Optional.of(entryViolation(EntryFault.GENESIS_WRONG_CLOSE.code()));
    }
    grown(entry);
    return Optional.empty();
  }

  /** SPEC protocol.md §11.3: a later incarnation begins where the members closed the one before. */
  private boolean isElsewhere(Entry entry) {
    Frontier before = closed;
    return entry.type() == EntryType.GENESIS
        && before != null
        && machine
            .incarnations()
            .at(entry.index())
            .beginning()
            .filter(begun -> begun.close().equals(before.head()))
            .isEmpty();
  }

  private void grown(Entry entry) {
    Frontier before = closed;
    if (before != null) {
      boolean isPresent = entry.index() >= machine.incarnations().first();
      closed = isPresent ? null : before.append(List.of(entry.leafHash())).frontier();
    }
  }

  private BatchGrammar grammarAfter(Entry stateOrGenesis) {
    long tickMillis = Machine.system(batchBase).tickMillis();
    return BatchGrammar.after(stateOrGenesis, OptionalLong.of(tickMillis), limits);
  }

  /** Index of the STATE or GENESIS before the open batch. */
  private long batchStart() {
    return Math.max(0, auditedSize - 1);
  }

  private Finding divergence(Entry entry, Violation violation) {
    if (violation.kind() == Violation.Kind.ENTRY) {
      return new Finding(entry.index(), violation, batchStart(), Optional.empty());
    }
    if (entry.body() instanceof SendEntry send && isSequenceUsed(send)) {
      // Execution disagrees as well, but for this nobody has to execute anything.
      return new Finding(
          entry.index(),
          entryViolation(EntryFault.SEQUENCE_USED_TWICE.code()),
          batchStart(),
          Optional.of(witness()));
    }
    return new Finding(entry.index(), violation, batchStart(), Optional.of(witness()));
  }

  /** Whether an entry before the one fed last is a SEND of the same channel and sequence. */
  private boolean isSequenceUsed(SendEntry send) {
    ChannelId channel = new ChannelId(send.toNode());
    if (send.sequence() < Machine.system(batchBase).outgoing(channel).next()) {
      return true;
    }
    return batch.subList(0, batch.size() - 1).stream()
        .map(earlier -> earlier.entry().orElseThrow().body())
        .anyMatch(
            body ->
                body instanceof SendEntry earlier
                    && earlier.toNode().equals(send.toNode())
                    && earlier.sequence() == send.sequence());
  }

  /** Executes the batch once more, recording what of the state before it is looked at. */
  private StateWitness witness() {
    AccessLog log = new AccessLog(batchBase);
    Replay again = new Replay(machine, log.state());
    for (Replay.Prepared prepared : batch) {
      again.feed(prepared);
    }
    return log.witness();
  }

  private static Violation entryViolation(String code) {
    return Violation.entry(code, "the entry breaks a rule that needs no state");
  }
}
