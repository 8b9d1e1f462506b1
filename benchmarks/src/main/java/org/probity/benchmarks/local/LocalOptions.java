package org.probity.benchmarks.local;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What to measure.
 *
 * @param directory new or empty; keys, log and the node's output go there
 * @param transfers at most so many per measurement, signed ahead
 * @param limit at most so long per measurement
 * @param warmUp before each measurement, not counted
 * @param clients requests outstanding at once
 * @param accounts customers the transfers are spread over
 * @param statementsPerRequest of singly signed transfers
 * @param provider of Ed25519, for the node and for the bare rate
 */
record LocalOptions(
    Path directory,
    int transfers,
    Duration limit,
    Duration warmUp,
    int clients,
    int accounts,
    int statementsPerRequest,
    String provider) {
  /** Transfers under one signature, in the second measurement. */
  static final int BULK_TRANSFERS = 200;

  /** Some requests in each measurement. */
  static final int MIN_TRANSFERS = 10 * BULK_TRANSFERS;

  /** The node's own bound on one request. */
  static final int MAX_STATEMENTS_PER_REQUEST = 1000;
}
