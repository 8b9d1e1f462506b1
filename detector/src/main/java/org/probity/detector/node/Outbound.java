package org.probity.detector.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.OpenMessages;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.UnreadableLogException;

/**
 * The sending half of the channels (protocol.md §5.1, §5.4): one envelope in flight per peer, made
 * of the oldest durable SENDs it has not acknowledged, retransmitted with backoff.
 */
final class Outbound {
  /** Entries looked at in one go for a peer's last acknowledgement. */
  static final int SEARCHED_ENTRIES = 256;

  static final long FIRST_BACKOFF_MILLIS = 200;
  static final long LAST_BACKOFF_MILLIS = 10_000;

  /** How often in a row a peer may move the base of our proof before we take our time. */
  static final int MAX_REBASES = 8;

  private final Machine machine;
  private final Roster roster;
  private final Gossip gossip;
  private final Views views;
  private final Map<String, Peer> peers = new TreeMap<>();

  Outbound(Machine machine, Roster roster, Gossip gossip, Views views) {
    this.machine = machine;
    this.roster = roster;
    this.gossip = gossip;
    this.views = views;
    for (NodeRecord node : roster.nodes()) {
      if (!node.node().equals(machine.self().node())) {
        peers.put(node.node(), new Peer(node.node()));
      }
    }
  }

  private static final class Peer {
    private final String node;

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

    /** What was acknowledged when the oldest open SEND was first sent; negative if none is open. */
    private long sentFrom = -1;

    private long sentSinceElapsed;

    /** What the peer acknowledged last, as far as it is in memory. */
    private @Nullable AckEntry lastAck;

    /** Where in our log the search for it goes on, backwards; negative if it has not begun. */
    private long searchFrom = -1;

    Peer(String node) {
      this.node = node;
    }

    ChannelId channel() {
      return new ChannelId(node);
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
      Containment containment,
      long elapsedMillis,
      List<Effect> effects) {
    for (Peer peer : peers.values()) {
      if (peer.inFlight
          || elapsedMillis < peer.retryAtElapsed
          || containment.isContained(peer.node)) {
        continue;
      }
      SystemState.Outgoing channel = executed.outgoing(peer.channel());
      long acked = channel.acked();
      if (channel.next() == acked) {
        // As a rule: what is durable has nothing open either.
        peer.sentFrom = -1;
        continue;
      }
      if (!executed.isActive(peer.node)) {
        continue;
      }
      Published end = end(peer, published, acked);
      List<Long> open =
          Machine.system(end.state()).openSends(peer.channel(), acked, OpenMessages.MAX_SENDS);
      if (open.isEmpty()) {
        peer.sentFrom = -1;
      } else {
        try {
          Envelope envelope = envelope(peer, open, end, published.size(), ownLog);
          effects.add(new Effect.Transmit(peer.node, envelope));
          peer.inFlight = true;
          peer.lastSent = end;
          if (peer.sentFrom != acked) {
            peer.sentFrom = acked;
            peer.sentSinceElapsed = elapsedMillis;
          }
        } catch (UnreadableLogException e) {
          // Late for this peer until the log is mended; the others are served.
          backOff(peer, elapsedMillis);
        }
      }
    }
  }

  /**
   * SPEC protocol.md §13.4: messages to a node that the members revoked come back, one envelope at
   * a time. Ours to do: nobody else can, and until then what they carry is stuck.
   */
  void takeBack(
      Published published,
      LogWriter writer,
      LogReader ownLog,
      long wallMillis,
      long elapsedMillis,
      List<Effect> effects) {
    SystemState executed = Machine.system(writer.state());
    if (!executed.isActive(machine.self().node())) {
      return;
    }
    for (Peer peer : peers.values()) {
      if (elapsedMillis >= peer.retryAtElapsed
          && executed.standing(peer.node) instanceof NodeStanding.Revoked) {
        oldestOpen(peer, published, executed, ownLog)
            .flatMap(returned -> writer.takeBack(returned, wallMillis))
            .ifPresent(
                violation -> {
                  // A bug of ours or of the program. Nothing is executed by half, so it stops only
                  // this: a node that stopped for it would do so at every start.
                  backOff(peer, elapsedMillis);
                  effects.add(new Effect.ReturnRefused(peer.node, violation));
                });
      }
    }
  }

  /**
   * The body that the peer would have logged; empty if nothing is open or our log is unreadable.
   */
  private Optional<ReceiveEntry> oldestOpen(
      Peer peer, Published published, SystemState executed, LogReader ownLog) {
    long acked = executed.outgoing(peer.channel()).acked();
    List<Long> open =
        Machine.system(published.state()).openSends(peer.channel(), acked, OpenMessages.MAX_SENDS);
    try {
      return open.isEmpty()
          ? Optional.empty()
          : Optional.of(envelope(peer, open, published, published.size(), ownLog).receive());
    } catch (UnreadableLogException e) {
      // Late until the log is mended; what went to others comes back all the same.
      return Optional.empty();
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
    SignedCheckpoint checkpoint = published.checkpoint();
    long size = published.size();
    long base = Math.min(peer.holds, size);
    // A peer may hold more of our log than we show this time: the proof then links the other way.
    long other = Math.max(size, Math.min(peer.holds, durableSize));
    return new Envelope(
        OpenMessages.oldest(machine.footprints(), ownLog, checkpoint, open),
        0,
        machine.genesis().networkId(),
        base,
        consistency(ownLog, base, other),
        roster.origin(peer.node).map(views::wantedBase).orElse(0L));
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
    if (isLogged(peer, arrived.ack(), writer, wallMillis, effects)) {
      peer.holds = Math.max(peer.holds, sent == null ? 0 : sent.size());
      peer.backoffMillis = FIRST_BACKOFF_MILLIS;
      peer.rebases = 0;
      peer.retryAtElapsed = Long.MIN_VALUE;
    } else {
      backOff(peer, elapsedMillis);
    }
  }

  /** Takes an acknowledgement in and logs it; false if it is none, or nothing new. */
  private boolean isLogged(
      Peer peer, VerifiedAck verified, LogWriter writer, long wallMillis, List<Effect> effects) {
    Ack ack = verified.ack();
    Views.Offer offer = views.offer(verified.checkpoint(), ack.base(), ack.consistency());
    gossip.examine(offer.fork(), effects);
    boolean isHeard =
        switch (offer.verdict()) {
          // What links is the view; what does not waits for the log's witnesses, and what the
          // state proof in it says of our messages holds all the same.
          case LINKED, WRONG_BASE, UNPROVEN -> true;
          case CONFLICT, LOG_REFUSED -> false;
        };
    boolean isLogged = isHeard && writer.acknowledge(verified, wallMillis).isEmpty();
    if (isLogged) {
      peer.lastAck = ack.ack();
    }
    return isLogged;
  }

  /** An acknowledgement that answers a challenge, whoever has brought it. */
  void acknowledgedToOthers(
      VerifiedAck ack, LogWriter writer, long wallMillis, List<Effect> effects) {
    Peer peer = peers.get(ack.from());
    if (peer != null) {
      isLogged(peer, ack, writer, wallMillis, effects);
    }
  }

  /** What a challenge is made of. */
  record Durable(Published published, SystemState executed, LogReader ownLog) {}

  /** Whether messages to {@code node} have been open for so long since they were first sent. */
  boolean isOverdue(String node, long elapsedMillis, long patienceMillis) {
    Peer peer = peers.get(node);
    return peer != null
        && peer.sentFrom >= 0
        && elapsedMillis - peer.sentSinceElapsed >= patienceMillis;
  }

  /**
   * The challenge to acknowledge the oldest open messages to {@code node}; empty if there are none
   * any more, if our log cannot be read, or while its last acknowledgement is looked for.
   */
  Optional<Challenge.Body> unacknowledged(String node, Durable durable) {
    Peer peer = peers.get(node);
    if (peer == null) {
      return Optional.empty();
    }
    long acked = durable.executed().outgoing(peer.channel()).acked();
    List<Long> open =
        Machine.system(durable.published().state())
            .openSends(peer.channel(), acked, OpenMessages.MAX_SENDS);
    if (open.isEmpty() || peer.sentFrom != acked) {
      return Optional.empty();
    }
    try {
      Optional<AckEntry> lastAck = acked == 0 ? Optional.empty() : lastAck(peer, durable.ownLog());
      if (acked > 0 && lastAck.isEmpty()) {
        return Optional.empty();
      }
      Published end = durable.published();
      Envelope envelope = envelope(peer, open, end, end.size(), durable.ownLog());
      return Optional.of(new Challenge.Message(lastAck, envelope.receive()));
    } catch (UnreadableLogException e) {
      return Optional.empty();
    }
  }

  /** From memory; after a restart a few entries of the log are searched at each call. */
  private Optional<AckEntry> lastAck(Peer peer, LogReader ownLog) {
    if (peer.lastAck == null) {
      long from = peer.searchFrom < 0 ? ownLog.size() : peer.searchFrom;
      long to = Math.max(0, from - SEARCHED_ENTRIES);
      peer.lastAck = OpenMessages.lastAck(ownLog, peer.node, to, from).orElse(null);
      peer.searchFrom = to;
    }
    return Optional.ofNullable(peer.lastAck);
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
