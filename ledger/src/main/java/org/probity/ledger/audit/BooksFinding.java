package org.probity.ledger.audit;

import java.math.BigInteger;

/**
 * Something in the books that correct nodes do not lead to, or that the states are not of one
 * moment.
 *
 * @param node whose state shows it
 * @param detail the account, or the other node
 * @param amountMinor how much; for {@link Kind#LAGGING} by how many numbers of credits
 */
public record BooksFinding(Kind kind, String node, String detail, BigInteger amountMinor) {

  /** What was found. */
  public enum Kind {
    /** An account owes although it must not; the amount is a loss. */
    OVERDRAWN,
    /** The node credited more than the other node's state says it sent; the amount is a loss. */
    UNBACKED_CREDIT,
    /** The node took back more than the other node's state says it gave back; a loss. */
    UNBACKED_RETURN,
    /** The node was told that credits are settled which the other node's state does not have. */
    UNCREDITED,
    /** Debits and credits of the node's own accounts differ; the sign tells which way. */
    UNBALANCED,
    /** A settlement account's pending balance is not the sum of the pending groups behind it. */
    PENDING_MISMATCH,
    /**
     * The node's state is older than what the other node's shows of it. Not a fault: take a newer
     * one. If there is none, the node showed the other a log it now denies.
     */
    LAGGING
  }
}
