package org.probity.detector.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.FootprintRule;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.OpenMessages;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.state.StateTree;

/**
 * Messages in the logs of wards that nobody acknowledges there, by the state their replay has
 * reached: their sender may never have transmitted them (protocol.md §6.5). Each is delivered once:
 * what its receiver has acknowledged to us is not looked at again, whether or not the sender logs
 * that.
 *
 * <p>For example, let b have acknowledged 5 of 8 messages of a: a witness of a that sees them wait
 * for its patience puts the oldest of 5, 6 and 7 to b, with a's last ACK of b.
 *
 * <p>Thread-safe; {@link #answered} waits for nobody. Cost of a look: for each receiver with
 * something open {@value #SEARCHED_ENTRIES} entries at most, and the open messages and their proof
 * where they have waited for too long.
 */
public final class Undelivered {
  /** Entries of a ward's log looked at in one go for the last acknowledgement. */
  public static final int SEARCHED_ENTRIES = 4_096;

  private final Genesis genesis;
  private final String self;
  private final FootprintRule footprints;
  private final Predicate<VerifiedCheckpoint> stands;
  private final long patienceMillis;
  private final Map<Channel, Lag> lags = new HashMap<>();
  private final Map<Channel, Acked> delivered = new HashMap<>();
  private final Map<Channel, Search> searches = new HashMap<>();

  /** By ward, a state in which all that it has sent is acknowledged: as a rule the last one. */
  private final Map<String, StateTree> settled = new HashMap<>();

  /**
   * A ward as its witness holds it.
   *
   * @param auditedState where its replay has come to; empty until something is replayed
   * @param newest checkpoint whose entries are held
   * @param isFoundOut whether its replay has stopped for good
   * @param auditedSize entries replayed clean, at least those of {@code auditedState}
   * @param log what is held
   */
  public record Sender(
      String node,
      Optional<StateTree> auditedState,
      Optional<SignedCheckpoint> newest,
      boolean isFoundOut,
      long auditedSize,
      LogReader log) {}

  private record Channel(String sender, String receiver) {
    boolean isOf(String node) {
      return sender.equals(node) || receiver.equals(node);
    }
  }

  /** From this sequence number on nothing is acknowledged. */
  private record Lag(long acked, long sinceElapsed) {}

  private record Acked(long count, VerifiedAck ack) {}

  /** Where the search for the acknowledgement of {@code acked} messages goes on, backwards. */
  private record Search(long acked, long next, Optional<AckEntry> found) {}

  /**
   * @param self who looks
   * @param stands whether a checkpoint is of a log that goes on
   * @param patienceMillis what a sender has to do it itself
   */
  public Undelivered(
      Genesis genesis,
      String self,
      FootprintRule footprints,
      Predicate<VerifiedCheckpoint> stands,
      long patienceMillis) {
    this.genesis = genesis;
    this.self = self;
    this.footprints = footprints;
    this.stands = stands;
    this.patienceMillis = patienceMillis;
  }

  /** A receiver has answered; of other answers nothing is noted. */
  public void answered(VerifiedAnswer answer) {
    if (answer.challenge().claim() instanceof Claim.Message message && answer.ack().isPresent()) {
      Acked acked = new Acked(message.end(), answer.ack().get());
      Channel channel = new Channel(message.sender().node(), answer.challenge().target().node());
      synchronized (delivered) {
        delivered.merge(channel, acked, (one, two) -> one.count() >= two.count() ? one : two);
      }
    }
  }

  /**
   * The members have let another incarnation of a node begin (protocol.md §11.3): it has its own
   * time to send what it has logged, and to acknowledge what it is sent, and where a search in its
   * closed log had come to says nothing of the next one. Waits while a look is under way.
   */
  public synchronized void forget(String node) {
    lags.keySet().removeIf(channel -> channel.isOf(node));
    searches.keySet().removeIf(channel -> channel.isOf(node));
    settled.remove(node);
    synchronized (delivered) {
      delivered.keySet().removeIf(channel -> channel.sender().equals(node));
    }
  }

  /**
   * What of a ward's messages has waited for too long.
   *
   * @throws org.probity.detector.log.UnreadableLogException or whatever the shell's disk throws
   */
  public synchronized List<Input.MessagesUndelivered> look(Sender ward, long elapsedMillis) {
    List<Input.MessagesUndelivered> found = new ArrayList<>();
    // For a node that is found out nobody delivers anything.
    if (ward.auditedState().isPresent() && ward.newest().isPresent() && !ward.isFoundOut()) {
      StateTree audited = ward.auditedState().get();
      if (settled.get(ward.node()) == audited) {
        return found;
      }
      SystemState state = Machine.system(audited);
      boolean isSettled = true;
      for (NodeRecord receiver : genesis.nodes()) {
        if (!receiver.node().equals(ward.node())) {
          SystemState.Outgoing outgoing = state.outgoing(ChannelId.to(receiver));
          isSettled &= outgoing.acked() >= outgoing.next();
          look(ward, state, outgoing, receiver, elapsedMillis).ifPresent(found::add);
        }
      }
      if (isSettled) {
        settled.put(ward.node(), audited);
      } else {
        settled.remove(ward.node());
      }
    }
    return found;
  }

  private Optional<Input.MessagesUndelivered> look(
      Sender ward,
      SystemState state,
      SystemState.Outgoing outgoing,
      NodeRecord receiver,
      long elapsedMillis) {
    Channel channel = new Channel(ward.node(), receiver.node());
    Optional<Acked> known = delivered(channel);
    long acked = Math.max(outgoing.acked(), known.map(Acked::count).orElse(0L));
    if (acked >= outgoing.next()) {
      lags.remove(channel);
      return Optional.empty();
    }
    Lag lag =
        lags.compute(
            channel,
            (key, before) ->
                before != null && before.acked() == acked ? before : new Lag(acked, elapsedMillis));
    if (elapsedMillis - lag.sinceElapsed() < patienceMillis) {
      return Optional.empty();
    }
    boolean isToUs = receiver.node().equals(self);
    if (isToUs) {
      // Taken in at once, if it is not here yet; the ward is looked at again after as long a time.
      lags.put(channel, new Lag(acked, elapsedMillis));
    }
    Optional<AckEntry> lastAck =
        known.isPresent() && known.get().count() == acked
            ? Optional.of(known.get().ack().ack().ack())
            : isToUs ? Optional.empty() : lastAck(ward, channel, receiver, acked);
    if (acked > 0 && lastAck.isEmpty() && !isToUs) {
      return Optional.empty();
    }
    // What an answer to a challenge has brought is proven a part at a time: the replay may be ahead
    // of every checkpoint over entries that are held.
    SignedCheckpoint newest = ward.newest().orElseThrow();
    List<Long> open =
        state.openSends(ChannelId.to(receiver), acked, OpenMessages.MAX_SENDS).stream()
            .filter(index -> index < newest.size())
            .toList();
    if (open.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Input.MessagesUndelivered(
            ward.node(),
            receiver.node(),
            new Challenge.Message(
                lastAck, OpenMessages.oldest(footprints, ward.log(), newest, open))));
  }

  private Optional<Acked> delivered(Channel channel) {
    synchronized (delivered) {
      // SPEC protocol.md §11.3: a receiver that has begun again remembers nothing beyond its close.
      return Optional.ofNullable(
          delivered.computeIfPresent(
              channel, (key, it) -> stands.test(it.ack().checkpoint()) ? it : null));
    }
  }

  /** The one that the ward has logged, sought a part at a time. */
  private Optional<AckEntry> lastAck(
      Sender ward, Channel channel, NodeRecord receiver, long acked) {
    if (acked == 0) {
      return Optional.empty();
    }
    // The state that counts it is of the audited part, so that is where it stands.
    long audited = ward.auditedSize();
    Search before = searches.get(channel);
    Search search =
        before != null && before.acked() == acked
            ? before
            : new Search(acked, audited, Optional.empty());
    if (search.found().isEmpty()) {
      long from = Math.max(0, search.next() - SEARCHED_ENTRIES);
      search =
          new Search(
              acked, from, OpenMessages.lastAck(ward.log(), receiver.node(), from, search.next()));
      searches.put(channel, search);
    }
    return search.found();
  }
}
