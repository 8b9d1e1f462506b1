/**
 * The node's durable memory: LMDB environments, the second copy of the signing mark, the latch, the
 * lock on the data directory and the thread that commits.
 *
 * <p>Implements protocol.md §4.6 (order of effects), §11.1 (what a start finds) and the rows "Crash
 * and storage" of the fault catalogue. Layout of a data directory:
 *
 * <pre>
 * data/
 *   lock              held by the running process (OS lock, contents: its pid)
 *   latch             present after a failed or unknown commit: the reason, in one line
 *   log/data.mdb      the node's own log
 *   replicas/data.mdb the logs of its wards
 *   state/data.mdb    the authenticated state, flushed in the background
 *   index/data.mdb    which entries of the own log name an account; derived
 *   audited/N/        the state of a ward where it was last audited clean; N: its replica's number
 * mark/               other path, by default another filesystem
 *   mark              second copy of the signing mark
 *   latch             second copy of the latch
 * </pre>
 *
 * <p>Inside a log environment every log has three databases: <i>entries</i> (index to the exact
 * bytes), <i>hashes</i> (complete subtrees in the order in which appending completes them, so that
 * every write is at the end) and <i>checkpoints</i> (size to signed note). Integers in keys are
 * big-endian. Hashes of a log of three entries, by key:
 *
 * <pre>
 * 0  leaf 0
 * 1  leaf 1
 * 2  interior(leaf 0, leaf 1)
 * 3  leaf 2
 * </pre>
 *
 * <p>A log environment also has <i>metadata</i>: in the own one {@code signing-mark} and, for every
 * other log, {@code view/<origin>} ({@link org.probity.detector.commitment.Views}); in that of the
 * wards {@code relay/<origin>}, how far their embedded checkpoints have been passed on.
 *
 * <p>LMDB has no page checksums: an entry is checked against its leaf hash whenever it is read,
 * every other value carries a CRC-32C of its key and content.
 */
@NullMarked
package org.probity.node.store;

import org.jspecify.annotations.NullMarked;
