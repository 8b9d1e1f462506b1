package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the members' decision to close a ward's log makes of the copy of it here (protocol.md
 * §11.3): whether that is what was closed, what of it is missing, and what its node has signed
 * beyond the copy, kept until it can be compared:
 *
 * <pre>
 * waiting/<origin> = [* checkpoint: bstr]   ; deterministic CBOR
 * </pre>
 *
 * <p>For example, a log is closed at 41. A copy of 30 entries lacks 11, and a checkpoint over 35
 * that somebody shows is kept; once the 11 have come it is compared, and what differs is a FORK. A
 * copy of 41 or more is asked for its root at 41: if that is not the one of the decision, the copy
 * is half of a fork itself.
 *
 * <p>Confined to the ward's worker but for what says otherwise.
 */
final class ClosedCopy {
  private static final Logger LOG = LoggerFactory.getLogger(ClosedCopy.class);

  private final Origin log;
  private final StoredLog stored;
  private final LmdbLogStore store;
  private final Supplier<DecisionChain> decisions;
  private final Bytes key;

  /** Until then what comes is judged as always. */
  private @Nullable TreeHead close;

  private volatile boolean isFull;
  private volatile boolean isOfAnotherPast;
  private volatile boolean isContradicted;
  private Bytes kept = Bytes.EMPTY;
  private boolean isRecalled;

  /**
   * @param decisions as far as known here; asked at every look
   */
  ClosedCopy(Origin log, StoredLog stored, LmdbLogStore store, Supplier<DecisionChain> decisions) {
    this.log = log;
    this.stored = stored;
    this.store = store;
    this.decisions = decisions;
    this.key = Bytes.utf8("waiting/" + stored.origin());
  }

  /** Where the members have closed the log, if they have. Any thread. */
  Optional<TreeHead> at() {
    return decisions
        .get()
        .keys()
        .log(log.node())
        .flatMap(writers -> writers.close(log.incarnation()));
  }

  /** Nothing more comes from the log's node. */
  void begin() {
    close = at().orElse(null);
    grown();
  }

  boolean isBegun() {
    return close != null;
  }

  /** The decision says what is closed: that as much is stored here does not make it that. */
  void grown() {
    TreeHead end = close;
    if (end != null && !isFull && stored.size() >= end.size()) {
      isOfAnotherPast = !MerkleProofs.rootAt(stored, end.size()).equals(end.root());
      isFull = true;
      if (isOfAnotherPast) {
        LOG.warn("what is held of the closed log {} is of another past", log);
      }
    }
  }

  /** Where it ends, if it is closed and the copy does not get that far. */
  Optional<TreeHead> lacking() {
    return Optional.ofNullable(close).filter(end -> stored.size() < end.size());
  }

  /** Whether what somebody has under that checkpoint can be missing here. */
  boolean isOfUse(SignedCheckpoint checkpoint) {
    TreeHead end = close;
    if (end == null) {
      return true;
    }
    boolean isOwn = checkpoint.origin().equals(log);
    // A shorter copy may be of another past, and behind the close the next log is another one.
    return stored.size() < end.size() ? !isOwn || checkpoint.size() >= end.size() : isOwn;
  }

  /** Somebody has shown the other half of what is held. */
  void contradicted() {
    isContradicted = true;
  }

  /**
   * Whether all of it is here, under a checkpoint that convicts whoever has signed another one; as
   * far as the worker has looked. Any thread.
   *
   * @param covered entries under the newest checkpoint that is stored
   */
  boolean isComplete(long covered) {
    return !isOfAnotherPast && at().filter(end -> covered < end.size()).isEmpty();
  }

  /**
   * Whether nothing more of it is to be looked for: it is complete, or of another past and its node
   * convicted of that. Any thread.
   */
  boolean isSettled(long covered) {
    return isComplete(covered) || (isOfAnotherPast && isContradicted);
  }

  /**
   * Whether there are as many entries as were closed, so that checkpoints are all that may be
   * missing; as far as the worker has looked. Any thread.
   */
  boolean isFull() {
    return isFull;
  }

  /** As far as the worker has looked. Any thread. */
  boolean isOfAnotherPast() {
    return isOfAnotherPast;
  }

  /** What was kept before the start; once, before anything is kept again. */
  List<SignedCheckpoint> recall() {
    if (isRecalled) {
      return List.of();
    }
    kept = store.get(key).orElse(Bytes.EMPTY);
    isRecalled = true;
    return kept.isEmpty() ? List.of() : decode(kept);
  }

  /**
   * Nobody shows again what was taken of a closed log, so it is on the disk before that is said.
   *
   * @throws StoreException if it is not; to be tried again with the next one that is shown
   */
  void keep(List<SignedCheckpoint> waiting) {
    if (waiting.isEmpty()) {
      return;
    }
    CborWriter out = new CborWriter().array(waiting.size());
    waiting.forEach(checkpoint -> out.bytes(checkpoint.bytes()));
    Bytes now = out.toBytes();
    if (!now.equals(kept)) {
      store.commit(new LogWrites().put(key, now));
      kept = now;
    }
  }

  private static List<SignedCheckpoint> decode(Bytes encoded) {
    try {
      List<SignedCheckpoint> decoded = new ArrayList<>();
      CborReader in = new CborReader(encoded);
      for (int i = in.arrayHeaderUpTo(Replica.MAX_AHEAD); i > 0; i--) {
        decoded.add(SignedCheckpoint.parse(in.bytesUpTo(SignedCheckpoint.MAX_BYTES)));
      }
      in.end();
      return decoded;
    } catch (DecodeException e) {
      throw new IllegalStateException("what waits is damaged: " + e.getMessage(), e);
    }
  }
}
