package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.BootGate;
import org.probity.detector.node.BootWitness;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;

/**
 * What this node tells those who ask how much of their log it knows (protocol.md §11.1): the
 * highest checkpoint it has of it, and whether it counts, that is, would know if it had ever
 * cosigned more.
 *
 * <p>It counts if it has a copy of the log; or if it has had the same store since the log began,
 * whether or not it had a seat then: what it has cosigned it has here, also if that is nothing.
 * Since when there is this store of others' logs stands in it:
 *
 * <pre>
 * known-since = epoch: uint   ; deterministic CBOR; all of a log that begins then or later
 * </pre>
 *
 * <p>A store that is made when this node has signed already is not the one it had. Nothing stands
 * in it before the gate of this node is open, and then the epoch after that moment: a log that has
 * begun before, in the epoch of that moment too, may have been cosigned out of the lost store.
 */
final class KnownLogs {
  private static final Bytes SINCE_KEY = Bytes.utf8("known-since");

  private final LmdbLogStore replicas;
  private final Supplier<DecisionChain> decisions;
  private final Supplier<Collection<Ward>> wards;
  private final Views views;
  private final Executor core;

  /**
   * @param wards every log of which anything may be kept here
   * @param views read on {@code core} only
   */
  KnownLogs(
      LmdbLogStore replicas,
      Supplier<DecisionChain> decisions,
      Supplier<Collection<Ward>> wards,
      Views views,
      Executor core) {
    this.replicas = replicas;
    this.decisions = decisions;
    this.wards = wards;
    this.views = views;
    this.core = core;
  }

  /** The node starts, and has never signed: its store is as old as it is itself. */
  void begins() {
    if (since().isEmpty()) {
      keepSince(0);
    }
  }

  /**
   * The own store is behind, and this one with it: nobody knows what it had. Called before anything
   * is recovered: whoever starts after a crash behind that finds nothing missing any more.
   */
  void putBack() {
    forget(replicas);
  }

  /** Of a store that was put back: what its node has cosigned since, it does not know. */
  static void forget(LmdbLogStore replicas) {
    if (replicas.get(SINCE_KEY).isPresent()) {
      replicas.commit(new LogWrites().remove(SINCE_KEY));
    }
  }

  /**
   * The gate is open.
   *
   * @param epoch by all decisions that are known
   */
  void opened(long epoch) {
    if (since().isEmpty()) {
      keepSince(epoch + 1);
    }
  }

  private void keepSince(long epoch) {
    replicas.commit(new LogWrites().put(SINCE_KEY, new CborWriter().uint(epoch).toBytes()));
  }

  private OptionalLong since() {
    Optional<Bytes> kept = replicas.get(SINCE_KEY);
    if (kept.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      CborReader in = new CborReader(kept.get());
      long epoch = in.uint();
      in.end();
      return OptionalLong.of(epoch);
    } catch (DecodeException e) {
      throw new IllegalStateException("known-since is damaged: " + e.getMessage(), e);
    }
  }

  /** By SHA-256 of the log's origin. */
  Future<HeldLog> held(Hash originHash) {
    DecisionChain known = decisions.get();

    Optional<NodeRecord> author = author(known, originHash);
    if (author.isEmpty()) {
      return Future.succeededFuture(new HeldLog(false, known.decisions().size(), Optional.empty()));
    }
    Origin origin = known.genesis().origin(author.get());
    Optional<Ward> ward =
        wards.get().stream().filter(one -> one.origin().equals(origin)).findFirst();
    OptionalLong since = since();
    Optional<SignedCheckpoint> copied = ward.flatMap(Ward::newest);
    Optional<SignedCheckpoint> farthest = ward.flatMap(Ward::farthest);
    Promise<HeldLog> promise = Promise.promise();
    core.execute(
        () -> {
          BootGate.Answer answer =
              BootWitness.answer(
                  known,
                  author.get(),
                  since,
                  copied,
                  Stream.concat(farthest.stream(), viewed(origin)));
          promise.complete(
              new HeldLog(
                  answer.counts(), answer.epoch(), answer.held().map(SignedCheckpoint::bytes)));
        });
    return promise.future();
  }

  private static Optional<NodeRecord> author(DecisionChain known, Hash originHash) {
    return known.keys().present().stream()
        .flatMap(node -> known.keys().log(node.node()).orElseThrow().parts().stream())
        .map(Incarnations.Part::record)
        .filter(
            record -> OwnLogRecovery.originHash(known.genesis().origin(record)).equals(originHash))
        .findFirst();
  }

  /** On the core's loop. */
  private Stream<SignedCheckpoint> viewed(Origin origin) {
    return Stream.concat(views.newest(origin).stream(), views.unlinked(origin).stream())
        .map(VerifiedCheckpoint::signed);
  }
}
