/**
 * Keys and certificates (protocol.md §2.2): who a node is on the wire and what it signs with.
 *
 * <p>Every key has one job and one file, PKCS#8 PEM with mode 0600:
 *
 * <pre>
 * keys/
 *   log.pem            Ed25519, signs checkpoints and statements
 *   cosigner.pem       Ed25519, C2SP cosignatures only
 *   tls-ed25519.pem    Ed25519, transport between nodes      tls-ed25519-cert.pem   its certificate
 *   tls-p256.pem       P-256, transport for browsers         tls-p256-cert.pem      its certificate
 *   log-cert.pem, cosigner-cert.pem                          certificates of the signing keys
 *   ca.pem             both roots of the consortium's certificate authority
 * </pre>
 *
 * <p>The authority has an Ed25519 root for everything between nodes and a P-256 root for what
 * browsers see, because Chromium verifies no Ed25519 signature, neither of a server nor of the
 * authority above it. A certificate is asked for with a PKCS#10 request, whose signature is the
 * proof of possession. It names the node in a URI: {@code urn:probity:node:bank-a}; host names and
 * addresses stand beside it and say only where, never who.
 *
 * <p>A certificate is about transport and bookkeeping. It never attributes a signature to a member:
 * that takes the member's governance key (§2.4).
 */
@NullMarked
package org.probity.node.identity;

import org.jspecify.annotations.NullMarked;
