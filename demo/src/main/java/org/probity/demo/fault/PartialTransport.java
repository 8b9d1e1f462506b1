package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.function.Predicate;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;

/** Tells some of the peers only; towards the others it is as if the network were down. */
final class PartialTransport implements PeerTransport {
  private final PeerTransport truth;
  private final Predicate<String> talksTo;

  PartialTransport(PeerTransport truth, Predicate<String> talksTo) {
    this.truth = truth;
    this.talksTo = talksTo;
  }

  @Override
  public Future<PeerReply> envelope(String to, Bytes body) {
    return talksTo.test(to) ? truth.envelope(to, body) : silence(to);
  }

  @Override
  public Future<PeerReply> checkpoint(String to, Bytes body) {
    return talksTo.test(to) ? truth.checkpoint(to, body) : silence(to);
  }

  @Override
  public Future<PeerReply> evidence(String to, Bytes body) {
    return talksTo.test(to) ? truth.evidence(to, body) : silence(to);
  }

  @Override
  public Future<PeerReply> challenge(String to, Bytes body) {
    return talksTo.test(to) ? truth.challenge(to, body) : silence(to);
  }

  @Override
  public Future<PeerReply> audit(String to, Bytes statement) {
    return talksTo.test(to) ? truth.audit(to, statement) : silence(to);
  }

  @Override
  public Future<PeerReply> governance(String to, Bytes request) {
    return truth.governance(to, request);
  }

  @Override
  public Future<Bytes> newestCheckpoint(String of) {
    return truth.newestCheckpoint(of);
  }

  @Override
  public Future<Bytes> heldCheckpoint(String by, Hash originHash) {
    return truth.heldCheckpoint(by, originHash);
  }

  @Override
  public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
    return truth.entries(by, originHash, from, to);
  }

  @Override
  public LogStream stream(String of, long from, LogStreamReader reader) {
    return truth.stream(of, from, reader);
  }

  private static Future<PeerReply> silence(String to) {
    return Future.failedFuture(
        PeerFailure.of(PeerFailure.Kind.UNREACHABLE, "unreachable", "not talking to " + to));
  }
}
