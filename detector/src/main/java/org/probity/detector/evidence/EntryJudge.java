package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.Program;

/**
 * Judges INVALID_ENTRY: a few entries that no correct node would have logged together, whatever its
 * state (protocol.md §8.1).
 *
 * <p>Exactly the entries that the fault needs, and exactly the code the rules give for them; what
 * one entry shows alone is never judged with company. The last entry is the one at fault.
 */
final class EntryJudge {
  private final Genesis genesis;
  private final Optional<Program> program;
  private final Attribution attribution;
  private final StatementVerifier statements;
  private final BatchLimits limits;

  EntryJudge(
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

  /** Linear in the file; at most 17 signatures an entry for three entries. */
  Judgement judge(EvidenceFile.InvalidEntry file) throws DecodeException {
    Attribution.Attributed accused = attribution.attribute(file.checkpoint());
    SignedCheckpoint checkpoint = accused.checkpoint();
    requireIncluded(checkpoint.head(), file.exhibits(), file.multiproof());
    Bench bench = new Bench(accused, new EntryCheck(genesis, accused.author(), program));
    String code =
        bench
            .fault(file.exhibits())
            .orElseThrow(() -> new DecodeException("no_fault", "these entries break no rule"));
    if (!code.equals(file.code())) {
      throw new DecodeException("code_differs", "the rule these entries break is " + code);
    }
    Exhibit last = last(file.exhibits());
    return new Judgement(
        accused.author(),
        List.of(checkpoint),
        last.index(),
        code,
        file.exhibits(),
        EntryTexts.logged(last),
        EntryTexts.rule(code),
        Optional.empty());
  }

  /** One log in court. */
  private final class Bench {
    private final Attribution.Attributed accused;
    private final EntryCheck check;

    Bench(Attribution.Attributed accused, EntryCheck check) {
      this.accused = accused;
      this.check = check;
    }

    Optional<String> fault(List<Exhibit> exhibits) throws DecodeException {
      Exhibit last = last(exhibits);
      if (exhibits.size() == 1) {
        Replay.Prepared prepared = prepare(last);
        Optional<String> alone = check.fault(last.index(), prepared);
        return alone.isPresent() ? alone : endsCheckpoint(prepared);
      }
      List<Entry> entries = new ArrayList<>();
      if (exhibits.size() <= 3) {
        for (Exhibit exhibit : exhibits) {
          entries.add(requireSoundAlone(exhibit));
        }
        Optional<EntryFault> together = together(entries);
        if (together.isPresent()) {
          return together.map(EntryFault::code);
        }
      }
      return StateLength.contradicts(exhibits, requireSoundAlone(last))
          ? Optional.of(EntryFault.STATE_WRONG_BYTES.code())
          : Optional.empty();
    }

    private Optional<EntryFault> together(List<Entry> entries) {
      return entries.size() == 2
          ? EntryRules.pair(entries.get(0), entries.get(1))
          : EntryRules.crowdedBatch(limits, entries.get(0), entries.get(1), entries.get(2));
    }

    private Optional<String> endsCheckpoint(Replay.Prepared prepared) {
      return prepared
          .entry()
          .filter(entry -> entry.index() == accused.checkpoint().size() - 1)
          .flatMap(EntryRules::lastOfCheckpoint)
          .map(EntryFault::code);
    }

    private Entry requireSoundAlone(Exhibit exhibit) throws DecodeException {
      Replay.Prepared prepared = prepare(exhibit);
      Optional<String> fault = check.fault(exhibit.index(), prepared);
      if (fault.isPresent()) {
        throw new DecodeException(
            "not_minimal", "entry " + exhibit.index() + " alone breaks " + fault.get());
      }
      return prepared.entry().orElseThrow();
    }

    private Replay.Prepared prepare(Exhibit exhibit) {
      return Replay.prepare(exhibit.bytes(), accused.author().node(), statements);
    }
  }

  /** Whether the exhibits are the leaves at their positions; the positions ascend. */
  static void requireIncluded(
      TreeHead head, List<Exhibit> exhibits, List<org.probity.detector.crypto.Hash> multiproof)
      throws DecodeException {
    // SPEC protocol.md §7.3: only what a signed root covers is the accused's word.
    if (!Multiproof.verify(head, exhibits.stream().map(Exhibit::leaf).toList(), multiproof)) {
      throw new DecodeException("not_included", "the entries are not under the checkpoint");
    }
  }

  private static Exhibit last(List<Exhibit> exhibits) {
    return exhibits.get(exhibits.size() - 1);
  }
}
