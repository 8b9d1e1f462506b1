package org.probity.node.runtime;

import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.UnreadableLogException;
import org.probity.node.store.StoreException;

/** The own log as the core reads it: what its disk deserves comes as the exception it knows. */
final class CoreLogReader implements LogReader {
  private final LogReader log;

  CoreLogReader(LogReader log) {
    this.log = log;
  }

  @Override
  public long size() {
    return log.size();
  }

  @Override
  public Bytes entry(long index) {
    return read(() -> log.entry(index));
  }

  @Override
  public Hash node(int level, long index) {
    return read(() -> log.node(level, index));
  }

  private static <T> T read(Supplier<T> read) {
    try {
      return read.get();
    } catch (StoreException e) {
      throw new UnreadableLogException(String.valueOf(e.getMessage()), e);
    }
  }
}
