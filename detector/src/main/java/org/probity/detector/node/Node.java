package org.probity.detector.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.Views;
import org.probity.detector.commitment.Violation;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.TrustListener;
import org.probity.detector.trust.Verdict;

/**
 * One node of the consortium: the deterministic core. It owns the own log, the channels to the
 * peers, the views of their logs and the verdicts about them.
 *
 * <p>{@link #step} takes one input and says what to make durable and what to do now. It never
 * throws on a peer's or a client's bytes. Single owner, not thread-safe; {@link #published} may be
 * read by any thread.
 */
public final class Node {
  private final Machine machine;
  private final LogReader ownLog;
  private final PeerSignatures signatures;
  private final LogWriter writer;
  private final Outbound outbound;
  private final Inbound inbound;
  private final Views views = new Views();
  private final Gossip gossip;
  private final Trust trust = new Trust();

  private long wallMillis;
  private long elapsedMillis;
  private volatile @Nullable Published published;
  private List<Release> unsealedReleases = new ArrayList<>();
  private final List<Repeat> repeats = new ArrayList<>();

  /** Somebody waits for the outcome of a transaction that is executed but not durable. */
  private record Repeat(long ticket, long index) {}

  /**
   * A node that continues its log at {@code end}, which must be durable.
   *
   * @param published the checkpoint at {@code end}; empty for a log that has no entry yet
   * @param ownLog reads what is durable of the own log
   */
  public Node(
      Machine machine,
      CheckpointSigner signer,
      LogPosition end,
      Optional<Published> published,
      LogReader ownLog,
      TrustListener listener) {
    this.machine = machine;
    this.ownLog = ownLog;
    this.writer = new LogWriter(machine, signer, end);
    this.published = published.orElse(null);
    this.signatures = new PeerSignatures(machine.genesis());
    this.outbound = new Outbound(machine, signatures, views);
    this.inbound = new Inbound(machine, signatures, views, trust);
    this.gossip = new Gossip(machine, views);
    trust.listen(listener);
    if (published.isEmpty()) {
      writer.genesis();
    }
  }

  /** The durable end of the log; empty until the first commit. */
  public Optional<Published> published() {
    return Optional.ofNullable(published);
  }

  public Verdict verdict(String node) {
    return trust.verdict(node);
  }

  public List<Evidence> proofs() {
    return trust.proofs();
  }

  public Views views() {
    return views;
  }

  /** Whether {@link Input.Seal} would produce a commit. */
  public boolean hasUnsealed() {
    return writer.hasUnsealed();
  }

  /** Entries executed and waiting to be sealed. */
  public int unsealedEntries() {
    return writer.unsealedEntries();
  }

  /** Handles one input. */
  public Step step(Input input) {
    List<Effect> effects = new ArrayList<>();
    if (input instanceof Input.Clock clock) {
      wallMillis = clock.wallMillis();
      elapsedMillis = clock.elapsedMillis();
      transmit(effects);
      gossip.forward(elapsedMillis, effects);
    } else if (input instanceof Input.Submitted submitted) {
      submit(submitted, effects);
    } else if (input instanceof Input.EnvelopeArrived arrived) {
      inbound.envelope(arrived, writer, published, ownLog, wallMillis, effects);
      gossip.forwardConflicts(arrived.from(), effects);
    } else if (input instanceof Input.AckArrived ack) {
      outbound.acknowledged(ack, writer, wallMillis, elapsedMillis);
      gossip.forwardConflicts(ack.from(), effects);
    } else if (input instanceof Input.EnvelopeFailed failed) {
      outbound.failed(failed, elapsedMillis);
      transmit(effects);
    } else if (input instanceof Input.CheckpointHeard heard) {
      hear(heard, effects);
    } else if (input instanceof Input.CheckpointConfirmed confirmed) {
      gossip.confirmed(confirmed);
    } else if (input instanceof Input.CommitDurable durable) {
      publish(durable, effects);
    } else if (input instanceof Input.EvidenceFound found) {
      learn(found.evidence(), effects);
    } else if (input instanceof Input.Seal) {
      return new Step(seal(), effects);
    }
    return new Step(Optional.empty(), effects);
  }

  private void submit(Input.Submitted submitted, List<Effect> effects) {
    TransactionRule.Checked checked = submitted.transaction();
    LogWriter.Recorded recorded = writer.transaction(checked, wallMillis);
    if (recorded.status() == Status.ALREADY_RECORDED) {
      // The same bytes again get the result they got the first time, once that is durable.
      long index =
          Machine.system(writer.state())
              .transaction(checked.transaction().clientId(), checked.transaction().submitter())
              .orElseThrow()
              .index();
      repeatOutcome(submitted.ticket(), index, effects);
      return;
    }
    if (recorded.status() != Status.EXECUTED) {
      effects.add(
          new Release.Refused(
              submitted.ticket(),
              Violation.transition(
                  recorded.status().name().toLowerCase(Locale.ROOT),
                  "the transaction was not recorded: " + recorded.status())));
      return;
    }
    unsealedReleases.add(
        new Release.Recorded(submitted.ticket(), recorded.index(), recorded.outcome()));
  }

  private void repeatOutcome(long ticket, long index, List<Effect> effects) {
    Published now = published;
    // SPEC protocol.md §4.6: not ownLog.size(), which moves while the commit is still under way.
    if (now != null && index < now.size()) {
      effects.add(new Release.Recorded(ticket, index, durableOutcome(index)));
    } else {
      repeats.add(new Repeat(ticket, index));
    }
  }

  private Bytes durableOutcome(long index) {
    try {
      if (Entry.decode(ownLog.entry(index)).body() instanceof TransactionEntry transaction) {
        return transaction.outcome();
      }
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged", e);
    }
    throw new IllegalStateException("own entry " + index + " is no transaction");
  }

  private void hear(Input.CheckpointHeard heard, List<Effect> effects) {
    Optional<NodeRecord> author = signatures.author(heard.checkpoint());
    if (author.isPresent() && !author.get().node().equals(machine.self().node())) {
      views.offer(heard.checkpoint(), heard.base(), heard.consistency());
      gossip.forwardConflicts(author.get().node(), effects);
    }
  }

  private Optional<Commit> seal() {
    if (!writer.hasUnsealed()) {
      return Optional.empty();
    }
    LogWriter.Sealed sealed = writer.seal();
    Commit commit = new Commit(sealed, unsealedReleases);
    unsealedReleases = new ArrayList<>();
    return Optional.of(commit);
  }

  private void publish(Input.CommitDurable durable, List<Effect> effects) {
    effects.addAll(durable.commit().releases(durable.durable()));
    Published now = durable.commit().published(durable.durable());
    published = now;
    inbound.answerDurable(now, ownLog, effects);
    for (Repeat repeat : List.copyOf(repeats)) {
      if (repeat.index() < now.size()) {
        repeats.remove(repeat);
        repeatOutcome(repeat.ticket(), repeat.index(), effects);
      }
    }
    transmit(effects);
  }

  private void transmit(List<Effect> effects) {
    Published now = published;
    if (now != null) {
      outbound.transmit(now, Machine.system(writer.state()), ownLog, trust, elapsedMillis, effects);
    }
  }

  private void learn(Evidence evidence, List<Effect> effects) {
    if (trust.learn(evidence)) {
      effects.add(new Effect.Spread(evidence));
    }
  }
}
