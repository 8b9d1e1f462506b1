package org.probity.simulation.fault;

import java.util.List;
import java.util.Optional;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.StateEntry;
import org.probity.detector.node.Published;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;
import org.probity.detector.state.WorkingState;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * Takes nothing of one of the others in and says that it has: under its true checkpoint, with a
 * STATE that is not in its log, with a state that its STATE is not over, or with what it said when
 * it had less.
 */
final class FalseAcknowledgements implements Behaviour {
  private final Stage stage;
  private final String ignored;
  private final ChannelId channel;

  /** When it stopped to take anything in. */
  private final Published before;

  FalseAcknowledgements(Stage stage, String ignored, Published before) {
    this.stage = stage;
    this.ignored = ignored;
    this.channel = ChannelId.to(stage.world().founding().genesis().node(ignored).orElseThrow());
    this.before = before;
  }

  @Override
  public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
    if (request instanceof Request.Envelope envelope && from.equals(ignored)) {
      return Optional.of(acknowledged(node, envelope.body()));
    }
    if (request instanceof Request.Challenged challenged
        && FalseAnswers.body(stage.world().founding().genesis(), challenged.body()).orElse(null)
            instanceof Challenge.Message asked) {
      return Optional.of(
          ack(node, asked.receive())
              .map(ack -> (Reply) new Reply.Ok(Answer.acknowledging(ack)))
              .orElse(SILENT));
    }
    return Optional.empty();
  }

  private Reply acknowledged(SimulatedNode node, Bytes encoded) {
    Envelope envelope;
    try {
      envelope = Envelope.decode(encoded);
    } catch (DecodeException e) {
      return SILENT;
    }
    return ack(node, envelope.receive())
        .map(ack -> (Reply) new Reply.Ok(linked(node, ack, envelope.held()).encode()))
        .orElse(SILENT);
  }

  /** What links it is true, so that nothing but the acknowledgement is wrong. */
  private static Ack linked(SimulatedNode node, AckEntry ack, long held) {
    long size = HandWrittenLog.decoded(ack.stateEntry()).index() + 1;
    List<Hash> link =
        held == 0 || held >= size
            ? List.of()
            : MerkleProofs.consistency(node.disk().log(), held, size);
    return new Ack(ack, held >= size ? 0 : held, link);
  }

  private Optional<AckEntry> ack(SimulatedNode node, ReceiveEntry receive) {
    Optional<Published> end = node.core().published();
    long count = 0;
    for (Bytes send : receive.sends()) {
      if (HandWrittenLog.decoded(send).body() instanceof SendEntry message) {
        count = message.sequence() + 1;
      }
    }
    // A second process of a culprit that forks may have less than the first had when this began.
    if (end.isEmpty()
        || end.get().size() < before.size()
        || !(end.get().lastEntry().body() instanceof StateEntry state)) {
      return Optional.empty();
    }
    if (Machine.system(end.get().state()).received(channel) >= count) {
      // As a witness of the sender it has read them in its log: what is more would be true.
      return Optional.of(ack(node, before, before.lastEntry(), before.state()));
    }
    WorkingState claimed = new WorkingState(end.get().state());
    Machine.system(claimed).putReceived(channel, count);
    return Optional.of(
        switch (stage.chance().below(3)) {
          case 0 -> {
            Entry made =
                Entry.of(
                    end.get().lastEntry().index(),
                    end.get().lastEntry().prev(),
                    new StateEntry(
                        claimed.root(), state.previousStateIndex(), state.bytesBetween()));
            yield ack(node, end.get(), made, claimed.tree());
          }
          case 1 -> ack(node, end.get(), end.get().lastEntry(), claimed.tree());
          default -> ack(node, before, before.lastEntry(), before.state());
        });
  }

  private AckEntry ack(SimulatedNode node, Published end, Entry state, StateTree shown) {
    StoredEntries log = node.disk().log();
    return new AckEntry(
        end.checkpoint().bytes(),
        state.bytes(),
        MerkleProofs.inclusion(log, end.size() - 1, end.size()),
        StateWitness.ofKeys(shown, List.of(Machine.systemKey(SystemState.receivedKey(channel))))
            .encoded());
  }
}
