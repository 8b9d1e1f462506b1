/**
 * Bytes on the wire: immutable byte strings, deterministic CBOR (RFC 8949 §4.2.1) and COSE_Sign1
 * (RFC 9052).
 */
@NullMarked
package org.probity.detector.codec;

import org.jspecify.annotations.NullMarked;
