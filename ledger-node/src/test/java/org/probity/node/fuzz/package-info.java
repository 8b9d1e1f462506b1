/** Every decoder of a stranger's bytes, fed with whatever a coverage-guided fuzzer thinks of. */
@NullMarked
package org.probity.node.fuzz;

import org.jspecify.annotations.NullMarked;
