package org.probity.detector.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.FootprintRule;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.UnreadableLogException;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.Verdict;

/**
 * The sending half of the channels (protocol.md §5.1, §5.4): one envelope in flight per peer, made
 * of the oldest durable SENDs it has not acknowledged, retransmitted with backoff.
 */
final class Outbound {
  /** SENDs and bytes of one envelope: keeps the proof against a lying receiver within bounds. */
  static final int MAX_SENDS = 32;

  static final int MAX_SEND_BYTES = 16 * 1024;

  static final long FIRST_BACKOFF_MILLIS = 200;
  static final long LAST_BACKOFF_MILLIS = 10_000;

  /** How often in a row a peer may move the base of our proof before we take our time. */
  static final int MAX_REBASES = 8;

  private final Machine machine;
  private final Views views;
  private final Map<String, Peer> peers = new TreeMap<>();

  Outbound(Machine machine, Views views) {
    this.machine = machine;
    this.views = views;
    for (NodeRecord node : machine.genesis().nodes()) {
      if (!node.node().equals(machine.self().node())) {
        peers.put(node.node(), new Peer(node));
      }
    }
  }

  private static final class Peer {
    private final NodeRecord record;

    /** Size of our log that the peer holds, as far as we know. */
    private long holds;

    private boolean inFlight;

    /** Where our log ended in the last envelope. */
    private @Nullable Published lastSent;

    /** Whether the peer has asked for a proof that links just that checkpoint to what it holds. */
    private boolean isToBeLinked;

    private long retryAtElapsed = Long.MIN_VALUE;
    private long backoffMillis = FIRST_BACKOFF_MILLIS;
    private int rebases;

    Peer(NodeRecord record) {
      this.record = record;
    }

    ChannelId channel() {
      return ChannelId.to(record);
    }
  }

  /**
   * Sends what is durable and open to every peer that has nothing in flight.
   *
   * @param executed the state including what is not durable yet: what an ACK there closes is not
   *     sent again
   */
  void transmit(
      Published published,
      SystemState executed,
      LogReader ownLog,
      Trust trust,
      long elapsedMillis,
      List<Effect> effects) {
    for (Peer peer : peers.values()) {
      if (peer.inFlight
          || elapsedMillis < peer.retryAtElapsed
          || trust.verdict(peer.record.node()) == Verdict.EXPOSED) {
        continue;
      }
      long acked = executed.outgoing(peer.channel()).acked();
      Published end = end(peer, published, acked);
      List<Long> open = Machine.system(end.state()).openSends(peer.channel(), acked, MAX_SENDS);
      if (!open.isEmpty()) {
        try {
          Envelope envelope = envelope(peer, open, end, published.size(), ownLog);
          effects.add(new Effect.Transmit(peer.record.node(), envelope));
          peer.inFlight = true;
          peer.lastSent = end;
        } catch (UnreadableLogException e) {
          // Late for this peer until the log is mended; the others are served.
          backOff(peer, elapsedMillis);
        }
      }
    }
  }

  /**
   * The checkpoint to send: the newest, unless the peer has one that it could not link. That one
   * again, with the proof it asked for, leaves nothing behind that only witnesses could settle.
   */
  private static Published end(Peer peer, Published newest, long acked) {
    Published again = peer.lastSent;
    boolean isUseful =
        peer.isToBeLinked
            && again != null
            && !Machine.system(again.state()).openSends(peer.channel(), acked, 1).isEmpty();
    return isUseful && again != null ? again : newest;
  }

  /**
   * An envelope whose checkpoint is {@code published}.
   *
   * @param durableSize of our log now
   */
  private Envelope envelope(
      Peer peer, List<Long> open, Published published, long durableSize, LogReader ownLog) {
    List<Long> indices = new ArrayList<>();
    List<Bytes> sends = new ArrayList<>();
    int bytes = 0;
    long footprint = SignedCheckpoint.MAX_BYTES;
    for (long index : open) {
      Bytes send = ownLog.entry(index);
      bytes += send.size();
      footprint += machine.footprints().ofSendWithPath(send, published.size());
      if (!sends.isEmpty() && (bytes > MAX_SEND_BYTES || FootprintRule.isTooLarge(footprint))) {
        break;
      }
      indices.add(index);
      sends.add(send);
    }
    SignedCheckpoint checkpoint = published.checkpoint();
    long size = published.size();
    long base = Math.min(peer.holds, size);
    // A peer may hold more of our log than we show this time: the proof then links the other way.
    long other = Math.max(size, Math.min(peer.holds, durableSize));
    return new Envelope(
        new ReceiveEntry(checkpoint.bytes(), sends, Multiproof.build(ownLog, size, indices)),
        0,
        machine.genesis().networkId(),
        base,
        consistency(ownLog, base, other),
        views.wantedBase(machine.genesis().origin(peer.record)));
  }

  static List<Hash> consistency(LogReader ownLog, long base, long size) {
    return base == 0 || base == size ? List.of() : MerkleProofs.consistency(ownLog, base, size);
  }

  /** Logs an acknowledgement; one that acknowledges nothing new is ignored. */
  void acknowledged(
      Input.AckArrived arrived,
      LogWriter writer,
      long wallMillis,
      long elapsedMillis,
      List<Effect> effects) {
    Peer peer = peers.get(arrived.ack().from());
    if (peer == null) {
      return;
    }
    Published sent = peer.lastSent;
    peer.inFlight = false;
    peer.isToBeLinked = false;
    Ack ack = arrived.ack().ack();
    Views.Offer offer = views.offer(arrived.ack().checkpoint(), ack.base(), ack.consistency());
    Gossip.examine(offer.fork(), machine.genesis(), effects);
    boolean isHeard =
        switch (offer.verdict()) {
          // What links is the view; what does not waits for the log's witnesses, and what the
          // state proof in it says of our messages holds all the same.
          case LINKED, WRONG_BASE, UNPROVEN -> true;
          case CONFLICT, LOG_REFUSED -> false;
        };
    if (isHeard && writer.acknowledge(arrived.ack(), wallMillis).isEmpty()) {
      peer.holds = Math.max(peer.holds, sent == null ? 0 : sent.size());
      peer.backoffMillis = FIRST_BACKOFF_MILLIS;
      peer.rebases = 0;
      peer.retryAtElapsed = Long.MIN_VALUE;
    } else {
      backOff(peer, elapsedMillis);
    }
  }

  void failed(Input.EnvelopeFailed failed, long elapsedMillis) {
    Peer peer = peers.get(failed.to());
    if (peer == null) {
      return;
    }
    peer.inFlight = false;
    // A negative size is a peer's nonsense, the same as none.
    boolean isRebase =
        failed.heldSize().isPresent()
            && failed.heldSize().getAsLong() >= 0
            && failed.heldSize().getAsLong() != peer.holds;
    peer.isToBeLinked = failed.heldSize().isPresent();
    if (isRebase) {
      peer.holds = failed.heldSize().getAsLong();
    }
    if (isRebase && peer.rebases < MAX_REBASES) {
      // Acknowledgements move the peer's view of our log too. Who waits before each new attempt
      // never gets through while traffic flows the other way.
      peer.rebases++;
      peer.retryAtElapsed = Long.MIN_VALUE;
    } else {
      backOff(peer, elapsedMillis);
    }
  }

  private static void backOff(Peer peer, long elapsedMillis) {
    peer.retryAtElapsed = elapsedMillis + peer.backoffMillis;
    peer.backoffMillis = Math.min(2 * peer.backoffMillis, LAST_BACKOFF_MILLIS);
  }
}
