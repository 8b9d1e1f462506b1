/**
 * The log: entries, their Merkle tree and its proofs, checkpoints, tiles, receipts.
 *
 * <p>SPEC protocol.md §4 and docs/format/{log,checkpoint,receipt}.md, over the C2SP formats
 * signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-witness, tlog-proof and
 * tlog-policy. A log is
 *
 * <ul>
 *   <li>a sequence of {@link org.probity.detector.log.Entry entries} {@code [index, prev, type,
 *       body]}, chained by {@code prev} and in the form {@code GENESIS (TICK? (input output*)*
 *       STATE)*}: {@link org.probity.detector.log.BatchGrammar}, {@link
 *       org.probity.detector.log.EntryRules};
 *   <li>an RFC 6962 tree over their leaf hashes: {@link org.probity.detector.log.Frontier} to grow
 *       it, {@link org.probity.detector.log.MerkleProofs}, {@link
 *       org.probity.detector.log.Multiproof} and {@link org.probity.detector.log.ForkPath} to prove
 *       things about it, {@link org.probity.detector.log.Tiles} to publish it;
 *   <li>a growing sequence of {@link org.probity.detector.log.SignedCheckpoint checkpoints}, made
 *       by a {@link org.probity.detector.log.CheckpointSigner} that cannot fork.
 * </ul>
 *
 * <p>Worked example, entry 1 of the log in docs/format/log.md, a TICK:
 *
 * <pre>
 * 84                      array of 4
 *   01                    index 1
 *   58 20 70410773...     prev: the leaf hash of entry 0
 *   05                    type TICK
 *   81                    array of 1
 *     1b 0000019b76daa800 1767225600000 ms, 2026-01-01T00:00:00Z
 *
 * leaf hash = SHA-256(00 || these 47 bytes) = 098cdfec..., the {@code prev} of entry 2
 * root of the first two entries = SHA-256(01 || 70410773... || 098cdfec...)
 * </pre>
 *
 * <p>Everything here is pure. The tree asks for hashes through {@link
 * org.probity.detector.log.HashReader} and costs at most {@code 2 log2 n} of them per proof. What a
 * peer sent is judged by total functions: parsers throw {@link
 * org.probity.detector.codec.DecodeException} with a stable code, verifiers return values, and
 * nothing else leaves them. Immutable but for {@link org.probity.detector.log.MemoryTree} and
 * {@link org.probity.detector.log.CheckpointSigner}, which have one owner.
 */
@NullMarked
package org.probity.detector.log;

import org.jspecify.annotations.NullMarked;
