package org.probity.benchmarks.messages;

import io.vertx.core.Future;
import org.probity.benchmarks.messages.Traffic.Kind;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;

/** Counts what a node sends and what it is answered. */
record CountedTransport(PeerTransport to, Traffic traffic) implements PeerTransport {
  @Override
  public Future<PeerReply> envelope(String node, Bytes body) {
    traffic.add(Kind.ENVELOPE, body.size());
    return answered(Kind.ACK, to.envelope(node, body));
  }

  @Override
  public Future<PeerReply> checkpoint(String node, Bytes body) {
    return exchange(Kind.FORWARDING, body, to.checkpoint(node, body));
  }

  @Override
  public Future<PeerReply> evidence(String node, Bytes body) {
    return exchange(Kind.DISPUTE, body, to.evidence(node, body));
  }

  @Override
  public Future<PeerReply> challenge(String node, Bytes body) {
    return exchange(Kind.DISPUTE, body, to.challenge(node, body));
  }

  @Override
  public Future<PeerReply> audit(String node, Bytes statement) {
    return exchange(Kind.AUDIT, statement, to.audit(node, statement));
  }

  @Override
  public Future<PeerReply> governance(String node, Bytes request) {
    return exchange(Kind.GOVERNANCE, request, to.governance(node, request));
  }

  @Override
  public Future<PeerReply> run(String node, Bytes sign) {
    return exchange(Kind.WITNESSING, sign, to.run(node, sign));
  }

  @Override
  public Future<AddCheckpointResponse> addCheckpoint(String node, Bytes request) {
    traffic.add(Kind.WITNESSING, request.size());
    return to.addCheckpoint(node, request)
        .onSuccess(answer -> traffic.add(Kind.WITNESSING, answer.body().size()));
  }

  @Override
  public Future<Bytes> newestCheckpoint(String of) {
    return to.newestCheckpoint(of).onSuccess(note -> traffic.add(Kind.FORWARDING, note.size()));
  }

  @Override
  public Future<Bytes> heldCheckpoint(String by, Hash originHash) {
    return to.heldCheckpoint(by, originHash)
        .onSuccess(note -> traffic.add(Kind.FORWARDING, note.size()));
  }

  @Override
  public Future<HeldLog> held(String by, Hash originHash) {
    return to.held(by, originHash)
        .onSuccess(held -> traffic.add(Kind.FORWARDING, held.encode().size()));
  }

  @Override
  public Future<LogFrame> entries(String by, Hash originHash, long from, long until) {
    return to.entries(by, originHash, from, until)
        .onSuccess(frame -> traffic.add(Kind.DISPUTE, frame.encode().size()));
  }

  @Override
  public LogStream stream(String of, long from, LogStreamReader reader) {
    return to.stream(
        of,
        from,
        new LogStreamReader() {
          @Override
          public void frame(LogFrame frame) {
            traffic.add(Kind.WITNESSING, frame.encode().size());
            reader.frame(frame);
          }

          @Override
          public void ended(PeerFailure reason) {
            reader.ended(reason);
          }
        });
  }

  private Future<PeerReply> exchange(Kind kind, Bytes body, Future<PeerReply> reply) {
    traffic.add(kind, body.size());
    return answered(kind, reply);
  }

  private Future<PeerReply> answered(Kind kind, Future<PeerReply> reply) {
    return reply.onSuccess(answer -> traffic.add(kind, answer.body().size()));
  }
}
