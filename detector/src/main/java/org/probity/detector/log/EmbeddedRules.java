package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * What RECEIVE and ACK say about another log, as far as it shows without state (protocol §5.1): the
 * checkpoint has the strict form, the log is another one of this network, the SENDs are SENDs to
 * this log in the order of their channel, and the proofs fit the checkpoint. A RECEIVE under this
 * log's own checkpoint has SENDs of its own that come back (protocol §13.4). Whose key the
 * signature has to verify under, and that the channel's counter fits, is in the state; see the
 * rooms above.
 *
 * <p>A correct node checks all of this before it logs. Costs the decoding of what is embedded and
 * at most as many hashes as there are hashes in it.
 */
final class EmbeddedRules {
  private EmbeddedRules() {}

  static Optional<EntryFault> check(Origin self, EntryBody body) {
    if (body instanceof ReceiveEntry receive) {
      return receive(self, receive);
    }
    if (body instanceof AckEntry ack) {
      return ack(self, ack);
    }
    return Optional.empty();
  }

  private static Optional<EntryFault> receive(Origin self, ReceiveEntry body) {
    Optional<SignedCheckpoint> checkpoint = checkpoint(body.checkpoint());
    if (checkpoint.isEmpty()) {
      return Optional.of(EntryFault.EMBEDDED_CHECKPOINT);
    }
    boolean isReturn = checkpoint.get().origin().equals(self);
    if (!isReturn && !isPeer(self, checkpoint.get().origin())) {
      return Optional.of(EntryFault.EMBEDDED_ORIGIN);
    }
    List<Entry> sends = new ArrayList<>();
    for (Bytes bytes : body.sends()) {
      Optional<Entry> entry = entry(bytes, EntryType.SEND);
      if (entry.isEmpty()) {
        return Optional.of(EntryFault.RECEIVE_NOT_SENDS);
      }
      sends.add(entry.get());
    }
    if (sends.isEmpty()) {
      return Optional.of(EntryFault.RECEIVE_NOT_SENDS);
    }
    // SPEC protocol.md §13.4: what comes back from a revoked node is proven like what arrives.
    SendEntry first = (SendEntry) sends.get(0).body();
    boolean isElsewhere = !first.toNode().equals(self.node());
    if (isReturn != isElsewhere) {
      return Optional.of(EntryFault.RECEIVE_WRONG_ADDRESSEE);
    }
    Optional<EntryFault> fault =
        isReturn
            ? channel(first.toNode(), Long.MAX_VALUE, sends)
            : channel(self.node(), self.incarnation(), sends);
    if (fault.isPresent()) {
      return fault;
    }
    List<IndexedLeaf> leaves =
        sends.stream().map(send -> new IndexedLeaf(send.index(), send.leafHash())).toList();
    boolean proven = Multiproof.verify(checkpoint.get().head(), leaves, body.multiproof());
    return proven ? Optional.empty() : Optional.of(EntryFault.RECEIVE_PROOF);
  }

  /** SPEC protocol.md §11.3: what was sent to an incarnation that is closed goes to the next. */
  private static Optional<EntryFault> channel(
      String toNode, long latestIncarnation, List<Entry> sends) {
    for (int i = 0; i < sends.size(); i++) {
      SendEntry send = (SendEntry) sends.get(i).body();
      if (!send.toNode().equals(toNode) || send.toIncarnation() > latestIncarnation) {
        return Optional.of(EntryFault.RECEIVE_WRONG_ADDRESSEE);
      }
      if (i > 0) {
        SendEntry before = (SendEntry) sends.get(i - 1).body();
        boolean inOrder =
            sends.get(i - 1).index() < sends.get(i).index()
                && send.sequence() - 1 == before.sequence();
        if (!inOrder) {
          return Optional.of(EntryFault.RECEIVE_OUT_OF_SEQUENCE);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<EntryFault> ack(Origin self, AckEntry body) {
    Optional<SignedCheckpoint> checkpoint = checkpoint(body.checkpoint());
    if (checkpoint.isEmpty()) {
      return Optional.of(EntryFault.EMBEDDED_CHECKPOINT);
    }
    if (!isPeer(self, checkpoint.get().origin())) {
      return Optional.of(EntryFault.EMBEDDED_ORIGIN);
    }
    TreeHead head = checkpoint.get().head();
    Optional<Entry> state =
        entry(body.stateEntry(), EntryType.STATE).filter(e -> e.index() == head.size() - 1);
    if (state.isEmpty()) {
      return Optional.of(EntryFault.ACK_NOT_STATE);
    }
    Hash leafHash = state.get().leafHash();
    boolean proven =
        MerkleProofs.verifyInclusion(head, head.size() - 1, leafHash, body.inclusion());
    return proven ? Optional.empty() : Optional.of(EntryFault.ACK_PROOF);
  }

  private static boolean isPeer(Origin self, Origin other) {
    return other.networkId().equals(self.networkId()) && !other.node().equals(self.node());
  }

  private static Optional<SignedCheckpoint> checkpoint(Bytes bytes) {
    try {
      return Optional.of(SignedCheckpoint.parse(bytes));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Entry> entry(Bytes bytes, EntryType type) {
    try {
      return Optional.of(Entry.decode(bytes)).filter(entry -> entry.type() == type);
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
