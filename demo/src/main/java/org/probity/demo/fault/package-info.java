/**
 * Nodes that cheat, for demonstrations and tests. They are built from the shipped node's parts and
 * nothing shipped knows about them: what makes them cheat is a file that the demonstration puts
 * into the culprit's folder.
 *
 * <p>Each behaves correctly until that file, {@code misbehave}, exists.
 */
@NullMarked
package org.probity.demo.fault;

import org.jspecify.annotations.NullMarked;
