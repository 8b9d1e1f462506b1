/**
 * Programs that a node can run: the ledger, and whatever else is on the class path and named in
 * {@code META-INF/services/org.probity.detector.program.Program}. Which of them a node runs, the
 * genesis document says by its program id, and nothing else does (protocol.md §2.4).
 *
 * <p>Example: {@code network init --program "probity-objects/1 rules 1" --program-parameters FILE}.
 */
@NullMarked
package org.probity.node.program;

import org.jspecify.annotations.NullMarked;
