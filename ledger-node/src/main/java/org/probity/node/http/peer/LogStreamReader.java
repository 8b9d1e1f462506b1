package org.probity.node.http.peer;

import org.probity.node.http.wire.LogFrame;

/** Takes a log in. Called on one event loop, in order; must not block. */
public interface LogStreamReader {

  /** The next entries. */
  void frame(LogFrame frame);

  /** It is over; called once and last, unless the reader closed the stream itself. */
  void ended(PeerFailure reason);
}
