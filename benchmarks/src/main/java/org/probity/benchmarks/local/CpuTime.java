package org.probity.benchmarks.local;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/** CPU time used so far, nanoseconds. */
final class CpuTime {
  private CpuTime() {}

  static long ofThisThread() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  static long ofThisProcess() {
    return of(ProcessHandle.current());
  }

  /** User and system time of all threads; on Linux in steps of 10 ms. */
  static long of(ProcessHandle process) {
    return process
        .info()
        .totalCpuDuration()
        .map(Duration::toNanos)
        .orElseThrow(
            () -> new IllegalStateException("this system does not tell a process's CPU time"));
  }
}
