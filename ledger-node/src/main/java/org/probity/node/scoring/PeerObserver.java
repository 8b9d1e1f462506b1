package org.probity.node.scoring;

import java.util.List;
import org.probity.detector.codec.Bytes;

/**
 * What happens between this node and its peers, told as it happens by whoever sees it. All of it
 * was measured by this node itself or stands in a log that its writer has signed and others replay;
 * nothing is what a peer says about itself. Called on many threads; returns at once.
 */
public interface PeerObserver {
  /** Sees nothing. */
  PeerObserver BLIND = new PeerObserver() {};

  /** An envelope leaves for a peer. */
  default void sent(String peer) {}

  /** The peer has acknowledged it, under a good signature. */
  default void acknowledged(String peer, long nanos) {}

  /** No answer, or none that is an acknowledgement. */
  default void unacknowledged(String peer) {}

  /**
   * An envelope of a peer has arrived; its checkpoint is signed.
   *
   * @param sends SEND entries in it, not checked yet
   */
  default void received(String peer, List<Bytes> sends) {}

  /** The peer has answered a challenge that we have put to it. */
  default void challengeAnswered(String peer, long nanos) {}

  /** A part of a ward's log was stored, up to a checkpoint of it. */
  default void stored(String ward, List<Bytes> entries) {}

  /** Somebody has shown us a checkpoint of a ward: had the ward shown us as much? */
  default void compared(String ward, boolean agrees) {}

  /** A ward's log comes again after its stream had ended. */
  default void returned(String ward) {}
}
