/**
 * What a client needs and no node: ids, building, splitting and signing transactions, payment
 * orders read from a file, verifying receipts, and handing receipts and ignored transactions to
 * witnesses. No network here: how nodes are reached is {@link
 * org.probity.ledger.client.WitnessLink}. See {@code docs/format/ledger.md} for what is signed.
 *
 * <pre>{@code
 * TransactionDraft draft =
 *     new TransactionDraft(networkId, "bank-a", Submitter.account(payer))
 *         .add(new Operation.Transfer(payer, payee, Uint128.of(100), References.NONE));
 * Statement signed = draft.sign(ids.next(notAfterMillis), List.of(ownerKey));
 * }</pre>
 */
@NullMarked
package org.probity.ledger.client;

import org.jspecify.annotations.NullMarked;
