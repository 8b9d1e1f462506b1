package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;

/**
 * What the state has to say about a RECEIVE (protocol.md §5.1): the checkpoint is under the log key
 * of a node of the consortium that no decision has stopped, and the SENDs go on where the channel
 * stands. That they are SENDs to this log, contiguous and proven to be in the checkpoint's tree,
 * shows without state and has been checked by {@link org.probity.detector.log.EntryRules#alone}.
 */
final class ReceiveRule {
  static final String SENDER_STOPPED = "sender_stopped";

  private ReceiveRule() {}

  /** The messages in order, or the rule broken; {@code channel} is meaningful in the first case. */
  record Outcome(ChannelId channel, List<SendEntry> sends, Optional<Violation> violation) {}

  /**
   * Cost: decoding, and what the authorship of the checkpoint costs.
   *
   * @param authorship of {@code body}'s checkpoint
   */
  static Outcome check(
      ReceiveEntry body, KnownCheckpoint.Authorship authorship, SystemState system) {
    try {
      Optional<NodeRecord> peer = authorship.author(system);
      if (peer.isEmpty()) {
        return refused("checkpoint_unknown", "not a checkpoint of a peer under its log key");
      }
      if (!system.isActive(peer.get().node())) {
        // SPEC protocol.md §13.4: what was received before the DECISION stands, and nothing after.
        return refused(SENDER_STOPPED, "a decision has suspended or revoked the sender");
      }
      ChannelId channel = ChannelId.to(peer.get());
      List<SendEntry> sends = new ArrayList<>();
      for (Bytes encoded : body.sends()) {
        if (Entry.decode(encoded).body() instanceof SendEntry send) {
          sends.add(send);
        }
      }
      long expected = system.received(channel);
      if (sends.isEmpty() || sends.get(0).sequence() != expected) {
        // SPEC protocol.md §5.1: the channel sequence neither skips nor repeats.
        return refused("sequence_unexpected", "the next sequence expected is " + expected);
      }
      return new Outcome(channel, sends, Optional.empty());
    } catch (DecodeException e) {
      return refused("receive_malformed", e.code() + ": " + e.getMessage());
    }
  }

  private static Outcome refused(String code, String message) {
    return new Outcome(ChannelId.NONE, List.of(), Optional.of(Violation.transition(code, message)));
  }
}
