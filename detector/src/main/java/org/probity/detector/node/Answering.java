package org.probity.detector.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Claim;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.UnreadableLogException;

/**
 * What the own log answers to challenges that need no other node (protocol.md §7.1). Everything is
 * answered out of what is durable.
 */
final class Answering {
  static final String LOG_UNREADABLE = "log_unreadable";

  /** Handed-over transactions whose place in the log is remembered. */
  static final int MAX_REMEMBERED = 1024;

  private final LogReader ownLog;
  private final Map<Hash, Long> handedOver = new LinkedHashMap<>();

  Answering(LogReader ownLog) {
    this.ownLog = ownLog;
  }

  /** The entries asked for. */
  Release produce(Claim.Audit claim, long ticket, Published published) {
    if (claim.checkpoint().size() > published.size()) {
      return new Release.ChallengeRefused(ticket, "beyond_log");
    }
    return reading(
        ticket,
        () -> {
          List<Bytes> entries = new ArrayList<>();
          for (int i = 0; i < claim.count(); i++) {
            entries.add(ownLog.entry(claim.from() + i));
          }
          return Answer.producing(
              entries,
              Multiproof.buildRange(
                  ownLog, claim.checkpoint().size(), claim.from(), claim.from() + claim.count()));
        });
  }

  /** The proof between the two. */
  Release link(Claim.Consistency claim, long ticket, Published published) {
    if (claim.newer().size() > published.size()) {
      return new Release.ChallengeRefused(ticket, "beyond_log");
    }
    return reading(
        ticket,
        () ->
            Answer.linking(
                MerkleProofs.consistency(ownLog, claim.older().size(), claim.newer().size())));
  }

  /**
   * Where exactly this statement is in the log; logs it if it is nowhere, whatever comes of it.
   *
   * @return its index, durable or not yet; empty if it cannot be told before the next commit
   * @throws UnreadableLogException before anything is executed
   */
  Optional<Long> place(
      TransactionRule.Checked checked, LogWriter writer, Published published, long nowMillis) {
    Hash bytes = Hash.sha256(checked.statement().encoded().unsafeArray());
    Long known = handedOver.get(bytes);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Long> executed =
        Machine.system(writer.state())
            .transaction(checked.transaction().clientId(), checked.transaction().submitter())
            .filter(remembered -> remembered.statementId().equals(checked.statement().id()))
            .map(SystemState.Remembered::index);
    if (executed.isPresent() && executed.get() >= published.size()) {
      return Optional.empty();
    }
    long index =
        executed
            .filter(at -> isAt(at, checked.statement().encoded()))
            .orElseGet(() -> writer.transactionWhateverItsOutcome(checked, nowMillis).index());
    remember(bytes, index);
    return Optional.of(index);
  }

  private boolean isAt(long index, Bytes statement) {
    return entry(index).body() instanceof TransactionEntry logged
        && logged.statement().equals(statement);
  }

  private void remember(Hash statement, long index) {
    handedOver.put(statement, index);
    if (handedOver.size() > MAX_REMEMBERED) {
      handedOver.remove(handedOver.keySet().iterator().next());
    }
  }

  /** The entry at {@code index}, which is durable. */
  Release include(long index, long ticket, Published published) {
    return reading(
        ticket,
        () ->
            Answer.including(
                published.checkpoint().bytes(),
                ownLog.entry(index),
                MerkleProofs.inclusion(ownLog, index, published.size())));
  }

  private Entry entry(long index) {
    try {
      return Entry.decode(ownLog.entry(index));
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged", e);
    }
  }

  private interface Reading {
    Bytes answer();
  }

  private static Release reading(long ticket, Reading reading) {
    try {
      return new Release.ChallengeAnswered(ticket, reading.answer());
    } catch (UnreadableLogException e) {
      // Whoever asks comes again, and perhaps the log is mended by then.
      return new Release.ChallengeRefused(ticket, LOG_UNREADABLE);
    }
  }
}
