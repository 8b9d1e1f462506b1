package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.IndexedLeaf;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * In the place of most of its true envelopes it sends others: messages that are not in its log, not
 * for the receiver, without the first or the second one, once more those that came before, or true
 * ones under a proof that is none.
 */
final class FalseEnvelopes implements Behaviour {
  private static final double SHARE = 0.7;

  /** Longer than it takes until what is heard is durable. */
  private static final long LOOK_MILLIS = 20;

  /** A log that is made up is so much longer than the true one. */
  private static final long AHEAD = 7;

  private final Stage stage;
  private final Chance chance;

  private FalseEnvelopes(Stage stage) {
    this.stage = stage;
    this.chance = stage.chance();
  }

  static void envelopes(Stage stage) {
    stage.culprit().puts(new FalseEnvelopes(stage));
    stage.customers().remit(stage.name(), stage.victim());
    stage.done(Expectation.UNPROVABLE);
  }

  @Override
  public boolean sends(SimulatedNode node, String to, Request request) {
    if (!(request instanceof Request.Envelope envelope) || !chance.happens(SHARE)) {
      return true;
    }
    Optional<Envelope> other = other(node.disk().log(), to, decoded(envelope.body()));
    other.ifPresent(
        made ->
            stage
                .world()
                .network()
                .ask(stage.name(), to, new Request.Envelope(made.encode()), reply -> {}));
    return other.isEmpty();
  }

  private static Envelope decoded(Bytes envelope) {
    try {
      return Envelope.decode(envelope);
    } catch (DecodeException e) {
      throw new IllegalStateException("an own envelope is malformed", e);
    }
  }

  private Optional<Envelope> other(StoredEntries log, String to, Envelope truth) {
    ReceiveEntry receive = truth.receive();
    long size = size(receive.checkpoint());
    List<Entry> sends = receive.sends().stream().map(HandWrittenLog::decoded).toList();
    return switch (chance.below(7)) {
      case 0 -> Optional.of(with(truth, altered(sends), receive.multiproof()));
      case 1 ->
          sends.size() < 2
              ? Optional.of(with(truth, renumbered(sends), receive.multiproof()))
              : Optional.of(
                  with(
                      truth,
                      receive.sends().subList(1, sends.size()),
                      Multiproof.without(size, leaves(sends), receive.multiproof(), 1)));
      case 2 -> proven(log, truth, size, sent(to, sends.get(0).index()));
      case 3 ->
          proven(
              log,
              truth,
              size,
              HandWrittenLog.of(stage.node(), SendEntry.class).stream()
                  .filter(entry -> !((SendEntry) entry.body()).toNode().equals(to))
                  .limit(1)
                  .toList());
      case 4 ->
          sends.size() < 3
              ? Optional.of(with(truth, altered(sends), disturbed(receive.multiproof())))
              : proven(log, truth, size, List.of(sends.get(0), sends.get(2)));
      case 5 -> Optional.of(with(truth, receive.sends(), disturbed(receive.multiproof())));
      default ->
          Optional.of(
              new Envelope(
                  receive,
                  truth.epoch(),
                  truth.decision(),
                  truth.base(),
                  disturbed(truth.consistency()),
                  truth.held()));
    };
  }

  private static Envelope with(Envelope truth, List<Bytes> sends, List<Hash> multiproof) {
    return new Envelope(
        new ReceiveEntry(truth.receive().checkpoint(), sends, multiproof),
        truth.epoch(),
        truth.decision(),
        truth.base(),
        truth.consistency(),
        truth.held());
  }

  /** Other entries of the log under the same checkpoint. */
  private static Optional<Envelope> proven(
      StoredEntries log, Envelope truth, long size, List<Entry> sends) {
    return sends.isEmpty() || sends.get(sends.size() - 1).index() >= size
        ? Optional.empty()
        : Optional.of(
            with(
                truth,
                sends.stream().map(Entry::bytes).toList(),
                Multiproof.build(log, size, sends.stream().map(Entry::index).toList())));
  }

  /** The first messages to somebody, which have arrived long ago. */
  private List<Entry> sent(String to, long before) {
    List<Entry> sent =
        new ArrayList<>(
            HandWrittenLog.of(stage.node(), SendEntry.class).stream()
                .filter(entry -> ((SendEntry) entry.body()).toNode().equals(to))
                .filter(entry -> entry.index() < before)
                .toList());
    Collections.reverse(sent);
    return sent.subList(0, Math.min(2, sent.size()));
  }

  static List<Bytes> altered(List<Entry> sends) {
    List<Bytes> altered = new ArrayList<>(sends.stream().map(Entry::bytes).toList());
    SendEntry send = (SendEntry) sends.get(0).body();
    byte[] payload = send.payload().toArray();
    payload[payload.length - 1] ^= 1;
    altered.set(0, like(sends.get(0), send, send.sequence(), Bytes.wrap(payload)));
    return altered;
  }

  private static List<Bytes> renumbered(List<Entry> sends) {
    List<Bytes> renumbered = new ArrayList<>();
    for (Entry entry : sends) {
      SendEntry send = (SendEntry) entry.body();
      renumbered.add(like(entry, send, send.sequence() + 1, send.payload()));
    }
    return renumbered;
  }

  private static Bytes like(Entry entry, SendEntry send, long sequence, Bytes payload) {
    return Entry.of(
            entry.index(),
            entry.prev(),
            new SendEntry(send.toNode(), send.toIncarnation(), sequence, payload))
        .bytes();
  }

  private static List<IndexedLeaf> leaves(List<Entry> sends) {
    return sends.stream().map(send -> new IndexedLeaf(send.index(), send.leafHash())).toList();
  }

  private List<Hash> disturbed(List<Hash> proof) {
    List<Hash> disturbed = new ArrayList<>(proof);
    Hash other = Hash.sha256(Bytes.utf8("another hash").unsafeArray());
    if (disturbed.isEmpty()) {
      disturbed.add(other);
    } else {
      disturbed.set(chance.below(disturbed.size()), other);
    }
    return disturbed;
  }

  private static long size(Bytes checkpoint) {
    try {
      return SignedCheckpoint.parse(checkpoint).size();
    } catch (DecodeException e) {
      throw new IllegalStateException("an own checkpoint is malformed", e);
    }
  }

  /**
   * One of the others is shown a checkpoint that no log has, as if it went on from what that one
   * holds.
   */
  static void unlinked(Stage stage) {
    SimulatedNode node = stage.node();
    List<String> knowing =
        stage.lastingOthers().stream()
            .filter(other -> isKnowing(stage, stage.world().host(other).process()))
            .toList();
    if (knowing.isEmpty() || !node.isUp()) {
      return;
    }
    String deceived = stage.chance().oneOf(knowing);
    SimulatedNode target = stage.world().host(deceived).process();
    long held = target.core().views().heldSize(node.machine().origin());
    TreeHead head =
        new TreeHead(
            Math.max(held, node.disk().log().size()) + AHEAD,
            Hash.sha256(Bytes.utf8("a log that nobody has").unsafeArray()));
    SignedCheckpoint made =
        ((CheckpointSigner.Signed)
                CheckpointSigner.guarding(
                        node.logKey(), node.machine().origin(), SigningMark.NOTHING_SIGNED)
                    .sign(head))
            .checkpoint();
    Bytes send =
        Entry.of(1, head.root(), new SendEntry(deceived, 0, 0, Bytes.utf8("nothing"))).bytes();
    Envelope envelope =
        new Envelope(
            new ReceiveEntry(made.bytes(), List.of(send), List.of(head.root())),
            0,
            node.machine().genesis().networkId(),
            held,
            List.of(head.root()),
            0);
    stage
        .world()
        .network()
        .ask(
            stage.name(),
            deceived,
            new Request.Envelope(envelope.encode()),
            reply -> {
              if (reply.isPresent() && reply.get() instanceof Reply.WrongBase) {
                stage.later(LOOK_MILLIS, () -> shown(stage, target));
              }
            });
    stage.due(
        deceived + " does not take it for the newest of the log",
        running ->
            running.stream()
                .filter(other -> other.name().equals(deceived))
                .noneMatch(other -> isNewest(other, node.machine().origin(), head)));
  }

  /** Whoever has begun again since has forgotten it. */
  private static boolean isNewest(SimulatedNode other, Origin log, TreeHead head) {
    return other.core().views().newest(log).filter(view -> view.head().equals(head)).isPresent();
  }

  private static boolean isKnowing(Stage stage, SimulatedNode other) {
    return other.isUp() && other.core().views().heldSize(stage.node().machine().origin()) > 0;
  }

  /**
   * It counts as done where the one that it was shown to has kept it by now. In no log can anybody
   * else read it: an envelope that does not link is refused.
   */
  private static void shown(Stage stage, SimulatedNode target) {
    if (target.isUp()) {
      stage.cameOffTowards(target.name(), Expectation.EXPOSED_OR_SUSPECTED);
    }
  }
}
