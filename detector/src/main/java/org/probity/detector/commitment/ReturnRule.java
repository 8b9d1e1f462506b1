package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.log.Entry;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Messages to a node that the members revoked come back (protocol.md §13.4): a RECEIVE of this
 * log's own open SENDs under its own checkpoint. The revocation has fixed how many of them the
 * node's final log took in; those stay where they are, the others never arrived and never will. In
 * the order of the channel, each once, because what comes back is not open any more.
 */
final class ReturnRule {
  private ReturnRule() {}

  /** A message that comes back, and whether the revoked node took it in before its end. */
  record Returned(SendEntry send, boolean isTaken) {}

  /** The messages in order, or the rule broken; {@code channel} is meaningful in the first case. */
  record Outcome(ChannelId channel, List<Returned> returned, Optional<Violation> violation) {}

  /** Whether a RECEIVE is a return: its checkpoint is one of this log. */
  static boolean isReturn(ReceiveEntry body, Origin self) {
    if (!body.checkpoint().startsWith(Bytes.utf8(self.format()))) {
      // Most messages: the origin is what a checkpoint begins with.
      return false;
    }
    try {
      return SignedCheckpoint.parse(body.checkpoint()).origin().equals(self);
    } catch (DecodeException e) {
      return false;
    }
  }

  /** Cost: one signature, and one row of the state for each message. */
  static Outcome check(ReceiveEntry body, NodeRecord self, SignatureRule rule, SystemState system) {
    try {
      SignedCheckpoint checkpoint = SignedCheckpoint.parse(body.checkpoint());
      if (!checkpoint.isSignedBy(rule, self.logKey())) {
        return refused("checkpoint_unknown", "not a checkpoint under this log's own key");
      }
      List<Entry> entries = new ArrayList<>();
      for (Bytes encoded : body.sends()) {
        Entry entry = Entry.decode(encoded);
        if (!(entry.body() instanceof SendEntry)) {
          return refused("return_malformed", "only SENDs come back");
        }
        entries.add(entry);
      }
      if (entries.isEmpty()) {
        return refused("return_malformed", "nothing comes back");
      }
      SendEntry first = (SendEntry) entries.get(0).body();
      ChannelId channel = new ChannelId(first.toNode());
      if (!(system.standing(channel.node()) instanceof NodeStanding.Revoked)) {
        return refused("receiver_not_revoked", "what was sent to " + channel.node() + " is open");
      }
      if (!isOpen(entries, channel, system)) {
        return refused(
            "return_unexpected",
            "the next to come back is SEND " + system.outgoing(channel).acked());
      }
      long taken =
          system.governance(checkpoint.origin().networkId()).taken(channel.node(), self.node());
      List<Returned> returned = new ArrayList<>();
      for (Entry entry : entries) {
        SendEntry send = (SendEntry) entry.body();
        returned.add(new Returned(send, send.sequence() < taken));
      }
      return new Outcome(channel, returned, Optional.empty());
    } catch (DecodeException e) {
      return refused("return_malformed", e.code() + ": " + e.getMessage());
    }
  }

  /** Whether these are just the oldest open SENDs of the channel, as this log has them. */
  private static boolean isOpen(List<Entry> entries, ChannelId channel, SystemState system) {
    SystemState.Outgoing outgoing = system.outgoing(channel);
    long first = ((SendEntry) entries.get(0).body()).sequence();
    if (first != outgoing.acked()
        || outgoing.next() - first < entries.size()
        || entries.size() > OpenMessages.MAX_SENDS) {
      return false;
    }
    // The checkpoint may be over anything that this node has signed; the state is its log's.
    return system
        .open(channel, first, entries.size())
        .equals(entries.stream().map(ReturnRule::asOpened).toList());
  }

  private static SystemState.OpenSend asOpened(Entry send) {
    Bytes payload = ((SendEntry) send.body()).payload();
    return new SystemState.OpenSend(send.index(), Hash.sha256(payload.unsafeArray()));
  }

  private static Outcome refused(String code, String message) {
    return new Outcome(ChannelId.NONE, List.of(), Optional.of(Violation.transition(code, message)));
  }
}
