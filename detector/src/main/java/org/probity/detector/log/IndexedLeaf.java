package org.probity.detector.log;

import org.probity.detector.crypto.Hash;

/** A leaf hash and where it is claimed to stand. */
public record IndexedLeaf(long index, Hash leafHash) {}
