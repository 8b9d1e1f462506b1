package org.probity.node.runtime;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.probity.node.http.NodeService;

/** Waits for what a witness sees of its ward: told by the ward, not by looking again and again. */
final class Progress {
  private static final long SECONDS = 60;

  private Progress() {}

  /** Returns when the condition holds, which only the ward's own progress can bring about. */
  static void await(RunningNode witness, String node, Predicate<Ward> condition)
      throws InterruptedException {
    Ward ward =
        witness.wards().stream().filter(each -> each.node().equals(node)).findFirst().orElseThrow();
    Semaphore moved = new Semaphore(0);
    NodeService.Registration registration = ward.onProgress(moved::release);
    try {
      while (!condition.test(ward)) {
        if (!moved.tryAcquire(SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError(
              node + " moves no more: " + ward.stored().size() + ", audited " + ward.auditedSize());
        }
      }
    } finally {
      registration.cancel();
    }
  }
}
