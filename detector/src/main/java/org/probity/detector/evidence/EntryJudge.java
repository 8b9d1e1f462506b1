package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.Program;

/**
 * Judges INVALID_ENTRY: a few entries that no correct node would have logged together, whatever its
 * state (protocol.md §8.1).
 *
 * <p>The file names the rule, and that one is judged: entries that break several rules prove each
 * of them. Exactly the entries that the fault needs; what one entry shows alone is never judged
 * with company. The last entry is the one at fault.
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
    return rule(file.shown(), RootedLog.of(accused)).against(accused);
  }

  /** The same of entries under any root. */
  Ruling rule(EvidenceFile.Entries file, RootedLog log) throws DecodeException {
    requireIncluded(log.head(), file.exhibits(), file.multiproof());
    Bench bench =
        new Bench(log, file.multiproof(), new EntryCheck(genesis, log.writers(), program));
    String code = file.code();
    Set<String> broken = bench.broken(file.exhibits());
    if (broken.isEmpty()) {
      throw new DecodeException("no_fault", "these entries break no rule");
    }
    if (!broken.contains(code)) {
      throw new DecodeException("code_differs", "what these entries break is " + broken);
    }
    Exhibit last = last(file.exhibits());
    return new Ruling(
        FaultKind.INVALID_ENTRY,
        last.index(),
        code,
        file.exhibits(),
        EntryTexts.logged(last),
        EntryTexts.rule(code),
        Optional.empty());
  }

  /** One log in court. */
  private final class Bench {
    private final RootedLog log;
    private final List<Hash> multiproof;
    private final EntryCheck check;

    Bench(RootedLog log, List<Hash> multiproof, EntryCheck check) {
      this.log = log;
      this.multiproof = multiproof;
      this.check = check;
    }

    /** The rules that these entries break, by their codes: all that exactly they show. */
    Set<String> broken(List<Exhibit> exhibits) throws DecodeException {
      Set<String> codes = new LinkedHashSet<>();
      Exhibit last = last(exhibits);
      if (exhibits.size() == 1) {
        Replay.Prepared prepared = prepare(last);
        check.fault(last.index(), prepared).ifPresent(codes::add);
        endsTree(last.index(), prepared).ifPresent(codes::add);
        beginsElsewhere(last.index()).ifPresent(codes::add);
        return codes;
      }
      Entry end = requireSoundAlone(last);
      if (exhibits.size() <= 3) {
        List<Entry> entries = new ArrayList<>();
        for (Exhibit exhibit : exhibits) {
          entries.add(requireSoundAlone(exhibit));
        }
        together(entries).forEach(fault -> codes.add(fault.code()));
      }
      if (StateLength.contradicts(exhibits, end)) {
        codes.add(EntryFault.STATE_WRONG_BYTES.code());
      }
      return codes;
    }

    private List<EntryFault> together(List<Entry> entries) {
      return entries.size() == 2
          ? EntryRules.allOfPair(entries.get(0), entries.get(1))
          : EntryRules.crowdedBatch(limits, entries.get(0), entries.get(1), entries.get(2)).stream()
              .toList();
    }

    /** Whatever else is wrong with it: the last leaf under a signed root completes a batch. */
    private Optional<String> endsTree(long position, Replay.Prepared prepared) {
      return prepared
          .entry()
          .filter(entry -> position == log.head().size() - 1)
          .flatMap(EntryRules::lastOfCheckpoint)
          .map(fault -> log.unfinished());
    }

    /** SPEC protocol.md §11.3: what stands before a later GENESIS is the log that was closed. */
    private Optional<String> beginsElsewhere(long position) {
      return log.writers()
          .at(position)
          .beginning()
          .map(Incarnations.Beginning::close)
          .filter(close -> close.size() == position)
          .filter(
              close ->
                  !Multiproof.rootBefore(log.head().size(), position, multiproof)
                      .equals(Optional.of(close.root())))
          .map(close -> EntryFault.GENESIS_WRONG_CLOSE.code());
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
      return Replay.prepare(exhibit.bytes(), log.author().node(), statements);
    }
  }

  /** Whether the exhibits are the leaves at their positions; the positions ascend. */
  static void requireIncluded(TreeHead head, List<Exhibit> exhibits, List<Hash> multiproof)
      throws DecodeException {
    // SPEC protocol.md §7.3: only what a signed root covers is the accused's word.
    if (!Multiproof.verify(head, exhibits.stream().map(Exhibit::leaf).toList(), multiproof)) {
      throw new DecodeException("not_included", "the entries are not under the signed root");
    }
  }

  private static Exhibit last(List<Exhibit> exhibits) {
    return exhibits.get(exhibits.size() - 1);
  }
}
