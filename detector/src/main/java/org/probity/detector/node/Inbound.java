package org.probity.detector.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Claim;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.commitment.Views;
import org.probity.detector.commitment.Violation;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.UnreadableLogException;
import org.probity.detector.state.StateWitness;

/**
 * The receiving half of the channels (protocol.md §5.1): checks an envelope, has it logged and
 * executed, and acknowledges it once that is durable. Duplicates get the same answer.
 */
final class Inbound {
  /** Code of a refusal that ends when enough of the log's checkpoints are linked or confirmed. */
  static final String LOG_REFUSED = "log_refused";

  /** Code of a refusal that ends when the members readmit the sender. */
  static final String SENDER_STOPPED = "sender_stopped";

  private final Machine machine;
  private final Gossip gossip;
  private final CheckpointVerifier checkpoints;
  private final Views views;
  private final Containment containment;
  private final List<Waiting> waiting = new ArrayList<>();

  /**
   * Somebody waits for an ack of everything below {@code count} that {@code from} has sent.
   *
   * @param isChallenged whether it answers a challenge, not an envelope
   */
  private record Waiting(
      long ticket, NodeRecord from, long count, long held, boolean isChallenged) {}

  Inbound(
      Machine machine,
      Gossip gossip,
      CheckpointVerifier checkpoints,
      Views views,
      Containment containment) {
    this.machine = machine;
    this.gossip = gossip;
    this.checkpoints = checkpoints;
    this.views = views;
    this.containment = containment;
  }

  void envelope(
      Input.EnvelopeArrived arrived,
      LogWriter writer,
      @Nullable Published published,
      LogReader ownLog,
      long nowMillis,
      List<Effect> effects) {
    VerifiedCheckpoint checkpoint = arrived.envelope().checkpoint();
    NodeRecord from = checkpoint.author();
    if (from.node().equals(machine.self().node()) || containment.isContained(from.node())) {
      effects.add(refused(arrived, "sender_not_admitted"));
      return;
    }
    if (!Machine.system(writer.state()).isActive(from.node())) {
      effects.add(refused(arrived, SENDER_STOPPED));
      return;
    }
    Envelope envelope = arrived.envelope().envelope();
    Views.Offer offer = views.offer(checkpoint, envelope.base(), envelope.consistency());
    gossip.examine(offer.fork(), effects);
    if (offer.verdict() != Views.Verdict.LINKED) {
      effects.add(notLinked(arrived, offer.verdict(), views.heldSize(checkpoint.origin())));
      return;
    }
    receive(arrived, from, writer, nowMillis, effects);
    if (published != null) {
      answerDurable(published, ownLog, effects);
    }
  }

  private static Release notLinked(
      Input.EnvelopeArrived arrived, Views.Verdict verdict, long heldSize) {
    return switch (verdict) {
      case LINKED -> throw new IllegalArgumentException("linked, so not refused");
      case WRONG_BASE, UNPROVEN ->
          new Release.EnvelopeRefused(arrived.ticket(), "wrong_base", OptionalLong.of(heldSize));
      // Another base would change nothing about these.
      case CONFLICT -> refused(arrived, "checkpoint_conflict");
      case LOG_REFUSED -> refused(arrived, LOG_REFUSED);
    };
  }

  private void receive(
      Input.EnvelopeArrived arrived,
      NodeRecord from,
      LogWriter writer,
      long nowMillis,
      List<Effect> effects) {
    ChannelId channel = ChannelId.to(from);
    SystemState system = Machine.system(writer.state());
    long received = system.received(channel);
    OptionalLong first = firstSequence(arrived.envelope().envelope());
    if (first.isEmpty() || first.getAsLong() > received) {
      effects.add(refused(arrived, "sequence_unexpected"));
      return;
    }
    if (first.getAsLong() == received) {
      Optional<Violation> violation = writer.receive(arrived.envelope(), nowMillis);
      if (violation.isPresent()) {
        effects.add(refused(arrived, violation.get().code()));
        return;
      }
    }
    // What came before, in whole or in part, is acknowledged as far as it was received.
    long count = Machine.system(writer.state()).received(channel);
    waiting.add(
        new Waiting(arrived.ticket(), from, count, arrived.envelope().envelope().held(), false));
  }

  /**
   * A message challenge to us (protocol.md §7.1): what of the messages is not received yet is
   * logged like an envelope, and the answer waits until that is durable.
   *
   * <p>The sender's checkpoint comes without a proof. It is kept to be linked if there is room; the
   * messages are taken either way, since whoever challenges must get an answer, and the checkpoint
   * is in our log for everybody to see.
   */
  void challenged(
      Claim.Message claim,
      long ticket,
      LogWriter writer,
      @Nullable Published published,
      LogReader ownLog,
      long nowMillis,
      List<Effect> effects) {
    NodeRecord from = claim.sender();
    if (containment.isContained(from.node())) {
      effects.add(new Release.ChallengeRefused(ticket, "sender_not_admitted"));
      return;
    }
    Views.Offer offer = views.offer(claim.envelope().checkpoint(), 0, List.of());
    gossip.examine(offer.fork(), effects);
    if (offer.verdict() == Views.Verdict.CONFLICT) {
      effects.add(new Release.ChallengeRefused(ticket, "checkpoint_conflict"));
      return;
    }
    Optional<Violation> violation = receiveRest(claim, writer, nowMillis);
    if (violation.isPresent()) {
      effects.add(new Release.ChallengeRefused(ticket, violation.get().code()));
      return;
    }
    waiting.add(new Waiting(ticket, from, claim.end(), 0, true));
    if (published != null) {
      answerDurable(published, ownLog, effects);
    }
  }

  /**
   * SPEC protocol.md §6.5: messages to us that we have read in the log of their sender, our ward,
   * which may never have transmitted them. It gets its acknowledgement when it asks.
   */
  void found(
      Input.MessagesUndelivered found, LogWriter writer, long nowMillis, List<Effect> effects) {
    Envelope envelope =
        new Envelope(found.body().receive(), 0, machine.genesis().networkId(), 0, List.of(), 0);
    OptionalLong first = firstSequence(envelope);
    boolean isWelcome =
        !containment.isContained(found.sender())
            && Machine.system(writer.state()).isActive(found.sender());
    if (!isWelcome || first.isEmpty()) {
      return;
    }
    Optional<VerifiedEnvelope> verified = checkpoints.envelope(found.sender(), envelope);
    if (verified.isPresent()) {
      Views.Offer offer = views.offer(verified.get().checkpoint(), 0, List.of());
      gossip.examine(offer.fork(), effects);
      if (offer.verdict() != Views.Verdict.CONFLICT) {
        long end = first.getAsLong() + envelope.receive().sends().size();
        receiveRest(new Claim.Message(verified.get(), first.getAsLong(), end), writer, nowMillis);
      }
    }
  }

  private static Optional<Violation> receiveRest(
      Claim.Message claim, LogWriter writer, long nowMillis) {
    long received = Machine.system(writer.state()).received(ChannelId.to(claim.sender()));
    if (received >= claim.end()) {
      return Optional.empty();
    }
    if (received < claim.first()) {
      // It cites an acknowledgement that we have no memory of.
      return Optional.of(Violation.transition("sequence_unexpected", "messages are missing"));
    }
    try {
      int dropped = Math.toIntExact(received - claim.first());
      return writer.receive(CheckpointVerifier.without(claim.envelope(), dropped), nowMillis);
    } catch (DecodeException e) {
      throw new IllegalStateException("a valid challenge cannot be read: " + e.getMessage(), e);
    }
  }

  private static OptionalLong firstSequence(Envelope envelope) {
    try {
      if (!envelope.receive().sends().isEmpty()
          && Entry.decode(envelope.receive().sends().get(0)).body() instanceof SendEntry send) {
        return OptionalLong.of(send.sequence());
      }
    } catch (DecodeException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.empty();
  }

  /** Acknowledges whatever the durable log has received. */
  void answerDurable(Published published, LogReader ownLog, List<Effect> effects) {
    SystemState system = Machine.system(published.state());
    List<Waiting> answered = new ArrayList<>();
    for (Waiting wait : waiting) {
      ChannelId channel = ChannelId.to(wait.from());
      if (system.received(channel) >= wait.count()) {
        effects.add(acknowledge(channel, wait, published, ownLog));
        answered.add(wait);
      }
    }
    waiting.removeAll(answered);
  }

  private static Release acknowledge(
      ChannelId channel, Waiting wait, Published published, LogReader ownLog) {
    try {
      Ack ack = ack(channel, wait, published, ownLog);
      return wait.isChallenged()
          ? new Release.ChallengeAnswered(wait.ticket(), Answer.acknowledging(ack.ack()))
          : new Release.Acknowledged(wait.ticket(), ack);
    } catch (UnreadableLogException e) {
      // It is received; who waits asks again, and perhaps the log is mended by then.
      return wait.isChallenged()
          ? new Release.ChallengeRefused(wait.ticket(), Answering.LOG_UNREADABLE)
          : new Release.EnvelopeRefused(
              wait.ticket(), Answering.LOG_UNREADABLE, OptionalLong.empty());
    }
  }

  private static Ack ack(ChannelId channel, Waiting wait, Published published, LogReader ownLog) {
    long size = published.size();
    Bytes key = Machine.systemKey(SystemState.receivedKey(channel));
    long base = wait.held() <= size ? wait.held() : 0;
    return new Ack(
        new AckEntry(
            published.checkpoint().bytes(),
            published.lastEntry().bytes(),
            MerkleProofs.inclusion(ownLog, size - 1, size),
            StateWitness.ofKeys(published.state(), List.of(key)).encoded()),
        base,
        Outbound.consistency(ownLog, base, size));
  }

  private static Release refused(Input.EnvelopeArrived arrived, String code) {
    return new Release.EnvelopeRefused(arrived.ticket(), code, OptionalLong.empty());
  }
}
