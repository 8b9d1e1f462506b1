/** The one Ed25519 verification rule, its providers, keys, signers and SHA-256. */
@NullMarked
package org.probity.detector.crypto;

import org.jspecify.annotations.NullMarked;
