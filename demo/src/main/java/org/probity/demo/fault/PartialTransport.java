package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.function.Predicate;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;

/** Tells some of the peers only; towards the others it is as if the network were down. */
final class PartialTransport extends ForwardingTransport {
  private final Predicate<String> talksTo;

  PartialTransport(PeerTransport truth, Predicate<String> talksTo) {
    super(truth);
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
  public Future<AddCheckpointResponse> addCheckpoint(String to, Bytes request) {
    return talksTo.test(to) ? truth.addCheckpoint(to, request) : silence(to);
  }

  private static <T> Future<T> silence(String to) {
    return Future.failedFuture(
        PeerFailure.of(PeerFailure.Kind.UNREACHABLE, "unreachable", "not talking to " + to));
  }
}
