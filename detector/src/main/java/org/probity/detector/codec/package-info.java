/**
 * Bytes on the wire: immutable byte strings, deterministic CBOR (RFC 8949 §4.2.1) and COSE_Sign1
 * (RFC 9052).
 *
 * <p>SPEC protocol.md §3.1, §3.2. Everything that is signed or hashed is made of five CBOR items
 * and nothing else: arrays, unsigned and negative integers of at most 64 bits, byte strings and
 * text strings. No maps (but the one inside a COSE protected header), no floats, no tags, no simple
 * values, no indefinite lengths. Every value has exactly one encoding: {@link
 * org.probity.detector.codec.CborWriter} can write no other and {@link
 * org.probity.detector.codec.CborReader} accepts no other, so a value that was read re-encodes to
 * the bytes it was read from, and equal values have equal hashes.
 *
 * <p>Worked example, the array {@code [7, -8, h'c0ffee', "ü"]}:
 *
 * <pre>
 * 84            array of 4
 *   07          unsigned 7
 *   27          negative -1 - 7 = -8
 *   43 c0ffee   byte string of 3
 *   62 c3bc     text string of 2 bytes of UTF-8
 * </pre>
 *
 * <p>An item starts with a head: three bits of type and an argument in the fewest bytes that hold
 * it (0..23 inside the first byte, else 1, 2, 4 or 8 big-endian bytes after it). {@code 18 07} is
 * therefore not a 7 but an error.
 *
 * <p>Optional fields are arrays of zero or one item, flags are the integers 0 and 1, amounts are
 * {@link org.probity.detector.codec.Uint128} as 16-byte big-endian byte strings.
 */
@NullMarked
package org.probity.detector.codec;

import org.jspecify.annotations.NullMarked;
