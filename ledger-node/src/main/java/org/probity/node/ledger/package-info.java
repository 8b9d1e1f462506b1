/** The ledger's terms as JSON: the one adapter between HTTP and what the consortium runs. */
@NullMarked
package org.probity.node.ledger;

import org.jspecify.annotations.NullMarked;
