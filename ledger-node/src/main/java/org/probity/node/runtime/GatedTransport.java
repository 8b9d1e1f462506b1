package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Function;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PeerStanding;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;

/**
 * Talks to the nodes that no decision has stopped; towards the others it fails at once. Who is
 * suspended is asked for decisions all the same: it may be the only one that has its readmission
 * and shows it.
 */
final class GatedTransport implements PeerTransport {
  static final String CODE = "peer_stopped";

  private final Vertx vertx;
  private final PeerTransport open;
  private final Function<String, PeerStanding> standing;

  GatedTransport(Vertx vertx, PeerTransport open, Function<String, PeerStanding> standing) {
    this.vertx = vertx;
    this.open = open;
    this.standing = standing;
  }

  private boolean isCurrent(String peer) {
    return standing.apply(peer) == PeerStanding.CURRENT;
  }

  private <T> Future<T> gated(String peer, Supplier<Future<T>> call) {
    return isCurrent(peer) ? call.get() : Future.failedFuture(stopped(peer));
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
    return standing.apply(to) == PeerStanding.SUSPENDED
        ? open.governance(to, request)
        : gated(to, () -> open.governance(to, request));
  }

  @Override
  public Future<PeerReply> run(String to, Bytes sign) {
    return gated(to, () -> open.run(to, sign));
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
  public Future<HeldLog> held(String by, Hash originHash) {
    return gated(by, () -> open.held(by, originHash));
  }

  @Override
  public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
    return gated(by, () -> open.entries(by, originHash, from, to));
  }

  @Override
  public LogStream stream(String of, long from, LogStreamReader reader) {
    if (isCurrent(of)) {
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
