/**
 * Sums over all nodes that anyone who holds their states can recompute: is the money all there?
 *
 * <p>Example. Bank A issued 100, sent 30 to bank B, which has not received them: {@code issued 100
 * = balances 70 + in flight 30 - loss 0}.
 */
@NullMarked
package org.probity.ledger.audit;

import org.jspecify.annotations.NullMarked;
