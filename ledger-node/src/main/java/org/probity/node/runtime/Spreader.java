package org.probity.node.runtime;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultId;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerTransport;

/** Gives proofs to other nodes, again and again until each has answered. Thread-safe. */
final class Spreader {
  static final long RETRY_MILLIS = 1_000;

  private final Vertx vertx;
  private final PeerTransport transport;
  private final List<String> peers;

  /** Given and not taken yet, or refused. */
  private final Set<Giving> underWay = ConcurrentHashMap.newKeySet();

  private volatile boolean stopped;

  private record Giving(String peer, FaultId fault) {}

  /**
   * @param peers all other nodes
   */
  Spreader(Vertx vertx, PeerTransport transport, List<String> peers) {
    this.vertx = vertx;
    this.transport = transport;
    this.peers = List.copyOf(peers);
  }

  /** To everybody. */
  void spread(Evidence evidence) {
    // The accused hears of it too: it may want to answer before the consortium decides.
    peers.forEach(peer -> give(peer, evidence));
  }

  /** To one that says it has none. Nothing if it is being given this one, or has refused it. */
  void give(String peer, Evidence evidence) {
    Giving giving = new Giving(peer, evidence.faultId());
    if (underWay.add(giving)) {
      send(giving, evidence);
    }
  }

  private void send(Giving giving, Evidence evidence) {
    if (!stopped) {
      transport
          .evidence(giving.peer(), evidence.encoded())
          .onSuccess(
              reply -> {
                // Who refuses it once would for ever.
                if (reply.status() == PeerReply.OK) {
                  underWay.remove(giving);
                }
              })
          .onFailure(noAnswer -> vertx.setTimer(RETRY_MILLIS, timer -> send(giving, evidence)));
    }
  }

  void stop() {
    stopped = true;
  }
}
