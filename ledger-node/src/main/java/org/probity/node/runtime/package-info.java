/**
 * A running node: the core on one event loop, commits on their thread, signatures on workers, wards
 * replicated and audited on theirs, and the peers and clients served from immutable snapshots.
 *
 * <p>{@link org.probity.node.runtime.RunningNode} starts and stops it. What the core must own is in
 * {@link org.probity.node.runtime.CoreLoop}; nobody else touches {@link
 * org.probity.detector.node.Node}.
 */
@NullMarked
package org.probity.node.runtime;

import org.jspecify.annotations.NullMarked;
