package org.probity.node.http.peer;

/** A log as it arrives. Callable from any thread. */
public interface LogStream {

  /**
   * Asks the sender to wait; what is under way already, at most a window of 64 KiB and one frame,
   * still arrives.
   */
  void pause();

  void resume();

  /** Ends the stream; the reader hears no more. */
  void close();
}
