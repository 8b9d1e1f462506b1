/**
 * Accounts and payments to measure with, the same for the same seed. Keys are computed from names:
 * whoever reads this can spend what is in the accounts.
 */
@NullMarked
package org.probity.benchmarks.workload;

import org.jspecify.annotations.NullMarked;
