package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.Entry;
import org.probity.detector.log.IndexedLeaf;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/**
 * The only door from bytes to a {@link VerifiedCheckpoint}, for one consortium. Stateless and
 * thread-safe: nodes verify on many worker threads, before the core sees a message. Each method
 * costs one signature verification, none if the log is not one of the consortium's.
 */
public final class CheckpointVerifier {
  private final Genesis genesis;
  private final SignatureRule rule = SignatureRule.fastest();

  public CheckpointVerifier(Genesis genesis) {
    this.genesis = genesis;
  }

  /** The checkpoint, if it is one of a node of the consortium under its log key. */
  public Optional<VerifiedCheckpoint> verify(SignedCheckpoint checkpoint) {
    // SPEC protocol.md §2.4: only a key in the chain from genesis puts anything under a name.
    return genesis
        .node(checkpoint.origin().node())
        .filter(author -> checkpoint.origin().equals(genesis.origin(author)))
        .filter(author -> checkpoint.isSignedBy(rule, author.logKey()))
        .map(author -> new VerifiedCheckpoint(checkpoint, author));
  }

  /** As {@link #verify(SignedCheckpoint)}, of bytes that need not be a checkpoint at all. */
  public Optional<VerifiedCheckpoint> verify(Bytes encoded) {
    try {
      return verify(SignedCheckpoint.parse(encoded));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  /**
   * An envelope whose checkpoint is the sender's own.
   *
   * @param from the node that the transport has authenticated
   */
  public Optional<VerifiedEnvelope> envelope(String from, Envelope envelope) {
    return by(from, envelope.receive().checkpoint())
        .map(checkpoint -> new VerifiedEnvelope(envelope, checkpoint));
  }

  /**
   * An ack whose checkpoint is the receiver's own.
   *
   * @param from the node that the transport has authenticated
   */
  public Optional<VerifiedAck> ack(String from, Ack ack) {
    return by(from, ack.ack().checkpoint()).map(checkpoint -> new VerifiedAck(ack, checkpoint));
  }

  /**
   * The same envelope without its oldest SENDs, for a receiver that has them already. Nothing is
   * verified again.
   *
   * @param dropped how many, fewer than there are
   * @throws IllegalArgumentException if the multiproof does not belong to the SENDs
   */
  public static VerifiedEnvelope without(VerifiedEnvelope envelope, int dropped)
      throws DecodeException {
    ReceiveEntry receive = envelope.envelope().receive();
    List<IndexedLeaf> leaves = new ArrayList<>();
    for (Bytes send : receive.sends()) {
      Entry entry = Entry.decode(send);
      leaves.add(new IndexedLeaf(entry.index(), entry.leafHash()));
    }
    ReceiveEntry rest =
        new ReceiveEntry(
            receive.checkpoint(),
            receive.sends().subList(dropped, receive.sends().size()),
            Multiproof.without(
                envelope.checkpoint().size(), leaves, receive.multiproof(), dropped));
    Envelope whole = envelope.envelope();
    return new VerifiedEnvelope(
        new Envelope(
            rest, whole.epoch(), whole.decision(), whole.base(), whole.consistency(), whole.held()),
        envelope.checkpoint());
  }

  private Optional<VerifiedCheckpoint> by(String from, Bytes encoded) {
    try {
      SignedCheckpoint checkpoint = SignedCheckpoint.parse(encoded);
      // Cheap checks first: another's checkpoint costs no verification.
      return checkpoint.origin().node().equals(from) ? verify(checkpoint) : Optional.empty();
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
