package org.probity.benchmarks.messages;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What is run.
 *
 * @param perSecond payments of all banks together; 0 for as many as they answer
 * @param outstanding payments that one bank has not answered yet, at most
 * @param idle how long traffic is counted without payments
 */
record MessagesOptions(
    Path directory,
    int nodes,
    int witnesses,
    int payments,
    double perSecond,
    int outstanding,
    Duration idle) {}
