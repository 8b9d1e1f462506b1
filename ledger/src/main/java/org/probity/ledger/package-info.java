/** What the consortium agrees on, as a state machine for the detector. */
@NullMarked
package org.probity.ledger;

import org.jspecify.annotations.NullMarked;
