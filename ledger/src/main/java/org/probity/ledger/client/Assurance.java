package org.probity.ledger.client;

/**
 * How far others stand behind a receipt (protocol.md §10), the least first: words for people. Do
 * not compare them. Witnesses may have replayed an entry and not cosigned it, so whoever wants to
 * know that there is no second history asks {@link ReceiptVerifier.Valid#isWitnessed}.
 */
public enum Assurance {
  /** The node itself has signed that the entry stands in its log. */
  RECORDED,
  /** {@code q} of its witnesses have cosigned a checkpoint that covers it: no fork, no loss. */
  WITNESSED,
  /**
   * {@code f + 1} witnesses say that they have executed the log up to it and beyond: it is valid.
   */
  AUDITED
}
