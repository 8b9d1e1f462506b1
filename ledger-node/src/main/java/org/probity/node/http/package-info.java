/**
 * The node's three doors: clients (REST over TLS 1.3), peers (mutual TLS 1.3, HTTP/2), operations
 * (plain HTTP, loopback), and the seam {@link org.probity.node.http.NodeService} behind which the
 * running node stands.
 *
 * <p>A listener is a table of {@link org.probity.node.http.Route}s. For each request it finds the
 * route, asks the listener's gate who is calling, reads the body within the route's limit and the
 * listener's budget, calls the handler and writes the {@link org.probity.node.http.Reply}. A
 * handler never sees a body that is too long, of another media type, or from a peer that is not
 * (any more) a node of the consortium. Whatever goes wrong leaves as an RFC 9457 problem document:
 *
 * <pre>
 * HTTP/1.1 413 Request Entity Too Large
 * content-type: application/problem+json
 *
 * {"type":"urn:probity:error:body_too_large","title":"Body too large","status":413,
 *  "detail":"at most 65536 bytes","code":"body_too_large","instance":"urn:probity:request:3f2a-17"}
 * </pre>
 *
 * <p>SPEC operations.md "HTTP", formats.md "tlog-tiles". {@code openapi.yaml} beside this package
 * describes every route; a test keeps the two equal.
 */
@NullMarked
package org.probity.node.http;

import org.jspecify.annotations.NullMarked;
