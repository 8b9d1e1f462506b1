/**
 * Proofs of misbehaviour and the only verifier of them (protocol.md §8; bytes in {@code
 * docs/format/evidence.md}).
 *
 * <p>An evidence file is one CBOR array, {@code [1, network id, kind, decisions, content]}, and
 * needs nothing beside it but the genesis document. Every kind shows what the accused signed, and
 * why no correct node would have: FORK by two checkpoints and a path, INVALID_ENTRY by the entries
 * that break a rule, INVALID_TRANSITION by executing a batch again on the part of the state it
 * looks at, FALSE_AUDIT by one of these two under a root that somebody else has signed for.
 *
 * <p>{@link org.probity.detector.evidence.EvidenceVerifier} is the only source of {@link
 * org.probity.detector.evidence.Evidence}, for our own findings too: {@link
 * org.probity.detector.evidence.EvidenceBuilder} makes bytes, nothing else. What is left out, added
 * or flipped in a file makes it prove nothing, and nothing but a rule broken by the accused's own
 * word proves anything:
 *
 * <ul>
 *   <li>every checkpoint, and every AUDIT, is under the log key that the owning member enrolled;
 *   <li>every entry is under the root in it;
 *   <li>what execution gives depends on those entries and on the state root among them only.
 * </ul>
 */
@NullMarked
package org.probity.detector.evidence;

import org.jspecify.annotations.NullMarked;
