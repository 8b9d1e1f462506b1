package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;

/** Talks to the nodes that no decision has stopped; towards the others it fails at once. */
final class GatedTransport implements PeerTransport {
  static final String CODE = "peer_stopped";

  private final Vertx vertx;
  private final PeerTransport open;
  private final Predicate<String> isCurrent;

  GatedTransport(Vertx vertx, PeerTransport open, Predicate<String> isCurrent) {
    this.vertx = vertx;
    this.open = open;
    this.isCurrent = isCurrent;
  }

  private <T> Future<T> gated(String peer, Supplier<Future<T>> call) {
    return isCurrent.test(peer) ? call.get() : Future.failedFuture(stopped(peer));
  }

  private static PeerFailure stopped(String peer) {
    return PeerFailure.of(
        PeerFailure.Kind.REFUSED, CODE, "the members have stopped " + peer + ": not talking to it");
  }

  @Override
  public Future<PeerReply> envelope(String to, Bytes body) {
    return gated(to, () -> open.envelope(to, body));
  }

  @Override
  public Future<PeerReply> checkpoint(String to, Bytes body) {
    return gated(to, () -> open.checkpoint(to, body));
  }

  @Override
  public Future<PeerReply> evidence(String to, Bytes body) {
    return gated(to, () -> open.evidence(to, body));
  }

  @Override
  public Future<PeerReply> challenge(String to, Bytes body) {
    return gated(to, () -> open.challenge(to, body));
  }

  @Override
  public Future<PeerReply> audit(String to, Bytes statement) {
    return gated(to, () -> open.audit(to, statement));
  }

  @Override
  public Future<PeerReply> governance(String to, Bytes request) {
    return gated(to, () -> open.governance(to, request));
  }

  @Override
  public Future<AddCheckpointResponse> addCheckpoint(String to, Bytes request) {
    return gated(to, () -> open.addCheckpoint(to, request));
  }

  @Override
  public Future<Bytes> newestCheckpoint(String of) {
    return gated(of, () -> open.newestCheckpoint(of));
  }

  @Override
  public Future<Bytes> heldCheckpoint(String by, Hash originHash) {
    return gated(by, () -> open.heldCheckpoint(by, originHash));
  }

  @Override
  public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
    return gated(by, () -> open.entries(by, originHash, from, to));
  }

  @Override
  public LogStream stream(String of, long from, LogStreamReader reader) {
    if (isCurrent.test(of)) {
      return open.stream(of, from, reader);
    }
    vertx.runOnContext(turn -> reader.ended(stopped(of)));
    return new LogStream() {
      @Override
      public void pause() {}

      @Override
      public void resume() {}

      @Override
      public void close() {}
    };
  }
}
