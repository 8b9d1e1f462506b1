package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.EvidenceFile;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;

/**
 * A witness that keeps to itself whatever it knows of others, once it is triggered: it shows nobody
 * the logs it holds, passes on no checkpoint, proof, challenge or answer, compares nothing, and
 * signs that its wards' logs are as they must be whatever is in them. It is correct about itself.
 */
public final class Secretive {
  private Secretive() {}

  /** What to build the node from; correct until the trigger is given. */
  public static NodeParts parts(NodeSettings settings, Trigger trigger) {
    return new NodeParts(UnaryOperator.identity(), truth -> new Mute(truth, trigger::isGiven))
        .withService(truth -> new Closed(truth, trigger::isGiven))
        .withVouching((auditedSize, storedSize) -> trigger.isGiven() ? storedSize : auditedSize);
  }

  private static final class Mute extends ForwardingTransport {
    private final BooleanSupplier secretive;

    Mute(PeerTransport truth, BooleanSupplier secretive) {
      super(truth);
      this.secretive = secretive;
    }

    @Override
    public Future<PeerReply> checkpoint(String to, Bytes body) {
      return secretive.getAsBoolean() ? silence() : truth.checkpoint(to, body);
    }

    @Override
    public Future<PeerReply> evidence(String to, Bytes body) {
      return secretive.getAsBoolean() ? silence() : truth.evidence(to, body);
    }

    @Override
    public Future<PeerReply> challenge(String to, Bytes body) {
      return secretive.getAsBoolean() ? silence() : truth.challenge(to, body);
    }

    private static <T> Future<T> silence() {
      return Future.failedFuture(
          PeerFailure.of(PeerFailure.Kind.UNREACHABLE, "unreachable", "kept secret"));
    }
  }

  private static final class Closed extends ForwardingService {
    private final BooleanSupplier secretive;

    Closed(NodeService truth, BooleanSupplier secretive) {
      super(truth);
      this.secretive = secretive;
    }

    @Override
    public Optional<PublishedLog> replica(Hash originHash) {
      return secretive.getAsBoolean() ? Optional.empty() : truth.replica(originHash);
    }

    @Override
    public Future<PeerReply> checkpoint(String from, Bytes body) {
      return secretive.getAsBoolean() ? busy() : truth.checkpoint(from, body);
    }

    @Override
    public List<EvidenceFile> evidenceFiles() {
      return secretive.getAsBoolean() ? List.of() : truth.evidenceFiles();
    }
  }
}
