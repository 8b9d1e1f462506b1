package org.probity.benchmarks.messages;

/**
 * What PeerReview would send for the same application messages (Haeberlen, Kouznetsov, Druschel,
 * SOSP 2007, §4.2-4.4), computed and not measured, with our hashes and signatures in place of its
 * SHA-1 and RSA.
 *
 * <p>There every message carries an authenticator and is acknowledged by another, each signed for
 * itself; both are passed on to all witnesses of their author. An authenticator here is a sequence
 * number, a hash and an Ed25519 signature; beside it travels the hash before it, from which the
 * receiver computes the one that was signed. The logs that witnesses fetch are taken as long as
 * ours.
 *
 * @param messages application messages
 * @param payloadBytes of all of them
 * @param witnesses of each node
 * @param logBytes by which all logs together have grown
 */
record PaperProtocol(long messages, long payloadBytes, int witnesses, long logBytes) {
  private static final int SEQUENCE_BYTES = 8;
  private static final int HASH_BYTES = 32;
  private static final int SIGNATURE_BYTES = 64;
  static final int AUTHENTICATOR_BYTES = SEQUENCE_BYTES + HASH_BYTES + SIGNATURE_BYTES;

  /** The message and its acknowledgement. */
  Traffic.Count channel() {
    return new Traffic.Count(
        2 * messages, payloadBytes + 2 * messages * (AUTHENTICATOR_BYTES + HASH_BYTES));
  }

  /** The authenticators of both, each to all witnesses of who signed it. */
  Traffic.Count forwarding() {
    long forwarded = 2L * witnesses * messages;
    return new Traffic.Count(forwarded, forwarded * AUTHENTICATOR_BYTES);
  }

  /** The logs, as often as there are witnesses; how many requests that takes is up to them. */
  long witnessingBytes() {
    return witnesses * logBytes;
  }

  /** Signatures made. */
  long signatures() {
    return 2 * messages;
  }
}
