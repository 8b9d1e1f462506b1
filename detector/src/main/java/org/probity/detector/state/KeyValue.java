package org.probity.detector.state;

import org.probity.detector.codec.Bytes;

/** One binding of the map. */
public record KeyValue(Bytes key, Bytes value) {}
