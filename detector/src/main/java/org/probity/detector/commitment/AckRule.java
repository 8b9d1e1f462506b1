package org.probity.detector.commitment;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.state.Execution;
import org.probity.detector.state.StateWitness;

/**
 * What the state has to say about an ACK (protocol.md §5.1): the checkpoint is under the log key of
 * a node of the consortium, and the count of our SENDs that its state root commits to closes at
 * least one that is open and none that was never sent. That its last entry is the STATE shown,
 * shows without state and has been checked by {@link org.probity.detector.log.EntryRules#alone}.
 */
public final class AckRule {
  /**
   * How many SENDs one ACK closes at most. An acknowledgement of more may be logged again for the
   * rest. It bounds the work and the witness of an entry whose bytes do not.
   */
  static final int MAX_CLOSED = 32;

  private AckRule() {}

  /** How many SENDs on the channel are received as far as this ACK goes, or the rule broken. */
  record Outcome(ChannelId channel, long received, Optional<Violation> violation) {}

  /**
   * Cost: O(log) hashes, and what the authorship of the checkpoint costs.
   *
   * @param authorship of {@code body}'s checkpoint
   */
  static Outcome check(
      AckEntry body, NodeRecord self, KnownCheckpoint.Authorship authorship, SystemState system) {
    try {
      Optional<NodeRecord> peer = authorship.author(system);
      if (peer.isEmpty()) {
        return refused("checkpoint_unknown", "not a checkpoint of a peer under its log key");
      }
      if (isBeyondTheEnd(body, system.standing(peer.get().node()))) {
        return refused("ack_beyond_end", "the peer is revoked, and this is beyond its final head");
      }
      Optional<Long> received = provenCount(body, self);
      if (received.isEmpty()) {
        return refused("ack_unproven", "the state proof does not fit the state root");
      }
      ChannelId channel = ChannelId.to(peer.get());
      SystemState.Outgoing open = system.outgoing(channel);
      if (received.get() <= open.acked() || received.get() > open.next()) {
        return refused(
            "ack_out_of_range",
            "acknowledges " + received.get() + ", open are " + open.acked() + ".." + open.next());
      }
      // No overflow: acked is below received, which is a long.
      long closed = Math.min(received.get() - open.acked(), MAX_CLOSED);
      return new Outcome(channel, open.acked() + closed, Optional.empty());
    } catch (DecodeException e) {
      return refused("ack_malformed", e.code() + ": " + e.getMessage());
    }
  }

  /** SPEC protocol.md §13.4: a revoked node's log counts up to the head its revocation fixes. */
  private static boolean isBeyondTheEnd(AckEntry body, NodeStanding standing)
      throws DecodeException {
    if (!(standing instanceof NodeStanding.Revoked revoked)) {
      return false;
    }
    TreeHead shown = SignedCheckpoint.parse(body.checkpoint()).head();
    return shown.size() > revoked.last().size()
        || (shown.size() == revoked.last().size() && !shown.equals(revoked.last()));
  }

  /**
   * The receiver's count of SENDs of {@code sender} as its state root commits to it, if the state
   * proof holds and is exactly about that. Whose checkpoint it is, and that the STATE is at its
   * end, is not looked at. Fails with the codes of the state proof and the entry.
   */
  public static Optional<Long> provenCount(AckEntry body, NodeRecord sender)
      throws DecodeException {
    StateWitness witness = StateWitness.decode(body.stateProof());
    if (!(Entry.decode(body.stateEntry()).body() instanceof StateEntry state)
        || !witness.root().equals(state.stateRoot())) {
      return Optional.empty();
    }
    Bytes key = Machine.systemKey(SystemState.receivedKey(ChannelId.to(sender)));
    Execution<List<Bytes>> look =
        witness.execute(
            disclosed -> {
              @Nullable Bytes value = disclosed.get(key);
              return value == null ? List.of() : List.of(value);
            });
    if (!(look instanceof Execution.Complete<List<Bytes>> complete) || !complete.exact()) {
      return Optional.empty();
    }
    if (complete.result().isEmpty()) {
      return Optional.of(0L);
    }
    CborReader in = new CborReader(complete.result().get(0));
    long received = in.uint();
    in.end();
    return Optional.of(received);
  }

  private static Outcome refused(String code, String message) {
    return new Outcome(ChannelId.NONE, 0, Optional.of(Violation.transition(code, message)));
  }
}
