/**
 * The core that ties the rooms together: one node's own log, its channels, what it holds of others'
 * logs, and what it concludes about them. Inputs in, a commit and its releases out.
 *
 * <p>The order of effects (protocol.md §4.6) is a matter of types: what a commit releases can only
 * be had for a {@link org.probity.detector.node.Durable}, and the only source of that is {@link
 * org.probity.detector.node.CommitStore#commit}, which writes first.
 */
@NullMarked
package org.probity.detector.node;

import org.jspecify.annotations.NullMarked;
