package org.probity.node.http;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.probity.detector.log.AddCheckpointResponse;

/** The C2SP tlog-witness interface, for the consortium's logs and for foreign ones. */
final class WitnessRoutes {
  private final Supplier<WitnessService> witness;

  WitnessRoutes(Supplier<WitnessService> witness) {
    this.witness = witness;
  }

  List<Route> routes() {
    return List.of(
        Route.post(
            Access.EVERYBODY,
            "/witness/add-checkpoint",
            // The specification names no media type for requests, and clients send any or none.
            Set.of(Route.ANY_MEDIA),
            PeerRoutes.MAX_CHECKPOINT_BYTES,
            exchange ->
                witness.get().add(exchange.caller(), exchange.body()).map(WitnessRoutes::reply)));
  }

  private static Reply reply(AddCheckpointResponse response) {
    return Reply.of(
        response.status(), response.contentType(), Buffer.buffer(response.body().unsafeArray()));
  }
}
