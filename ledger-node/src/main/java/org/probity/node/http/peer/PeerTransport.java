package org.probity.node.http.peer;

import io.vertx.core.Future;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;

/**
 * The outgoing half of the peer protocol. Callable from any thread; futures fail with {@link
 * PeerFailure} only and complete on an event loop. Nothing that comes back is verified but the
 * identity of who sent it.
 */
public interface PeerTransport {

  /** Delivers an envelope; the reply is an ack, the held size or the refusal's code. */
  Future<PeerReply> envelope(String to, Bytes body);

  /** Shows a peer a checkpoint of some log. */
  Future<PeerReply> checkpoint(String to, Bytes body);

  /** Hands a peer a proof. */
  Future<PeerReply> evidence(String to, Bytes body);

  /** Puts a challenge to a peer, its target or not. */
  Future<PeerReply> challenge(String to, Bytes body);

  /** Tells a peer what was signed about its log, or about one that it witnesses too. */
  Future<PeerReply> audit(String to, Bytes statement);

  /** Asks a peer for proposals, ballots and decisions that are not here. */
  Future<PeerReply> governance(String to, Bytes request);

  /** Shows a sign of life of this process (protocol.md §11.5); the answer is unverified. */
  Future<PeerReply> run(String to, Bytes sign);

  /** Asks a peer, as a C2SP witness, to cosign a checkpoint; unverified. */
  Future<AddCheckpointResponse> addCheckpoint(String to, Bytes request);

  /** The newest checkpoint of a peer's own log. */
  Future<Bytes> newestCheckpoint(String of);

  /** The newest checkpoint that a peer holds of some log, by SHA-256 of its origin. */
  Future<Bytes> heldCheckpoint(String by, Hash originHash);

  /** How far a peer knows some log, by SHA-256 of its origin (protocol.md §11.1). */
  Future<HeldLog> held(String by, Hash originHash);

  /**
   * Entries {@code [from, to)} that a peer holds of some log, its own included; as many as fit one
   * frame, at least one.
   */
  Future<LogFrame> entries(String by, Hash originHash, long from, long to);

  /** A peer's own log from entry {@code from} on, as it grows, until either side ends it. */
  LogStream stream(String of, long from, LogStreamReader reader);
}
