/**
 * Founding a consortium on one machine: {@code network init}.
 *
 * <pre>
 * D/
 *   genesis.cbor                     the founding document; the network id is the hash of its bytes
 *   ca.pem                           both roots of the certificate authority, public
 *   address-book.yaml                where each node listens for the others, outside genesis
 *   ca/                              the authority's keys: keep offline
 *   issuer/issuer.pem                issues the assets defined at the start
 *   members/member-a/governance.pem  votes and enrols nodes: belongs to the organisation
 *   members/member-a/operator.pem    opens accounts on the member's nodes
 *   nodes/bank-a/node.yaml           configuration
 *   nodes/bank-a/keys/               the node's keys and certificates
 *   nodes/bank-a/marks/mark          mark 0: this log has never signed (protocol.md §11.1)
 *   nodes/bank-a/data/               the data directory, empty
 * </pre>
 *
 * <p>A consortium of several machines moves each node's folder, with copies of the three public
 * files, to its machine, and each member's folder to that member.
 */
@NullMarked
package org.probity.node.network;

import org.jspecify.annotations.NullMarked;
