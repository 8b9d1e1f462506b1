package org.probity.detector.evidence;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.Subject;
import org.probity.detector.program.Program;

/**
 * The only door to {@link Evidence} (protocol.md §8.2): parses and judges the bytes of an evidence
 * file, offline, from the genesis document and the programs known.
 *
 * <p>Total and deterministic: no bytes make it throw, the same bytes get the same answer at any
 * time and everywhere. Work is bounded by {@link #MAX_BYTES} and the limits of one batch. Nothing
 * is held between calls; thread-safe.
 */
public final class EvidenceVerifier {
  /**
   * The largest file that is looked at. Under the default limits a proof has at most 64 KiB; a
   * genesis may set larger ones.
   */
  public static final int MAX_BYTES = 2 << 20;

  private final Genesis genesis;
  private final SignatureRule rule;
  private final DecisionChain founding;
  private final Optional<Program> program;
  private final StatementVerifier statements;
  private final Judges judges;

  /**
   * @param programs by program id, all versions this software has
   * @throws IllegalArgumentException if a program is not the one it is filed under
   */
  public EvidenceVerifier(Genesis genesis, Map<Hash, Program> programs) {
    programs.forEach(
        (id, program) -> {
          if (!program.id().equals(id)) {
            throw new IllegalArgumentException("program " + program.id() + " filed under " + id);
          }
        });
    this.rule = genesis.signatures();
    this.founding = DecisionChain.of(genesis, rule);
    this.program = Optional.ofNullable(programs.get(genesis.programId()));
    this.genesis = genesis;
    this.statements = new StatementVerifier(rule, genesis.networkId());
    this.judges = new Judges(founding);
  }

  /** Whether these bytes prove a fault, and whose. */
  public Verification verify(Bytes file) {
    if (file.size() > MAX_BYTES) {
      return new Verification.Rejected(
          "evidence_too_large", file.size() + " bytes, at most " + MAX_BYTES);
    }
    try {
      EvidenceFile decoded = EvidenceFile.decode(file);
      if (!decoded.networkId().equals(genesis.networkId())) {
        return new Verification.Rejected(
            "wrong_network", "evidence for network " + decoded.networkId());
      }
      return proven(file, decoded.content().kind(), judge(decoded));
    } catch (DecodeException e) {
      return new Verification.Rejected(e.code(), String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError e) {
      // Our bug. Whatever it is, it must not convict anybody, nor stop whoever asked.
      return new Verification.Rejected("verifier_failed", "the verifier failed: " + e);
    }
  }

  /** The consortium before its first decision. */
  public DecisionChain founding() {
    return founding;
  }

  /** One log as this verifier looks at it. */
  LogCheck checkOf(Incarnations writers) {
    return new LogCheck(
        new EntryCheck(genesis, writers, program), writers.present().node(), statements);
  }

  /** What single entries of one log show, as it is judged here. */
  record LogCheck(EntryCheck check, String node, StatementVerifier statements) {
    /** Cost: at most 16 signatures, for a TRANSACTION. */
    Optional<String> alone(long position, Bytes entry) {
      return check.fault(position, Replay.prepare(entry, node, statements));
    }
  }

  private Judgement judge(EvidenceFile file) throws DecodeException {
    EvidenceFile.Content content = file.content();
    if (program.isEmpty() && content.kind() != FaultKind.FORK) {
      // SPEC protocol.md §3.4: what is allowed is what the program id says. Two checkpoints that
      // conflict are a fault under any rules.
      throw new DecodeException(
          "unknown_program", "this software has no rules for program " + genesis.programId());
    }
    return file.decisions().isEmpty()
        ? judges.judge(content)
        : judgeLater(file.decisions(), content);
  }

  /** With keys that decisions brought in. */
  private Judgement judgeLater(List<Bytes> decisions, EvidenceFile.Content content)
      throws DecodeException {
    if (content instanceof EvidenceFile.DoubleBallot) {
      throw new DecodeException(
          "decisions_unsupported", "no decision of this version gives a member another key");
    }
    DecisionChain chain = founding;
    for (Bytes decision : decisions) {
      chain = chain.append(decision);
    }
    Judgement judgement = new Judges(chain).judge(content);
    // Only load-bearing bytes: the chain ends where the last of the keys it is about comes in.
    Set<Subject> subjects = new HashSet<>();
    subjects.add(judgement.culprit().subject());
    judgement.audited().ifPresent(it -> subjects.add(new Subject.OfLog(it.audit().log())));
    boolean ends =
        chain.decisions().get(decisions.size() - 1).enrolled().stream()
            .anyMatch(record -> subjects.contains(new Subject.OfLog(genesis.origin(record))));
    if (!ends) {
      throw new DecodeException(
          "decisions_not_needed", "the last decision does not bring in the accused's keys");
    }
    return judgement;
  }

  /** Who judges by the keys of one chain of decisions. */
  private final class Judges {
    private final ForkJudge forks;
    private final EntryJudge entries;
    private final TransitionJudge transitions;
    private final FalseAuditJudge audits;
    private final BallotJudge ballots;

    Judges(DecisionChain chain) {
      KeyHistory keys = chain.keys();
      Attribution attribution = new Attribution(genesis, keys, rule);
      this.forks = new ForkJudge(attribution);
      this.entries = new EntryJudge(genesis, program, attribution, statements);
      this.transitions = new TransitionJudge(genesis, program, attribution, statements);
      this.audits =
          new FalseAuditJudge(genesis, new AuditRule(genesis, keys, rule), entries, transitions);
      this.ballots = new BallotJudge(genesis.networkId(), keys, statements);
    }

    Judgement judge(EvidenceFile.Content content) throws DecodeException {
      if (content instanceof EvidenceFile.Fork fork) {
        return forks.judge(fork);
      }
      if (content instanceof EvidenceFile.InvalidEntry entry) {
        return entries.judge(entry);
      }
      if (content instanceof EvidenceFile.FalseAudit audit) {
        return audits.judge(audit);
      }
      if (content instanceof EvidenceFile.DoubleBallot twice) {
        return ballots.judge(twice);
      }
      return transitions.judge((EvidenceFile.InvalidTransition) content);
    }
  }

  private Verification proven(Bytes file, FaultKind kind, Judgement judgement) {
    FaultId faultId = new FaultId(judgement.culprit().subject(), kind, judgement.position());
    String member = judgement.culprit().member();
    return new Verification.Proven(
        new Evidence(file, faultId, member, judgement.code()),
        new EvidenceExplanation(
            faultId,
            member,
            judgement.code(),
            judgement.checkpoints(),
            judgement.audited(),
            judgement.exhibits(),
            judgement.logged(),
            judgement.expected(),
            judgement.execution()));
  }
}
