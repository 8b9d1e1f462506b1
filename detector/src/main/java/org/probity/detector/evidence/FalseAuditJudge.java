package org.probity.detector.evidence;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Subject;

/**
 * Judges FALSE_AUDIT: somebody signed that entries were as they must be, and they are not
 * (protocol.md §6.6, §8.1).
 *
 * <p>The entries are those under the root that the auditor itself signed, so it does not matter
 * what the log's owner has signed, to whom, or whether to anybody: a fork of the ward never blames
 * the auditor, and neither does what the ward did later.
 */
final class FalseAuditJudge {
  static final String CODE = "false_audit";

  /** The rule that an AUDIT breaks which ends in the middle of a batch. */
  static final String NOT_ON_STATE = "audit_not_on_state";

  private final Genesis genesis;
  private final AuditRule rule;
  private final EntryJudge entries;
  private final TransitionJudge transitions;

  FalseAuditJudge(
      Genesis genesis, AuditRule rule, EntryJudge entries, TransitionJudge transitions) {
    this.genesis = genesis;
    this.rule = rule;
    this.entries = entries;
    this.transitions = transitions;
  }

  /** One signature verification, and what judging the entries takes. */
  Judgement judge(EvidenceFile.FalseAudit file) throws DecodeException {
    VerifiedAudit audit = rule.verify(file.audit());
    AuditStatement content = audit.content();
    // SPEC protocol.md §6.6: judged only against its own root.
    RootedLog log = new RootedLog(content.to(), audit.writers(), NOT_ON_STATE);
    Ruling ruling =
        file.shown() instanceof EvidenceFile.Entries shown
            ? entries.rule(shown, log)
            : transitions.rule((EvidenceFile.Batch) file.shown(), log);
    requireReplayed(content, ruling);
    return new Judgement(
        new Culprit(new Subject.OfLog(genesis.origin(audit.auditor())), audit.auditor().member()),
        List.of(),
        Optional.of(new FalselyAudited(audit, ruling.kind(), ruling.code(), ruling.position())),
        FaultId.falseAuditPosition(content.log(), ruling.position()),
        CODE,
        ruling.exhibits(),
        ruling.logged(),
        ruling.expected(),
        ruling.execution());
  }

  /** Nobody answers for what it has not looked at. */
  private static void requireReplayed(AuditStatement audit, Ruling ruling) throws DecodeException {
    if (!audit.covers(ruling.position())) {
      throw new DecodeException("not_audited", "the replay began after entry " + ruling.position());
    }
    if (ruling.firstShown() < audit.from().size() - 1) {
      // The last STATE before is what a replay starts from; nothing earlier was in its hands.
      throw new DecodeException(
          "not_audited",
          "it takes entry " + ruling.firstShown() + " to show, from before the replay");
    }
  }
}
