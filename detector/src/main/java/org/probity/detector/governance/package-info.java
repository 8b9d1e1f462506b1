/**
 * Who the consortium is and by which rules it lives (protocol.md §2, §6.1).
 *
 * <p>The <b>genesis</b> document is {@code [core, enrolments]}: {@code core} is a byte string that
 * holds the founding facts (parameters, program, members, nodes), {@code enrolments} has one signed
 * statement per node, in the order of the nodes, by which the owning member's governance key takes
 * responsibility for the node's log and cosigner key. The SHA-256 of the exact genesis bytes is the
 * <b>network id</b>. The enrolments cannot name it, because it covers them; they name the SHA-256
 * of {@code core} in its place, the <b>founding id</b>.
 */
@NullMarked
package org.probity.detector.governance;

import org.jspecify.annotations.NullMarked;
