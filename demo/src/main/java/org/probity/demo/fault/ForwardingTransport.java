package org.probity.demo.fault;

import io.vertx.core.Future;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;

/** Passes everything on; subclasses depart from that. */
abstract class ForwardingTransport implements PeerTransport {
  final PeerTransport truth;

  ForwardingTransport(PeerTransport truth) {
    this.truth = truth;
  }

  @Override
  public Future<PeerReply> envelope(String to, Bytes body) {
    return truth.envelope(to, body);
  }

  @Override
  public Future<PeerReply> checkpoint(String to, Bytes body) {
    return truth.checkpoint(to, body);
  }

  @Override
  public Future<PeerReply> evidence(String to, Bytes body) {
    return truth.evidence(to, body);
  }

  @Override
  public Future<PeerReply> challenge(String to, Bytes body) {
    return truth.challenge(to, body);
  }

  @Override
  public Future<PeerReply> audit(String to, Bytes statement) {
    return truth.audit(to, statement);
  }

  @Override
  public Future<PeerReply> governance(String to, Bytes request) {
    return truth.governance(to, request);
  }

  @Override
  public Future<PeerReply> run(String to, Bytes sign) {
    return truth.run(to, sign);
  }

  @Override
  public Future<AddCheckpointResponse> addCheckpoint(String to, Bytes request) {
    return truth.addCheckpoint(to, request);
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
  public Future<HeldLog> held(String by, Hash originHash) {
    return truth.held(by, originHash);
  }

  @Override
  public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
    return truth.entries(by, originHash, from, to);
  }

  @Override
  public LogStream stream(String of, long from, LogStreamReader reader) {
    return truth.stream(of, from, reader);
  }
}
