package org.probity.node.http;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * Who a node is.
 *
 * @param origin first line of its checkpoints
 * @param vkey its log key as a C2SP verifier key
 * @param programId the state machine it runs
 * @param genesis exact bytes of the founding document
 */
public record NodeInfo(
    Hash networkId,
    String node,
    String member,
    long incarnation,
    String origin,
    String vkey,
    Hash programId,
    Bytes genesis) {}
