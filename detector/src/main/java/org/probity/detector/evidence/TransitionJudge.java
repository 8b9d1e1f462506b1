package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.Violation;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.BatchGrammar;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.GrammarVerdict;
import org.probity.detector.log.StateEntry;
import org.probity.detector.program.Program;
import org.probity.detector.state.Execution;
import org.probity.detector.state.StateWitness;

/**
 * Judges INVALID_TRANSITION by executing again what was logged (protocol.md §8.1).
 *
 * <p>The entries run from a STATE or GENESIS, whose root the state witness has, to the first that
 * is not what execution makes of the ones before. All but the last follow from each other and from
 * the state; none breaks a rule that shows without state, since that is INVALID_ENTRY. The witness
 * discloses exactly what this execution looks at.
 */
final class TransitionJudge {
  private final Genesis genesis;
  private final Optional<Program> program;
  private final Attribution attribution;
  private final StatementVerifier statements;
  private final BatchLimits limits;

  TransitionJudge(
      Genesis genesis,
      Optional<Program> program,
      Attribution attribution,
      StatementVerifier statements) {
    this.genesis = genesis;
    this.program = program;
    this.attribution = attribution;
    this.statements = statements;
    this.limits =
        new BatchLimits(
            genesis.parameters().maxBatchEntries(), genesis.parameters().maxBatchBytes());
  }

  /** One execution of at most one batch; what needs no signature is checked before. */
  Judgement judge(EvidenceFile.InvalidTransition file) throws DecodeException {
    Attribution.Attributed accused = attribution.attribute(file.checkpoint());
    return rule(file.shown(), RootedLog.of(accused)).against(accused);
  }

  /** The same of a batch under any root. */
  Ruling rule(EvidenceFile.Batch file, RootedLog log) throws DecodeException {
    Program known =
        program.orElseThrow(
            () ->
                new DecodeException(
                    "unknown_program", "no rules for program " + genesis.programId()));
    List<Exhibit> exhibits = file.exhibits();
    if (exhibits.size() < 2) {
      throw new DecodeException("no_batch", "a transition needs an entry after the STATE");
    }
    EntryJudge.requireIncluded(log.head(), exhibits, file.multiproof());
    requireOneBatch(exhibits);
    List<Replay.Prepared> prepared = prepare(exhibits, log);
    StateWitness witness = StateWitness.decode(file.witness());
    requireRoot(prepared.get(0).entry().orElseThrow().body(), witness);
    Machine machine = new Machine(genesis, log.writers(), known);
    Violation violation = divergence(machine, prepared.subList(1, prepared.size()), witness);
    Exhibit last = exhibits.get(exhibits.size() - 1);
    return new Ruling(
        FaultKind.INVALID_TRANSITION,
        last.index(),
        violation.code(),
        exhibits,
        EntryTexts.logged(last),
        violation.expected().map(EntryTexts::text).orElse(violation.message()),
        violation.expected());
  }

  /** From a STATE or GENESIS on, within one batch and its grammar. */
  private void requireOneBatch(List<Exhibit> exhibits) throws DecodeException {
    Entry first = Entry.decode(exhibits.get(0).bytes());
    if (!first.type().completesBatch()) {
      throw new DecodeException("not_from_state", "the first entry is a " + first.type());
    }
    BatchGrammar grammar = BatchGrammar.after(first, OptionalLong.empty(), limits);
    for (int i = 1; i < exhibits.size(); i++) {
      Entry entry = Entry.decode(exhibits.get(i).bytes());
      GrammarVerdict verdict = grammar.accept(entry);
      if (verdict.broken().isPresent()) {
        throw new DecodeException(
            "entry_invalid", "broken is the form of the log: " + verdict.broken().get());
      }
      if (entry.type().completesBatch() && i < exhibits.size() - 1) {
        throw new DecodeException("more_than_a_batch", "a STATE before the last entry");
      }
      grammar = ((GrammarVerdict.Fits) verdict).next();
    }
  }

  private List<Replay.Prepared> prepare(List<Exhibit> exhibits, RootedLog log)
      throws DecodeException {
    EntryCheck check = new EntryCheck(genesis, log.writers(), program);
    List<Replay.Prepared> all = new ArrayList<>(exhibits.size());
    for (Exhibit exhibit : exhibits) {
      Replay.Prepared prepared = Replay.prepare(exhibit.bytes(), log.author().node(), statements);
      Optional<String> fault = check.fault(exhibit.index(), prepared);
      if (fault.isPresent()) {
        throw new DecodeException(
            "entry_invalid", "entry " + exhibit.index() + " alone breaks " + fault.get());
      }
      all.add(prepared);
    }
    return all;
  }

  private static void requireRoot(EntryBody first, StateWitness witness) throws DecodeException {
    Hash root =
        first instanceof StateEntry state
            ? state.stateRoot()
            : ((GenesisEntry) first).initialStateRoot();
    if (!root.equals(witness.root())) {
      throw new DecodeException("witness_wrong_root", "a witness of another state");
    }
  }

  /** Where execution and log part: at the last entry, or there is nothing to blame. */
  private static Violation divergence(
      Machine machine, List<Replay.Prepared> entries, StateWitness witness) throws DecodeException {
    Execution<Optional<Divergence>> execution;
    try {
      execution = witness.execute(state -> Divergence.first(new Replay(machine, state), entries));
    } catch (RuntimeException | StackOverflowError e) {
      // A program that fails is our bug or a state nobody can have reached: never the accused's.
      throw new DecodeException("execution_failed", "the program failed: " + e);
    }
    if (!(execution instanceof Execution.Complete<Optional<Divergence>> complete)) {
      throw new DecodeException("incomplete", "execution needs state that is not disclosed");
    }
    Divergence found =
        complete
            .result()
            .orElseThrow(() -> new DecodeException("no_fault", "execution gives what was logged"));
    if (found.at() != entries.size() - 1) {
      throw new DecodeException("superfluous_entries", "the log parts earlier from execution");
    }
    if (found.violation().kind() != Violation.Kind.TRANSITION) {
      throw new DecodeException("entry_invalid", "shows without state: " + found.violation());
    }
    if (!complete.exact()) {
      throw new DecodeException("superfluous_state", "the witness discloses more than is needed");
    }
    return found.violation();
  }

  /** The first entry that is not what execution gives. */
  private record Divergence(int at, Violation violation) {
    static Optional<Divergence> first(Replay replay, List<Replay.Prepared> entries) {
      for (int i = 0; i < entries.size(); i++) {
        Optional<Violation> violation = replay.feed(entries.get(i));
        if (violation.isPresent()) {
          return Optional.of(new Divergence(i, violation.get()));
        }
      }
      return Optional.empty();
    }
  }
}
