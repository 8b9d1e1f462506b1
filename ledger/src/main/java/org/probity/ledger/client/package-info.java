/**
 * What a client needs and no node: ids, building, splitting and signing transactions, and payment
 * orders read from a file. No network here; see {@code docs/format/ledger.md} for what is signed.
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
