package org.probity.node.http;

import org.probity.detector.crypto.Hash;

/**
 * A transaction that its home node is now asked for before everybody.
 *
 * @param challenge id of the challenge
 * @param target the home node
 */
public record HandedOver(Hash challenge, String target) {}
