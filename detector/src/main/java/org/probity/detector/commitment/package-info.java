/**
 * How one node's log moves: the rules of every entry type, the channels between nodes and the
 * messages that travel on them (protocol.md §3.3, §4.4, §5).
 *
 * <p>{@link org.probity.detector.commitment.Machine} is the node as a deterministic state machine:
 * the system rules around the consortium's {@link org.probity.detector.program.Program}. The node
 * that writes a log and everybody who replays it run the same code, so protocol obligations are
 * audited exactly like the application's rules.
 *
 * <p>System state, under the prefix {@code 0x00} of the one authenticated map:
 *
 * <pre>
 * t                            last TICK, milliseconds                       [millis]
 * p                            parameters                                    Parameters
 * m member                     governance key                                32 bytes
 * n node                       node, member, incarnation, log, cosigner key  NodeRecord
 * o node 00                    SENDs to that node: next sequence, acked      [next, acked]
 * s node 00 seq                an unacknowledged SEND: index, payload's hash [index, hash]
 * i node 00                    SENDs received from that node                 [count]
 * g e d c h a k f              what decisions changed: GovernanceState
 * x deadline id-hash           a transaction until its deadline              [statement id, index]
 * </pre>
 *
 * <p>{@code seq}, {@code deadline} and numbers in keys are 8 bytes, big-endian. {@code id-hash} is
 * the first 16 bytes of SHA-256(client id || submitter). Every TICK removes all keys {@code x}
 * whose deadline is before it, as one range.
 */
@NullMarked
package org.probity.detector.commitment;

import org.jspecify.annotations.NullMarked;
