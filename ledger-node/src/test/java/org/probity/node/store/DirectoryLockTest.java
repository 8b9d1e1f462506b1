package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.store.StoreFixtures.assertFails;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.testing.ChildJvm;

@SuppressWarnings("try") // a lock is held, not used
class DirectoryLockTest {
  @TempDir Path directory;

  /** Locks the directory it is given, says so, and waits to be killed. */
  static final class Holder {
    public static void main(String[] arguments) throws InterruptedException {
      try (DirectoryLock lock = DirectoryLock.acquire(Path.of(arguments[0]))) {
        System.out.println(ProcessHandle.current().pid());
        Thread.sleep(60_000);
      }
    }
  }

  @Test
  void aSecondProcessIsRefusedUntilTheFirstIsGone() throws IOException, InterruptedException {
    try (ChildJvm holder = ChildJvm.start(Holder.class, directory.toString())) {
      String pid = holder.readLine();
      StoreException thrown =
          assertFails(StoreException.Code.LOCKED, () -> DirectoryLock.acquire(directory));
      assertTrue(thrown.getMessage().contains("process " + pid), thrown.getMessage());
      assertTrue(thrown.getMessage().contains(directory.toRealPath().toString()));
      holder.kill();
    }
    DirectoryLock.acquire(directory).close();
  }

  @Test
  void aSecondAttemptInThisProcessDoesNotDropTheLock() throws IOException, InterruptedException {
    try (DirectoryLock lock = DirectoryLock.acquire(directory)) {
      assertFails(StoreException.Code.LOCKED, () -> DirectoryLock.acquire(directory));
      assertFails(StoreException.Code.LOCKED, () -> DirectoryLock.acquire(directory.resolve(".")));
      try (ChildJvm second = ChildJvm.start(Holder.class, directory.toString())) {
        // It ends with the exception and never reports a pid.
        assertEquals(null, second.readLine());
        assertEquals(1, second.await());
      }
    }
    DirectoryLock.acquire(directory).close();
  }
}
