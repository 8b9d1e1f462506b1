package org.probity.detector.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.Views;
import org.probity.detector.commitment.Violation;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.state.StateWitness;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.Verdict;

/**
 * The receiving half of the channels (protocol.md §5.1): checks an envelope, has it logged and
 * executed, and acknowledges it once that is durable. Duplicates get the same answer.
 */
final class Inbound {
  private final Machine machine;
  private final PeerSignatures signatures;
  private final Views views;
  private final Trust trust;
  private final List<Waiting> waiting = new ArrayList<>();

  /** A sender waits for an ack of everything below {@code count}. */
  private record Waiting(long ticket, NodeRecord from, long count, long held) {}

  Inbound(Machine machine, PeerSignatures signatures, Views views, Trust trust) {
    this.machine = machine;
    this.signatures = signatures;
    this.views = views;
    this.trust = trust;
  }

  void envelope(
      Input.EnvelopeArrived arrived,
      LogWriter writer,
      @Nullable Published published,
      LogReader ownLog,
      long nowMillis,
      List<Effect> effects) {
    Envelope envelope = arrived.envelope();
    Optional<NodeRecord> from = machine.genesis().node(arrived.from());
    if (from.isEmpty() || trust.verdict(arrived.from()) == Verdict.EXPOSED) {
      effects.add(refused(arrived, "sender_not_admitted"));
      return;
    }
    Optional<SignedCheckpoint> checkpoint =
        signatures.checkpoint(envelope.receive().checkpoint(), from.get());
    if (checkpoint.isEmpty()) {
      effects.add(refused(arrived, "checkpoint_invalid"));
      return;
    }
    Views.Verdict verdict = views.offer(checkpoint.get(), envelope.base(), envelope.consistency());
    if (verdict != Views.Verdict.LINKED) {
      effects.add(
          new Release.EnvelopeRefused(
              arrived.ticket(),
              verdict == Views.Verdict.CONFLICT ? "checkpoint_conflict" : "wrong_base",
              OptionalLong.of(views.heldSize(machine.genesis().origin(from.get())))));
      return;
    }
    receive(arrived, from.get(), writer, nowMillis, effects);
    if (published != null) {
      answerDurable(published, ownLog, effects);
    }
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
    OptionalLong first = firstSequence(arrived.envelope());
    if (first.isEmpty() || first.getAsLong() > received) {
      effects.add(refused(arrived, "sequence_unexpected"));
      return;
    }
    if (first.getAsLong() == received) {
      Optional<Violation> violation = writer.receive(arrived.envelope().receive(), nowMillis);
      if (violation.isPresent()) {
        effects.add(refused(arrived, violation.get().code()));
        return;
      }
    }
    // What came before, in whole or in part, is acknowledged as far as it was received.
    long count = Machine.system(writer.state()).received(channel);
    waiting.add(new Waiting(arrived.ticket(), from, count, arrived.envelope().held()));
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
        effects.add(new Release.Acknowledged(wait.ticket(), ack(channel, wait, published, ownLog)));
        answered.add(wait);
      }
    }
    waiting.removeAll(answered);
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
