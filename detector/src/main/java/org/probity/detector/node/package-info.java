/**
 * The core that ties the rooms together: one node's own log, its channels, what it holds of others'
 * logs, and what it concludes about them. Inputs in, a commit and its releases out.
 *
 * <p>The order of effects (protocol.md §4.6) is a matter of types: what a commit releases can only
 * be had for a {@link org.probity.detector.node.Durable}, and the only source of that is {@link
 * org.probity.detector.node.CommitStore#commit}, which writes first.
 *
 * <p>Beside the core stands {@link org.probity.detector.node.Undelivered}, by which whoever runs it
 * sees the messages in the logs of wards that the core is to deliver (protocol.md §6.5).
 */
@NullMarked
package org.probity.detector.node;

import org.jspecify.annotations.NullMarked;
