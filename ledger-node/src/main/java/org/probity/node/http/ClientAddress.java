package org.probity.node.http;

import io.netty.util.NetUtil;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Whom a quota is for where callers have no name: an IPv4 address, or the /64 of an IPv6 address,
 * which is what one subscriber has.
 */
final class ClientAddress {
  /** Stands for what has no address; all of it shares one quota. */
  static final String NONE = "";

  private static final int SUBSCRIBER_BYTES = 8;

  private ClientAddress() {}

  static String of(@Nullable SocketAddress remote) {
    String literal = remote == null ? null : remote.hostAddress();
    return of(literal == null ? null : NetUtil.createByteArrayFromIpAddressString(literal));
  }

  /** The same of a socket that was just accepted. */
  static String ofAccepted(java.net.@Nullable SocketAddress remote) {
    return of(
        remote instanceof InetSocketAddress internet && internet.getAddress() != null
            ? internet.getAddress().getAddress()
            : null);
  }

  private static String of(byte @Nullable [] bytes) {
    if (bytes == null) {
      return NONE;
    }
    HexFormat hex = HexFormat.of();
    return bytes.length > SUBSCRIBER_BYTES
        ? hex.formatHex(bytes, 0, SUBSCRIBER_BYTES) + "/64"
        : hex.formatHex(bytes);
  }
}
