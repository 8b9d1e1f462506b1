package org.probity.detector.audit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.evidence.EntryExhibits;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;

/**
 * The AUDITs about one log that is held here: of each auditor the newest whose root is the log's
 * (protocol.md §6.6). Since each of them starts from GENESIS, it says all that the ones before it
 * said; and since one with another root than the log has here is never kept, nobody can replace a
 * lie that is about to be proven by something that nobody can judge.
 *
 * <p>Audits are audited: {@link #accuse} proves those false that cover an entry which this node has
 * found to be wrong. Single owner, not thread-safe.
 */
public final class AuditBook {
  /** Of one auditor, those that wait until the log gets there; the nearest stay. */
  public static final int MAX_AHEAD = 4;

  private static final Comparator<VerifiedAudit> BY_SIZE =
      Comparator.comparingLong(AuditBook::size);

  private final Origin log;
  private final Map<String, VerifiedAudit> newest = new TreeMap<>();
  private final Map<String, List<VerifiedAudit>> ahead = new TreeMap<>();
  private final Set<String> accused = new HashSet<>();

  public AuditBook(Origin log) {
    this.log = log;
  }

  /** What became of a statement. */
  public enum Standing {
    /** It is the newest of its auditor. */
    KEPT,
    /** A newer one of its auditor, or this one, is kept. */
    KNOWN,
    /** It ends beyond the log as it is held here, and waits. */
    AHEAD,
    /** As {@link #AHEAD}, but there are enough of them. */
    CROWDED,
    /** It does not start from GENESIS. */
    PARTIAL,
    /**
     * Its root is not the log's: another past of it, and whoever has replayed that holds one half
     * of a fork, and this node the other; or nothing that anybody has signed but its auditor.
     */
    OTHER_LOG
  }

  /**
   * Takes a statement about this log.
   *
   * @param held the log as far as it is stored and verified here
   * @throws IllegalArgumentException if it is about a log of another name
   */
  public Standing take(VerifiedAudit audit, LogReader held) {
    if (!audit.log().equals(log)) {
      throw new IllegalArgumentException("an AUDIT of " + audit.log() + " among those of " + log);
    }
    if (audit.content().from().size() != 0) {
      return Standing.PARTIAL;
    }
    VerifiedAudit known = newest.get(audit.auditor().node());
    // What an auditor signed before it began again, it holds no more: the next one's word counts.
    if (known != null
        && (isFormer(audit, known) || (!isFormer(known, audit) && size(known) >= size(audit)))) {
      return Standing.KNOWN;
    }
    return size(audit) > held.size() ? waits(audit) : compare(audit, held);
  }

  private static boolean isFormer(VerifiedAudit one, VerifiedAudit other) {
    return one.auditor().incarnation() < other.auditor().incarnation();
  }

  private Standing compare(VerifiedAudit audit, LogReader held) {
    TreeHead to = audit.content().to();
    if (!MerkleProofs.rootAt(held, to.size()).equals(to.root())) {
      return Standing.OTHER_LOG;
    }
    newest.put(audit.auditor().node(), audit);
    return Standing.KEPT;
  }

  private Standing waits(VerifiedAudit audit) {
    List<VerifiedAudit> waiting =
        ahead.computeIfAbsent(audit.auditor().node(), none -> new ArrayList<>());
    if (waiting.stream().anyMatch(one -> one.content().equals(audit.content()))) {
      return Standing.AHEAD;
    }
    waiting.add(audit);
    if (waiting.size() <= MAX_AHEAD) {
      return Standing.AHEAD;
    }
    VerifiedAudit farthest = Collections.max(waiting, BY_SIZE);
    waiting.remove(farthest);
    return farthest.equals(audit) ? Standing.CROWDED : Standing.AHEAD;
  }

  /**
   * What became of statements that were ahead of the log.
   *
   * @param kept the newest of their auditors now
   * @param others whose root is not the log's
   */
  public record Reached(List<VerifiedAudit> kept, List<VerifiedAudit> others) {
    public Reached {
      kept = List.copyOf(kept);
      others = List.copyOf(others);
    }
  }

  /** The log has grown, perhaps to where some statement waits for it. */
  public Reached grown(LogReader held) {
    List<VerifiedAudit> kept = new ArrayList<>();
    List<VerifiedAudit> others = new ArrayList<>();
    for (List<VerifiedAudit> waiting : ahead.values()) {
      List<VerifiedAudit> reached =
          waiting.stream().filter(audit -> size(audit) <= held.size()).sorted(BY_SIZE).toList();
      waiting.removeAll(reached);
      for (VerifiedAudit audit : reached) {
        Standing standing = take(audit, held);
        if (standing == Standing.KEPT) {
          kept.add(audit);
        } else if (standing == Standing.OTHER_LOG) {
          others.add(audit);
        }
      }
    }
    return new Reached(kept, others);
  }

  /** The newest of each auditor, by the auditor's node. */
  public List<VerifiedAudit> newest() {
    return List.copyOf(newest.values());
  }

  /** The newest of one auditor. */
  public Optional<VerifiedAudit> by(String auditor) {
    return Optional.ofNullable(newest.get(auditor));
  }

  /** Those that say that the entry at this index is as it must be, and all before it. */
  public List<VerifiedAudit> covering(long index) {
    return newest.values().stream().filter(audit -> audit.content().covers(index)).toList();
  }

  /**
   * Proves a statement false, if it is: it covers what was found to be wrong, or ends in the middle
   * of a batch. Once for each auditor; whoever signs again after that says the same lie.
   *
   * @param audit that is kept here
   * @param finding where this node's own replay of the log has stopped, if it has
   * @return {@link Proof.NotCovered} if there is nothing to prove, or nothing yet
   */
  public Proof accuse(
      VerifiedAudit audit,
      Optional<Finding> finding,
      LogReader held,
      EvidenceVerifier verifier,
      DecisionChain decisions) {
    if (accused.contains(audit.auditor().node())) {
      return new Proof.NotCovered();
    }
    Proof proof =
        finding
            .<Proof>map(found -> found.proveFalseAudit(audit, held, verifier, decisions))
            .filter(found -> !(found instanceof Proof.NotCovered))
            .orElseGet(() -> midBatch(audit, held, verifier, decisions));
    if (proof instanceof Proof.Proven) {
      accused.add(audit.auditor().node());
    }
    return proof;
  }

  private static Proof midBatch(
      VerifiedAudit audit, LogReader held, EvidenceVerifier verifier, DecisionChain decisions) {
    Optional<EntryExhibits.Selection> misplaced = EntryExhibits.misplacedAudit(held, size(audit));
    if (misplaced.isEmpty()) {
      return new Proof.NotCovered();
    }
    EntryExhibits.Selection shown = misplaced.get();
    Verification verification =
        verifier.verify(
            new EvidenceBuilder(
                    audit.log().networkId(),
                    decisions.enrolling(
                        List.of(audit.log(), decisions.genesis().origin(audit.auditor()))))
                .falseAudit(audit, shown.code(), shown.indices(), held));
    return verification instanceof Verification.Proven proven
        ? new Proof.Proven(proven.evidence())
        : new Proof.Unproven(List.of(verification.toString()));
  }

  /** What is kept, for the disk: {@code [* statement: bstr]}, deterministic CBOR. */
  public Bytes encode() {
    CborWriter out = new CborWriter(1024).array(newest.size());
    newest.values().forEach(audit -> out.bytes(audit.encoded()));
    return out.toBytes();
  }

  /**
   * Takes what {@link #encode} gave. Nothing of it is believed: every statement is verified, and
   * compared with the log, once more.
   */
  public void recall(Bytes encoded, AuditRule rule, LogReader held) throws DecodeException {
    CborReader in = new CborReader(encoded);
    List<Bytes> statements = new ArrayList<>();
    for (int i = in.arrayHeader(); i > 0; i--) {
      statements.add(in.bytesUpTo(AuditStatement.MAX_STATEMENT_BYTES));
    }
    in.end();
    for (Bytes statement : statements) {
      // One that does not count any more takes nothing away from the others.
      rule.check(statement)
          .valid()
          .filter(audit -> audit.log().equals(log))
          .ifPresent(audit -> take(audit, held));
    }
  }

  private static long size(VerifiedAudit audit) {
    return audit.content().to().size();
  }
}
