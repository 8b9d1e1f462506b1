/**
 * The stand-alone verifier of evidence files: needs the genesis document and the file, no network,
 * no node, no other file. The jars {@code detector} and {@code ledger} and Bouncy Castle are its
 * whole class path.
 *
 * <pre>
 * $ java -cp 'lib/*' org.probity.ledger.verifier.VerifyEvidence fault.evidence --genesis genesis.cbor
 * {"verdict":"PROVEN","member":"bank-3","node":"bank-3","kind":"INVALID_TRANSITION",...}
 * </pre>
 */
@NullMarked
package org.probity.ledger.verifier;

import org.jspecify.annotations.NullMarked;
