/**
 * TLS 1.3 with the consortium's own certificates, for the listeners and the clients of this
 * program.
 *
 * <p>Only the consortium's roots are trusted, never the platform's. A certificate names its node in
 * a URI ({@link org.probity.node.identity.PeerIdentity}); host names stand beside it and say only
 * where, so a client that knows which node it wants checks the node instead of the host, and a
 * wrong address can never be taken for the right node.
 */
@NullMarked
package org.probity.node.http.tls;

import org.jspecify.annotations.NullMarked;
