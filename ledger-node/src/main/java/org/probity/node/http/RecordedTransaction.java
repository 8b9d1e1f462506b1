package org.probity.node.http;

import org.probity.detector.codec.Bytes;

/**
 * A transaction in the log.
 *
 * @param index of its TRANSACTION entry
 * @param outcome exact bytes of the entry's outcome
 */
public record RecordedTransaction(long index, Bytes outcome) {}
