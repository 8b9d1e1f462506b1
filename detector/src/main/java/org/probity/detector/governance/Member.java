package org.probity.detector.governance;

import org.probity.detector.crypto.PublicKey;

/** An organisation of the consortium and the key it governs with. */
public record Member(String id, PublicKey governanceKey) {}
