/**
 * The ledger as a state machine: the rules, and the records they keep in the authenticated state.
 *
 * <p>State keys, relative to the application's part (values are CBOR arrays, see {@code
 * docs/format/ledger.md}; {@code ||} is concatenation, numbers are big-endian):
 *
 * <pre>
 * 'a' || first 8 bytes of SHA-256(account) || account     {@link org.probity.ledger.program.Account}
 * 'i' || asset                                           {@link org.probity.ledger.program.Issuance}
 * 'n' || asset || node                                   {@link org.probity.ledger.program.Settlement}
 * 'o'                                                    key policy of this node's operator
 * 'p' || asset || u8 length of node || node || u64 first {@link org.probity.ledger.program.PendingGroup}
 * 's' || asset                                           asset definition
 * 'x' || node                                            messages of that node that made no sense
 * </pre>
 *
 * <p>A transfer on one node reads and writes the two accounts and nothing else. A remittance
 * touches the payer, one settlement account and one pending group for up to a hundred credits.
 *
 * <p>Double entry: every movement debits one account and credits another by the same amount, where
 * an asset's issuance account and the settlement account per (asset, node) are accounts like those
 * of customers. So on each node, for each asset, debits equal credits, posted and pending each; see
 * {@link org.probity.ledger.audit.Books} for the sums over all nodes.
 *
 * <p>Between nodes a transfer is two-phase. The payer's node books it as pending: the amount is
 * gone from what the payer can spend, and on its way. The payee's node credits the payee from its
 * settlement account for the sender, or does nothing, and says which; of a credit in an asset that
 * it does not know it keeps no trace. Then the payer's node posts the pending booking, or voids it,
 * which is how returned money comes home: never above what its own pending record says, whatever
 * the peer claims.
 *
 * <p>Determinism: state is read through a per-call working set in sorted maps and written back in
 * key order, only if everything succeeded.
 */
@NullMarked
package org.probity.ledger.program;

import org.jspecify.annotations.NullMarked;
