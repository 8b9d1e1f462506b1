package org.probity.node.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.transport.Transport;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns away connections that are too many where they are accepted, before anything is spent on
 * them: Vert.x shows a connection only after its TLS handshake, whose cost is what a flood is for,
 * and one that never begins its handshake it does not show at all.
 *
 * <p>It sits in the pipeline of the listening socket, so it comes with the event loops: {@link
 * #open} makes them. One limit per port. Thread-safe.
 */
public final class AcceptGate {
  private final Map<Integer, Guard> guards = new ConcurrentHashMap<>();

  private record Guard(ConnectionLimit limit, Runnable refused) {}

  private AcceptGate() {}

  /** Event loops whose listeners can be guarded. */
  public static Vertx open(VertxOptions options) {
    return Vertx.builder().with(options).withTransport(new Gated(new AcceptGate())).build();
  }

  /**
   * The gate of these event loops.
   *
   * @throws IllegalArgumentException if they were not made by {@link #open}
   */
  static AcceptGate of(Vertx vertx) {
    if (((VertxInternal) vertx).transport() instanceof GatedNio gated) {
      return gated.gate;
    }
    throw new IllegalArgumentException("event loops that accept whatever comes");
  }

  /**
   * From now on connections to {@code port} count.
   *
   * @param refused told of each that is turned away, on the accepting thread
   */
  void guard(int port, ConnectionLimit limit, Runnable refused) {
    guards.put(port, new Guard(limit, refused));
  }

  void unguard(int port) {
    guards.remove(port);
  }

  /** Whether the accepted socket may go on; what is told {@code false} closes it. */
  private boolean admit(Channel accepted) {
    Guard guard =
        accepted.localAddress() instanceof InetSocketAddress local
            ? guards.get(local.getPort())
            : null;
    if (guard == null) {
      // Listening for a moment, and nobody has been told of it yet.
      return true;
    }
    String address = ClientAddress.ofAccepted(accepted.remoteAddress());
    if (!guard.limit().tryEnter(address)) {
      guard.refused().run();
      return false;
    }
    accepted.closeFuture().addListener(closed -> guard.limit().leave(address));
    return true;
  }

  /** Sees sockets as they are accepted, before they have an event loop or a handshake. */
  private static final class Acceptance extends ChannelInboundHandlerAdapter {
    private final AcceptGate gate;

    Acceptance(AcceptGate gate) {
      this.gate = gate;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof Channel accepted && !gate.admit(accepted)) {
        // Not registered anywhere, so this is all there is to close.
        accepted.unsafe().closeForcibly();
        return;
      }
      context.fireChannelRead(message);
    }
  }

  /** NIO, with the gate in every listening socket's pipeline. */
  private static final class GatedNio extends NioTransport {
    private final AcceptGate gate;

    GatedNio(AcceptGate gate) {
      this.gate = gate;
    }

    @Override
    public void configure(
        NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
      super.configure(options, domainSocket, bootstrap);
      bootstrap.handler(new Acceptance(gate));
    }
  }

  /** The same as Vert.x is told of it. */
  private static final class Gated implements Transport {
    private final GatedNio nio;

    Gated(AcceptGate gate) {
      this.nio = new GatedNio(gate);
    }

    @Override
    public String name() {
      return Transport.NIO.name();
    }

    @Override
    public boolean available() {
      return nio.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
      return nio.unavailabilityCause();
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
      return nio;
    }
  }
}
