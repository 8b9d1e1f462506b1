package org.probity.detector.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.Violation;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.BatchGrammar;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.GrammarVerdict;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;
import org.probity.detector.state.WorkingState;

/**
 * Replays a ward's log from its first entry on (protocol.md §6.4): encoding, chain, grammar,
 * signatures, authority, then execution. It stops at the first entry that a correct node would not
 * have logged and says what shows it.
 *
 * <p>The state of the ward is kept in memory. Nothing is recorded on the way: when a batch diverges
 * it is executed once more, recording, so that a clean audit costs no more than execution.
 *
 * <p>Single owner; {@link Replay#prepare} is the part that may run on many threads before.
 */
public final class ConformanceAudit {
  private final Machine machine;
  private final BatchLimits limits;

  private @Nullable BatchGrammar grammar;
  private Replay replay;
  private StateTree batchBase;
  private final List<Replay.Prepared> batch = new ArrayList<>();
  private long auditedSize;
  private @Nullable Finding finding;

  /**
   * The audit of a whole log.
   *
   * @param machine the ward's, with the consortium's program
   */
  public ConformanceAudit(Machine machine) {
    Parameters parameters = machine.genesis().parameters();
    this.machine = machine;
    this.limits = new BatchLimits(parameters.maxBatchEntries(), parameters.maxBatchBytes());
    this.batchBase = machine.initialState();
    this.replay = new Replay(machine, new WorkingState(batchBase));
  }

  /**
   * The first entry no correct node would have logged there.
   *
   * @param index of that entry
   * @param violation the rule it breaks
   * @param batch the entries from the STATE or GENESIS before it through that entry; empty before
   *     GENESIS
   * @param base the state at the first of them
   */
  public record Finding(long index, Violation violation, List<Bytes> batch, StateTree base) {
    public Finding {
      batch = List.copyOf(batch);
    }
  }

  /** Entries audited clean up to and including the last STATE. */
  public long auditedSize() {
    return auditedSize;
  }

  /** The state there. */
  public StateTree auditedState() {
    return batchBase;
  }

  /** Where the audit stopped, if it has; it never goes on from there. */
  public Optional<Finding> finding() {
    return Optional.ofNullable(finding);
  }

  /** Index of the entry to be fed next. */
  public long nextIndex() {
    return grammar == null ? 0 : grammar.nextIndex();
  }

  /** Audits the next entry; nothing happens any more after a finding. */
  public Optional<Finding> feed(Replay.Prepared prepared) {
    if (finding != null) {
      return finding();
    }
    long index = nextIndex();
    Optional<Violation> violation = judge(index, prepared);
    if (violation.isPresent()) {
      batch.add(prepared);
      finding =
          new Finding(
              index,
              violation.get(),
              batch.stream().map(Replay.Prepared::encoded).toList(),
              batchBase);
      return finding();
    }
    Entry entry = prepared.entry().orElseThrow();
    if (entry.type().completesBatch()) {
      batch.clear();
      batchBase = replay.state().tree();
      auditedSize = index + 1;
    }
    batch.add(prepared);
    return Optional.empty();
  }

  private Optional<Violation> judge(long index, Replay.Prepared prepared) {
    Optional<EntryFault> alone = EntryRules.alone(machine.origin(), index, prepared.encoded());
    if (alone.isPresent()) {
      return alone.map(ConformanceAudit::entryViolation);
    }
    Entry entry = prepared.entry().orElseThrow();
    BatchGrammar before = grammar;
    if (before == null) {
      grammar = BatchGrammar.afterGenesis(entry, limits);
      return entry.body().equals(machine.genesisBody())
          ? Optional.empty()
          : Optional.of(
              Violation.transition(
                  "genesis_differs", "the genesis document gives " + machine.genesisBody()));
    }
    GrammarVerdict verdict = before.accept(entry);
    if (verdict instanceof GrammarVerdict.Broken broken) {
      return Optional.of(entryViolation(broken.fault()));
    }
    if (verdict instanceof GrammarVerdict.Fits fits) {
      grammar = fits.next();
    }
    return replay.feed(prepared);
  }

  private static Violation entryViolation(EntryFault fault) {
    return Violation.entry(fault.code(), "the entry breaks a rule that needs no state");
  }

  /**
   * The part of the state that anyone needs to see the same divergence.
   *
   * @throws IllegalArgumentException unless the finding is of kind TRANSITION
   */
  public static StateWitness witness(
      Machine machine, Finding finding, List<Replay.Prepared> batch) {
    if (finding.violation().kind() != Violation.Kind.TRANSITION) {
      throw new IllegalArgumentException("no state is needed to show " + finding.violation());
    }
    AccessLog log = new AccessLog(finding.base());
    Replay again = new Replay(machine, log.state());
    // The first entry of a batch is the STATE or GENESIS that names the base.
    for (Replay.Prepared prepared : batch.subList(1, batch.size())) {
      again.feed(prepared);
    }
    return log.witness();
  }
}
