package org.probity.detector.audit;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Violation;
import org.probity.detector.evidence.EntryExhibits;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.state.StateWitness;

/**
 * The first entry of a log that no correct node would have logged there, with all it takes to prove
 * that. Immutable.
 *
 * @param index of that entry
 * @param violation the rule it breaks
 * @param batchStart index of the STATE or GENESIS before it; 0 also for a fault of entry 0
 * @param witness what executing the batch again looks at; present exactly if the fault does not
 *     show without state
 */
public record Finding(
    long index, Violation violation, long batchStart, Optional<StateWitness> witness) {

  /**
   * Bytes that prove the fault to anybody, for {@code EvidenceVerifier}. Nothing as long as the
   * checkpoint does not cover all it takes: ask again with the next one.
   *
   * @param checkpoint of the audited log, signed by its node
   * @param log holds at least what the checkpoint covers
   */
  public Optional<Bytes> candidate(SignedCheckpoint checkpoint, LogReader log) {
    if (checkpoint.size() <= index) {
      return Optional.empty();
    }
    EvidenceBuilder builder = new EvidenceBuilder(checkpoint.origin().networkId());
    if (witness.isPresent()) {
      return Optional.of(
          builder.invalidTransition(checkpoint, batchStart, index, log, witness.get()));
    }
    return new EntryExhibits(checkpoint.origin(), log, checkpoint.size())
        .select(violation.code(), index, batchStart)
        .map(shown -> builder.invalidEntry(checkpoint, shown.code(), shown.indices(), log));
  }
}
