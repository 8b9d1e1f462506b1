package org.probity.node.runtime;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TreeHead;
import org.probity.detector.log.UnreadableLogException;
import org.probity.node.http.WitnessService;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node says to challenges of its wards out of its copies of their logs (protocol.md
 * §7.1): the link between two checkpoints, and that it has the entries of a third. Thread-safe.
 */
final class WardCopies {
  private static final Logger LOG = LoggerFactory.getLogger(WardCopies.class);

  private final String self;
  private final Function<String, Optional<StoredLog>> copies;
  private final WitnessService cosigner;

  /**
   * @param self this node
   * @param copies of wards, by node; each may grow meanwhile
   * @param cosigner where this node cosigns
   */
  WardCopies(String self, Function<String, Optional<StoredLog>> copies, WitnessService cosigner) {
    this.self = self;
    this.copies = copies;
    this.cosigner = cosigner;
  }

  /** The answer to a consistency challenge, if the copy has both trees. */
  Optional<Bytes> link(Claim.Consistency claim) {
    try {
      return copy(claim.newer())
          .filter(copy -> has(copy, claim.older().head()))
          .map(copy -> consistency(copy, claim.older().size(), claim.newer().size()))
          .map(Answer::linking);
    } catch (UnreadableLogException e) {
      LOG.debug("no link out of the copy: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * That this node has what is asked for, if it has. If what it has cosigned of that log so far is
   * less, it cosigns the checkpoint now; while the log moves its head itself, the next one will do.
   * Never fails.
   */
  Future<Optional<Confirmation>> confirm(Claim.Audit claim) {
    try {
      Optional<StoredLog> copy =
          copy(claim.checkpoint()).filter(log -> log.firstEntry() <= claim.from());
      return copy.isEmpty()
          ? Future.succeededFuture(Optional.empty())
          : confirm(claim.checkpoint(), copy.get()).otherwise(WardCopies::nothing);
    } catch (DecodeException | RuntimeException e) {
      // The copy may be closed or damaged; then others have their word.
      return Future.succeededFuture(nothing(e));
    }
  }

  private static Optional<Confirmation> nothing(Throwable reason) {
    LOG.debug("nothing is confirmed: {}", reason.getMessage());
    return Optional.empty();
  }

  private Future<Optional<Confirmation>> confirm(VerifiedCheckpoint asked, StoredLog copy)
      throws DecodeException {
    Optional<SignedNote> cosigned =
        cosigner.cosigned(Hash.sha256(Bytes.utf8(asked.origin().format()).unsafeArray()));
    long held = cosigned.isPresent() ? Checkpoint.parse(cosigned.get().text()).size() : 0;
    if (held >= asked.size()) {
      return Future.succeededFuture(
          cosigned.map(note -> new Confirmation(note, consistency(copy, asked.size(), held))));
    }
    // The same door as for everybody: consistent, and the entries durable here.
    SignedNote note = SignedNote.parse(asked.bytes());
    Bytes request =
        new AddCheckpointRequest(held, consistency(copy, held, asked.size()), note).format();
    return cosigner
        .add(self, request)
        .map(
            response ->
                response instanceof AddCheckpointResponse.Cosigned lines
                    ? Optional.of(new Confirmation(note.with(lines.lines()), List.of()))
                    : Optional.empty());
  }

  private static List<Hash> consistency(StoredLog copy, long older, long newer) {
    return older == 0 || older == newer ? List.of() : MerkleProofs.consistency(copy, older, newer);
  }

  /** The copy of a checkpoint's log, if it has that checkpoint's tree. */
  private Optional<StoredLog> copy(VerifiedCheckpoint checkpoint) {
    return copies
        .apply(checkpoint.author().node())
        .filter(copy -> copy.origin().equals(checkpoint.origin().format()))
        .filter(copy -> has(copy, checkpoint.head()));
  }

  private static boolean has(StoredLog copy, TreeHead head) {
    return copy.size() >= head.size() && MerkleProofs.rootAt(copy, head.size()).equals(head.root());
  }
}
