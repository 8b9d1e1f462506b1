/**
 * Keys, signatures and SHA-256: the one Ed25519 verification rule, its providers, signers and
 * signed statements.
 *
 * <p>SPEC protocol.md §2.5, §3.2. Ed25519 implementations disagree about malformed keys and
 * signatures, and a judge that disagrees with another judge can be made to accuse an honest node.
 * So there is one rule, {@link org.probity.detector.crypto.SignatureRule}, and every implementation
 * behind it must give the same verdict on everything: its own checks come first, and what is left
 * to the {@link org.probity.detector.crypto.Ed25519Provider provider} is only what all of them
 * agree on.
 *
 * <p>A {@link org.probity.detector.crypto.Statement} is what a person or a node says under its
 * signature, in bytes; {@link org.probity.detector.crypto.StatementVerifier} is the only place that
 * turns it into a {@link org.probity.detector.crypto.VerifiedStatement}, and only that type has a
 * payload to parse. Example:
 *
 * <pre>{@code
 * Statement statement = Statement.sign(networkId, "probity/transaction", payload, List.of(signer));
 * // ... travels, is stored and is hashed as statement.encoded() ...
 * StatementVerifier verifier = new StatementVerifier(SignatureRule.fastest(), networkId);
 * VerifiedStatement verified = verifier.verify(statement.encoded(), "probity/transaction");
 * verified.payload();  // now, and not before
 * }</pre>
 *
 * <p>Everything here is stateless or immutable and safe for use by many threads.
 */
@NullMarked
package org.probity.detector.crypto;

import org.jspecify.annotations.NullMarked;
