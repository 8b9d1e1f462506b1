package org.probity.node.http;

import org.probity.detector.codec.Bytes;

/**
 * The answer to a peer's message, as HTTP carries it.
 *
 * @param status 200; 409 with the held size in decimal; another 4xx with the stable code of the
 *     refusal as the body
 */
public record PeerReply(int status, Bytes body) {
  public static final int OK = 200;
  public static final int WRONG_BASE = 409;
  public static final int REFUSED = 422;

  public static PeerReply ok(Bytes body) {
    return new PeerReply(OK, body);
  }

  /** The sender's consistency proof does not start at the view held here. */
  public static PeerReply wrongBase(long heldSize) {
    return new PeerReply(WRONG_BASE, Bytes.utf8(heldSize + "\n"));
  }

  /**
   * The message is not what it must be.
   *
   * @param code stable, lower_snake
   */
  public static PeerReply refused(String code) {
    return new PeerReply(REFUSED, Bytes.utf8(code));
  }
}
