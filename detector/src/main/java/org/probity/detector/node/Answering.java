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
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.state.AccessLog;

/**
 * What the own log answers to challenges that need no other node (protocol.md §7.1). Everything is
 * answered out of what is durable.
 */
final class Answering {
  static final String LOG_UNREADABLE = "log_unreadable";
  static final String NOT_DURABLE_YET = "not_durable_yet";

  /** Handed-over transactions whose place in the log is remembered. */
  static final int MAX_REMEMBERED = 1024;

  /** How often strangers may have us log the time, and nothing else. */
  static final long MIN_TICK_MILLIS = 1_000;

  private final Machine machine;
  private final LogReader ownLog;
  private final Map<Hash, Long> handedOver = new LinkedHashMap<>();

  Answering(Machine machine, LogReader ownLog) {
    this.machine = machine;
    this.ownLog = ownLog;
  }

  /**
   * The entries asked for. Whoever has our checkpoint has it from us, so its entries are durable,
   * also if nothing else of them is released yet: witnesses must have them to cosign it (§11.4).
   */
  Release produce(Claim.Audit claim, long ticket) {
    if (claim.checkpoint().size() > ownLog.size()) {
      return new Release.ChallengeRefused(ticket, "beyond_log");
    }
    return reading(
        ticket,
        () -> {
          List<Bytes> entries = new ArrayList<>();
          long bytes = 0;
          while (entries.size() < claim.count() && !Answer.isEnough(bytes)) {
            Bytes entry = ownLog.entry(claim.from() + entries.size());
            entries.add(entry);
            bytes += entry.size();
          }
          return Answer.producing(
              entries,
              Multiproof.buildRange(
                  ownLog, claim.checkpoint().size(), claim.from(), claim.from() + entries.size()));
        });
  }

  /** The proof between the two; as above. */
  Release link(Claim.Consistency claim, long ticket) {
    if (claim.newer().size() > ownLog.size()) {
      return new Release.ChallengeRefused(ticket, "beyond_log");
    }
    return reading(
        ticket,
        () ->
            Answer.linking(
                MerkleProofs.consistency(ownLog, claim.older().size(), claim.newer().size())));
  }

  /** What becomes of a transaction that somebody was handed. */
  record Placed(Optional<Long> index, long decidedAt) {
    /** It is in the log. */
    static Placed at(long index) {
      return new Placed(Optional.of(index), index + 1);
    }

    /** Nothing is executed: the log, once it is so long, has a state that shows that. */
    static Placed refused(long size) {
      return new Placed(Optional.empty(), size);
    }
  }

  /**
   * Finds exactly this statement in the log; executes it if it is nowhere.
   *
   * @return empty if it cannot be told before the next commit, or before time is logged again
   * @throws UnreadableLogException before anything is executed
   */
  Optional<Placed> place(
      TransactionRule.Checked checked, LogWriter writer, Published published, long nowMillis) {
    Hash bytes = Hash.sha256(checked.statement().encoded().unsafeArray());
    Long known = handedOver.get(bytes);
    if (known != null) {
      return Optional.of(Placed.at(known));
    }
    Optional<Long> executed =
        Machine.system(writer.state())
            .transaction(checked.transaction().clientId(), checked.transaction().submitter())
            .filter(remembered -> remembered.statementId().equals(checked.statement().id()))
            .map(SystemState.Remembered::index);
    if (executed.isPresent() && executed.get() >= published.size()) {
      return Optional.empty();
    }
    if (executed.isPresent() && isAt(executed.get(), checked.statement().encoded())) {
      remember(bytes, executed.get());
      return Optional.of(Placed.at(executed.get()));
    }
    LogWriter.Recorded recorded = writer.transaction(checked, nowMillis);
    if (recorded.status() == Status.EXECUTED) {
      remember(bytes, recorded.index());
      return Optional.of(Placed.at(recorded.index()));
    }
    return recorded.status() == Status.EXPIRED && !isLate(checked, writer, nowMillis)
        ? Optional.empty()
        : Optional.of(Placed.refused(writer.size()));
  }

  /** Whether the log itself says that the deadline has passed, or does so from now on. */
  private static boolean isLate(TransactionRule.Checked checked, LogWriter writer, long nowMillis) {
    long logged = Machine.system(writer.state()).tickMillis();
    if (checked.transaction().notAfterMillis() < logged) {
      return true;
    }
    if (nowMillis - logged < MIN_TICK_MILLIS) {
      return false;
    }
    writer.tick(nowMillis);
    return true;
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

  /** A state in which the transaction is not executed, and the proof of that. */
  Release refuse(Claim.Client claim, long ticket, Published published) {
    if (published.size() < claim.seen()) {
      return new Release.ChallengeRefused(ticket, "beyond_log");
    }
    AccessLog log = new AccessLog(published.state());
    Machine.Effects effects =
        machine.transaction(
            log.state(),
            claim.transaction().statement(),
            claim.transaction().transaction(),
            published.size());
    if (effects.status() == Status.EXECUTED) {
      // Something has changed since it was refused: next time it is executed.
      return new Release.ChallengeRefused(ticket, NOT_DURABLE_YET);
    }
    return showing(log, ticket, published);
  }

  /** A state after the decision: the durable one, whose log has it. */
  Release decided(long ticket, Published published) {
    AccessLog log = new AccessLog(published.state());
    long epoch = Machine.system(log.state()).governance(machine.genesis().networkId()).epoch();
    return epoch == 0
        ? new Release.ChallengeRefused(ticket, NOT_DURABLE_YET)
        : showing(log, ticket, published);
  }

  private Release showing(AccessLog log, long ticket, Published published) {
    return reading(
        ticket,
        () ->
            Answer.stating(
                published.checkpoint().bytes(),
                published.lastEntry().bytes(),
                MerkleProofs.inclusion(ownLog, published.size() - 1, published.size()),
                log.witness().encoded()));
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
