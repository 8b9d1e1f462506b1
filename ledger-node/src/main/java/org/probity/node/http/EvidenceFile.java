package org.probity.node.http;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * A proof that re-verified here, ready for export.
 *
 * @param kind for example {@code FORK}
 * @param member the member it names
 * @param node the node it names, empty for a kind that names a member only
 * @param file exact bytes of the self-contained evidence file
 */
public record EvidenceFile(
    Hash faultId, String kind, String member, String node, long position, Bytes file) {}
