package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.IndexedLeaf;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/**
 * The only door from bytes to a {@link VerifiedCheckpoint}, for one consortium. Stateless and
 * thread-safe: nodes verify on many worker threads, before the core sees a message. Each method
 * costs one signature verification, none if the log is not one of the consortium's.
 */
public final class CheckpointVerifier {
  private final Supplier<DecisionChain> decisions;

  /**
   * @param decisions as far as known here now, on any thread: whose keys they enrol
   */
  public CheckpointVerifier(Supplier<DecisionChain> decisions) {
    this.decisions = decisions;
  }

  /** Before the first decision. */
  public static CheckpointVerifier founding(Genesis genesis) {
    DecisionChain chain = DecisionChain.of(genesis, genesis.signatures());
    return new CheckpointVerifier(() -> chain);
  }

  /**
   * The checkpoint, if it is one of a node of the consortium under its log key, in its present
   * incarnation or in a closed one.
   */
  public Optional<VerifiedCheckpoint> verify(SignedCheckpoint checkpoint) {
    // SPEC protocol.md §2.4: only a key in the chain from genesis puts anything under a name.
    Origin origin = checkpoint.origin();
    DecisionChain known = decisions.get();
    return known
        .keys()
        .node(origin.node(), origin.incarnation())
        .filter(author -> origin.equals(known.genesis().origin(author)))
        .filter(author -> checkpoint.isSignedBy(known.genesis().signatures(), author.logKey()))
        .map(author -> new VerifiedCheckpoint(checkpoint, author));
  }

  /**
   * SPEC protocol.md §11.3: the same, unless its author was closed before what it is over: nobody
   * who knows of that may log it.
   */
  public Optional<VerifiedCheckpoint> verifyStanding(Bytes encoded) {
    return verify(encoded).filter(this::stands);
  }

  /** Whether it is of the log that goes on, by the decisions known here. */
  public boolean stands(VerifiedCheckpoint checkpoint) {
    return decisions.get().keys().stands(checkpoint.author(), checkpoint.head());
  }

  /**
   * Whether it names a node of the consortium in an incarnation that no decision known here lets
   * begin: then its key may be enrolled by one that is not known yet, and {@link #verify} says
   * nothing about it until then. No signature is verified.
   */
  public boolean isOfLaterIncarnation(Origin log) {
    DecisionChain known = decisions.get();
    return log.networkId().equals(known.genesis().networkId())
        && known
            .keys()
            .present(log.node())
            .filter(present -> log.incarnation() > present.incarnation())
            .isPresent();
  }

  /** The incarnation that a node is in, by the decisions known here; -1 if it is none. */
  public long incarnation(String node) {
    return decisions.get().keys().present(node).map(NodeRecord::incarnation).orElse(-1L);
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
