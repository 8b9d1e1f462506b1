/** The log: entries, RFC 6962 tree and proofs, tiles, checkpoints (protocol §4). */
@NullMarked
package org.probity.detector.log;

import org.jspecify.annotations.NullMarked;
