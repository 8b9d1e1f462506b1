/**
 * Features about peers in, suspicion and explanation out: advice, not evidence. Depends on nothing
 * else of Probity.
 */
@NullMarked
package org.probity.scoring;

import org.jspecify.annotations.NullMarked;
