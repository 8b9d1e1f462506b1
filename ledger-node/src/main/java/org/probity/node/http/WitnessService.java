package org.probity.node.http;

import io.vertx.core.Future;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.SignedNote;

/** What a node does as a C2SP witness. Called as {@link NodeService} is. */
public interface WitnessService {

  /**
   * Cosigns a checkpoint, or says why not (C2SP tlog-witness, {@code add-checkpoint}). The answer
   * comes after what it promises is durable.
   *
   * <p>Fails with a {@link ProblemException} of status 429 or 503 where the witness can say neither
   * yet, for example because entries have not come.
   *
   * @param from the node that sent it; empty if it was none
   * @param request the body
   */
  Future<AddCheckpointResponse> add(String from, Bytes request);

  /**
   * The newest checkpoint cosigned here of a log, with the cosignature; by SHA-256 of its origin.
   */
  Optional<SignedNote> cosigned(Hash originHash);
}
