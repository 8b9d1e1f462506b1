package org.probity.node.http;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where a listener listens.
 *
 * @param host interface to bind, loopback unless the operator says otherwise
 * @param port 0 for any free one
 * @param advertisedHost what others call it in URLs
 */
public record ListenAddress(String host, int port, String advertisedHost) {
  public static final String LOOPBACK = "127.0.0.1";

  /** Whether only this machine reaches what is bound to {@code host}. */
  public static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Loopback, any free port. */
  public static ListenAddress loopback() {
    return new ListenAddress(LOOPBACK, 0, LOOPBACK);
  }

  public static ListenAddress loopback(int port) {
    return new ListenAddress(LOOPBACK, port, LOOPBACK);
  }
}
