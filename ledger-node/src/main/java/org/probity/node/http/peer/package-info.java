/**
 * How this node talks to the others: one HTTP/2 connection over mutual TLS 1.3 per peer, with
 * everything multiplexed on it.
 *
 * <p>Whom one talks to is a node id. The address book says where it listens, its certificate proves
 * that it is the one; a request to the wrong process fails in the handshake, before a byte of it
 * has left. Nothing here retries, reconnects or waits on its own account: the caller is told and
 * decides.
 *
 * <pre>{@code
 * client.envelope("bank-b", bytes)       // PeerReply: 200 ack, 409 held size, 4xx refusal code
 *     .onFailure(failure -> ...);        // PeerFailure: unreachable, timed out, busy, ...
 * LogStream stream = client.stream("bank-b", heldSize, reader);
 * }</pre>
 */
@NullMarked
package org.probity.node.http.peer;

import org.jspecify.annotations.NullMarked;
