/**
 * Features about peers in, suspicion and explanation out: advice about whom to audit first, never
 * evidence. It depends on nothing else of Probity, by a rule of the build and a test.
 *
 * <p>There is no scorer yet. Audits are scheduled without scores until there is one.
 */
@NullMarked
package org.probity.scoring;

import org.jspecify.annotations.NullMarked;
