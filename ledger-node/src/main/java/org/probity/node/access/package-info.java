/**
 * Who calls a node's listeners, and what it may do there.
 *
 * <p>A {@link org.probity.node.access.KnownCaller} is one line of the node's own file of callers: a
 * name, roles, and what proves the name, which is either the SHA-256 of a bearer token or that of a
 * client certificate. Nobody but the node's operator grants anything: an authority's signature says
 * that a certificate is somebody's, never what it may do. Why: docs/adr/client-roles.md.
 */
@NullMarked
package org.probity.node.access;

import org.jspecify.annotations.NullMarked;
