package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.function.BooleanSupplier;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;

/**
 * Acknowledges no message and answers no challenge, and is busy to whoever asks why. Everything
 * else works: clients are served, witnesses may read, peers are told checkpoints.
 */
final class Silence extends ForwardingService {
  private final BooleanSupplier cheating;

  Silence(NodeService truth, BooleanSupplier cheating) {
    super(truth);
    this.cheating = cheating;
  }

  @Override
  public Future<PeerReply> envelope(String from, Bytes body) {
    return cheating.getAsBoolean() ? busy() : truth.envelope(from, body);
  }

  @Override
  public Future<PeerReply> challenge(String from, Bytes body) {
    return cheating.getAsBoolean() ? busy() : truth.challenge(from, body);
  }
}
