package org.probity.node.http;

import java.util.concurrent.atomic.AtomicInteger;

/** Bounds the open connections of a listener, in all and from one address. Thread-safe. */
final class ConnectionLimit {
  private final int max;
  private final Quota perAddress;
  private final AtomicInteger open = new AtomicInteger();

  ConnectionLimit(int max, int maxPerAddress) {
    this.max = max;
    this.perAddress = new Quota(maxPerAddress);
  }

  /** Takes a connection in; false if it is one too many. */
  boolean tryEnter(String address) {
    if (open.incrementAndGet() > max) {
      open.decrementAndGet();
      return false;
    }
    if (!perAddress.tryEnter(address)) {
      open.decrementAndGet();
      return false;
    }
    return true;
  }

  /** A connection that was taken in is closed. */
  void leave(String address) {
    open.decrementAndGet();
    perAddress.leave(address);
  }

  int open() {
    return open.get();
  }
}
