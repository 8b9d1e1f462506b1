package org.probity.detector.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.commitment.Violation;
import org.probity.detector.evidence.EntryExhibits;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.state.StateWitness;

/**
 * The first entry of a log that no correct node would have logged there, with all it takes to prove
 * that. Immutable.
 *
 * @param index of that entry
 * @param violation the rule it breaks
 * @param batchStart index of the STATE or GENESIS before it; 0 also for a fault of entry 0
 * @param witness what executing the batch again looks at; present if execution shows the fault
 */
public record Finding(
    long index, Violation violation, long batchStart, Optional<StateWitness> witness) {

  /**
   * Tries what may prove the fault, the shortest first, until the verifier accepts one.
   *
   * @param checkpoint of the audited log, signed by its node
   * @param log holds at least what the checkpoint covers
   */
  public Proof prove(SignedCheckpoint checkpoint, LogReader log, EvidenceVerifier verifier) {
    return prove(checkpoint, log, verifier, verifier.founding());
  }

  /**
   * The same of a log that may be of a later incarnation.
   *
   * @param decisions that approved it, at least
   */
  public Proof prove(
      SignedCheckpoint checkpoint,
      LogReader log,
      EvidenceVerifier verifier,
      DecisionChain decisions) {
    Origin origin = checkpoint.origin();
    EvidenceBuilder builder =
        new EvidenceBuilder(origin.networkId(), decisions.enrolling(List.of(origin)));
    Accusation author =
        new Accusation() {
          @Override
          public Bytes of(EntryExhibits.Selection shown) {
            return builder.invalidEntry(checkpoint, shown.code(), shown.indices(), log);
          }

          @Override
          public Bytes of(StateWitness state) {
            return builder.invalidTransition(checkpoint, batchStart, index, log, state);
          }
        };
    return prove(author, writers(origin, decisions), checkpoint.size(), log, verifier);
  }

  /**
   * Proves that somebody signed that there is nothing to be found: tries as {@link #prove} does.
   *
   * @param audit over the very log that was audited here: its root is that of {@code log} at its
   *     size
   * @param log holds at least what the AUDIT covers
   * @return {@link Proof.NotCovered} if the AUDIT ends before the fault, or begins after it
   */
  public Proof proveFalseAudit(VerifiedAudit audit, LogReader log, EvidenceVerifier verifier) {
    return proveFalseAudit(audit, log, verifier, verifier.founding());
  }

  /**
   * The same of a log or an auditor that may be of a later incarnation.
   *
   * @param decisions that approved them, at least
   */
  public Proof proveFalseAudit(
      VerifiedAudit audit, LogReader log, EvidenceVerifier verifier, DecisionChain decisions) {
    if (!audit.content().covers(index)) {
      return new Proof.NotCovered();
    }
    Origin auditorLog = decisions.genesis().origin(audit.auditor());
    EvidenceBuilder builder =
        new EvidenceBuilder(
            audit.log().networkId(), decisions.enrolling(List.of(audit.log(), auditorLog)));
    Accusation auditor =
        new Accusation() {
          @Override
          public Bytes of(EntryExhibits.Selection shown) {
            return builder.falseAudit(audit, shown.code(), shown.indices(), log);
          }

          @Override
          public Bytes of(StateWitness state) {
            return builder.falseAudit(audit, batchStart, index, log, state);
          }
        };
    return prove(auditor, audit.writers(), audit.content().to().size(), log, verifier);
  }

  private static Incarnations writers(Origin origin, DecisionChain decisions) {
    return decisions
        .keys()
        .log(origin.node(), origin.incarnation())
        .orElseThrow(() -> new IllegalArgumentException("no decision brought in " + origin));
  }

  /** Who signed the root, and is to blame for what is under it. */
  private interface Accusation {
    Bytes of(EntryExhibits.Selection shown);

    Bytes of(StateWitness state);
  }

  private Proof prove(
      Accusation accusation,
      Incarnations writers,
      long size,
      LogReader log,
      EvidenceVerifier verifier) {
    if (size <= index) {
      return new Proof.NotCovered();
    }
    List<String> reasons = new ArrayList<>();
    for (Supplier<Bytes> candidate : candidates(accusation, writers, size, log, verifier)) {
      Verification verification = verifier.verify(candidate.get());
      if (verification instanceof Verification.Proven proven) {
        return new Proof.Proven(proven.evidence());
      }
      Verification.Rejected rejected = (Verification.Rejected) verification;
      reasons.add(rejected.code() + ": " + rejected.message());
    }
    return new Proof.Unproven(reasons);
  }

  private List<Supplier<Bytes>> candidates(
      Accusation accusation,
      Incarnations writers,
      long size,
      LogReader log,
      EvidenceVerifier verifier) {
    List<Supplier<Bytes>> candidates = new ArrayList<>();
    if (violation.kind() == Violation.Kind.ENTRY) {
      new EntryExhibits(verifier, writers, log, size)
          .select(violation.code(), index, batchStart)
          .forEach(shown -> candidates.add(() -> accusation.of(shown)));
    }
    witness.ifPresent(state -> candidates.add(() -> accusation.of(state)));
    return candidates;
  }
}
