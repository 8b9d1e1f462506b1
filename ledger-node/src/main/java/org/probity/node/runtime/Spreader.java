package org.probity.node.runtime;

import io.vertx.core.Vertx;
import java.util.List;
import org.probity.detector.evidence.Evidence;
import org.probity.node.http.peer.PeerTransport;

/** Gives every proof to every other node, again and again until each has answered. */
final class Spreader {
  static final long RETRY_MILLIS = 1_000;

  private final Vertx vertx;
  private final PeerTransport transport;
  private final List<String> peers;
  private volatile boolean stopped;

  /**
   * @param peers all other nodes
   */
  Spreader(Vertx vertx, PeerTransport transport, List<String> peers) {
    this.vertx = vertx;
    this.transport = transport;
    this.peers = List.copyOf(peers);
  }

  void spread(Evidence evidence) {
    // The accused hears of it too: it may want to answer before the consortium decides.
    peers.forEach(peer -> give(peer, evidence));
  }

  private void give(String peer, Evidence evidence) {
    if (!stopped) {
      transport
          .evidence(peer, evidence.encoded())
          .onFailure(noAnswer -> vertx.setTimer(RETRY_MILLIS, timer -> give(peer, evidence)));
    }
  }

  void stop() {
    stopped = true;
  }
}
