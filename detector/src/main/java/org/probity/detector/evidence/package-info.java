/** Proofs of misbehaviour and the only verifier of them (protocol.md §8). */
@NullMarked
package org.probity.detector.evidence;

import org.jspecify.annotations.NullMarked;
