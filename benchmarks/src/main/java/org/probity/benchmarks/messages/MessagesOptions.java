package org.probity.benchmarks.messages;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What is run.
 *
 * @param idle how long traffic is counted without payments
 */
record MessagesOptions(
    Path directory, int nodes, int witnesses, int payments, double perSecond, Duration idle) {}
