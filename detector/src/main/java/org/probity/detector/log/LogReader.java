package org.probity.detector.log;

import org.probity.detector.codec.Bytes;

/**
 * Read access to the durable part of one log. Implementations are in the shell and in tests;
 * reading must be cheap (memory-mapped), and what is below {@link #size()} never changes.
 */
public interface LogReader extends HashReader {

  /** Entries that are durable. */
  long size();

  /**
   * The exact bytes of entry {@code index}.
   *
   * @throws IndexOutOfBoundsException unless {@code 0 <= index < size()}
   * @throws UnreadableLogException if the disk does not give it back
   */
  Bytes entry(long index);
}
