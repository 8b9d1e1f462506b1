package org.probity.detector.program;

import org.probity.detector.codec.Bytes;
import org.probity.detector.log.SendEntry;
import org.probity.detector.state.StateView;

/** What a program sees of the world during one call. Owned by the caller, not to be kept. */
public interface Context {

  /** The node whose log this is. */
  String self();

  /** Ledger time: the last TICK of this log, milliseconds since 1970-01-01 UTC. */
  long nowMillis();

  /**
   * Whether {@code node} is a node of the consortium other than {@link #self()}, and no decision in
   * this log has suspended or revoked it.
   */
  boolean isPeer(String node);

  /** The application's part of the authenticated state; in {@link Program#authorises} to read. */
  StateView state();

  /**
   * Queues a message to another node's program; logged as SEND right after the current input.
   *
   * @param payload at most {@link #MAX_PAYLOAD_BYTES}
   * @throws IllegalArgumentException if {@code to} is not a peer or the payload is too long: the
   *     program must have checked, so this is our bug
   * @throws IllegalStateException where nothing can be sent: outside of {@link Program#execute} and
   *     {@link Program#receive}
   */
  void send(String to, Bytes payload);

  /** Undoes every write and send of the current call. */
  void rollback();

  int MAX_PAYLOAD_BYTES = SendEntry.MAX_PAYLOAD_BYTES;
}
