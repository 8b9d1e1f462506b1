package org.probity.detector.node;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;

/** The contract on the store that tests and simulation use. */
class MemoryLogTest extends CommitStoreContract {
  private final MemoryLog memory = new MemoryLog();

  @Override
  protected Disk open() {
    return new Disk() {
      @Override
      public CommitStore store() {
        return memory;
      }

      @Override
      public LogReader log() {
        return memory;
      }

      @Override
      public Optional<SignedCheckpoint> newest() {
        return memory.newest();
      }

      @Override
      public SigningMark mark() {
        return memory.mark();
      }

      @Override
      public List<Bytes> views() {
        return memory.views();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  protected boolean isSafeForConcurrentReaders() {
    return false;
  }
}
