/**
 * The authenticated state (protocol §4.4): one ordered map from keys to values under a Merkle root.
 *
 * <p>The tree is a crit-bit trie over the bits of {@link org.probity.detector.state.KeyBits}: one
 * leaf a key, and one fork wherever two neighbouring keys first differ. Its shape, and so its root,
 * is a function of the content alone. Hashes, with {@code ||} for concatenation and big-endian
 * numbers:
 *
 * <pre>
 * empty tree  SHA-256()
 * leaf        SHA-256(0x00 || u16 key length || key || value)
 * interior    SHA-256(0x01 || u16 critical position || left || right)
 * </pre>
 *
 * <p>Example: {@code {41 -> 01, 42 -> 02}}. The keys are {@code 1 01000001 0…} and {@code 1
 * 01000010 0…}; they first differ at position 7. The root is {@code SHA-256(0x01 || 0007 ||
 * SHA-256(00 0001 41 01) || SHA-256(00 0001 42 02))}.
 *
 * <p>A proof is the same tree with {@link org.probity.detector.state.Stub}s in place of what was
 * not looked at: see {@code docs/format/state.md}.
 */
@NullMarked
package org.probity.detector.state;

import org.jspecify.annotations.NullMarked;
