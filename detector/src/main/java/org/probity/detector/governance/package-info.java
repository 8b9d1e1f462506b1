/**
 * Who the consortium is and by which rules it lives (protocol.md §2, §6.1).
 *
 * <p>The <b>genesis</b> document is {@code [core, enrolments]}: {@code core} is a byte string that
 * holds the founding facts (parameters, program, members, nodes), {@code enrolments} has one signed
 * statement per node, in the order of the nodes, by which the owning member's governance key takes
 * responsibility for the node's log and cosigner key. The SHA-256 of the exact genesis bytes is the
 * <b>network id</b>. The enrolments cannot name it, because it covers them; they name the SHA-256
 * of {@code core} in its place, the <b>founding id</b>.
 *
 * <p>From there on members decide, by signed ballots and without a consensus engine (protocol.md
 * §13, bytes in {@code docs/format/governance.md}). A {@link
 * org.probity.detector.governance.Proposal} is an {@link org.probity.detector.governance.Action} in
 * an epoch; each elector casts one {@link org.probity.detector.governance.Ballot} a round as {@link
 * org.probity.detector.governance.RoundRule} allows; a {@link org.probity.detector.governance.Poll}
 * collects them; a {@link org.probity.detector.governance.Decision} shows the outcome to anyone,
 * and {@link org.probity.detector.governance.DecisionRule} says whether it is valid and what it
 * changes in the {@link org.probity.detector.governance.GovernanceState}. For example, with members
 * a to d: three ballots of round 0 for p, then three of round 1 that cite them and confirm p, are a
 * decision for p; so are four ballots of round 0 for p.
 */
@NullMarked
package org.probity.detector.governance;

import org.jspecify.annotations.NullMarked;
