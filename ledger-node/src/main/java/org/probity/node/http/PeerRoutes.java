package org.probity.node.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.http.wire.SeenRuns;

/** What other nodes may ask, besides tiles. */
final class PeerRoutes {
  /** Longest envelope (protocol.md §3.3) with its transport part. */
  static final int MAX_ENVELOPE_BYTES = 64 * 1024;

  static final int MAX_CHECKPOINT_BYTES = 64 * 1024;
  static final int MAX_EVIDENCE_BYTES = EvidenceVerifier.MAX_BYTES;
  static final int MAX_EXCHANGE_BYTES = 256 * 1024;
  static final String GOVERNANCE = "/peer/v1/governance";
  static final int MAX_STREAMS = 256;

  static final Set<String> MEDIA = Set.of(Reply.BINARY, Reply.CBOR);

  private final NodeService service;
  private final OpenStreams streams;

  PeerRoutes(Vertx vertx, NodeService service, Duration heartBeat) {
    this.service = service;
    this.streams = new OpenStreams(vertx, service, heartBeat, MAX_STREAMS);
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(
        Route.post(
            Access.NODES,
            "/peer/v1/envelope",
            MEDIA,
            MAX_ENVELOPE_BYTES,
            exchange -> PeerReplies.of(service.envelope(exchange.caller(), exchange.body()))));
    routes.add(
        Route.post(
            Access.NODES,
            "/peer/v1/checkpoint",
            MEDIA,
            MAX_CHECKPOINT_BYTES,
            exchange -> PeerReplies.of(service.checkpoint(exchange.caller(), exchange.body()))));
    routes.add(
        Route.post(
            Access.NODES,
            "/peer/v1/evidence",
            MEDIA,
            MAX_EVIDENCE_BYTES,
            exchange -> PeerReplies.of(service.evidence(exchange.caller(), exchange.body()))));
    routes.add(
        Route.post(
            Access.NODES,
            "/peer/v1/challenge",
            MEDIA,
            Challenge.MAX_STATEMENT_BYTES,
            exchange -> PeerReplies.of(service.challenge(exchange.caller(), exchange.body()))));
    routes.add(
        Route.post(
            Access.NODES,
            "/peer/v1/run",
            MEDIA,
            SeenRuns.MAX_SIGN_BYTES,
            exchange -> PeerReplies.of(service.run(exchange.caller(), exchange.body()))));
    routes.add(
        Route.post(
            Access.NODES,
            GOVERNANCE,
            MEDIA,
            MAX_EXCHANGE_BYTES,
            exchange ->
                PeerReplies.of(service.governance().exchange(exchange.caller(), exchange.body()))));
    AuditRoutes audits = new AuditRoutes(service::audits);
    routes.add(audits.take());
    routes.add(audits.ofWard());
    routes.add(Route.get(Access.NODES, "/peer/v1/stream", this::stream));
    routes.add(Route.reading(Access.NODES, "/peer/v1/log/{origin}/entries", this::entries));
    routes.add(
        new Route(
            Access.NODES,
            HttpMethod.GET,
            "/peer/v1/log/{origin}/held",
            Set.of(),
            0,
            false,
            this::held));
    routes.addAll(new WitnessRoutes(service::witness).routes());
    routes.addAll(new TileRoutes(service).routes());
    return routes;
  }

  /** Ends the streams; call before the listener shuts down. */
  void endStreams() {
    streams.endAll();
  }

  private Reply stream(Exchange exchange) {
    long from = Numbers.parse("from", exchange.requiredQuery("from"));
    PublishedLog log = service.logFor(exchange.caller(), from);
    if (from > log.size()) {
      // Whoever restores an old backup meets this: its peers know more of it than it does.
      throw new ProblemException(
          new Problem(409, "beyond_log", "this log has " + log.size() + " entries")
              .withField("from"));
    }
    return streams.of(
        OwnLogFrames.CONTENT_TYPE, new OwnLogFrames(service, exchange.caller(), log, from));
  }

  private Future<Reply> held(Exchange exchange) {
    return service
        .held(TileRoutes.requestedOrigin(exchange))
        .map(held -> Reply.ok(Reply.CBOR, held.encode()));
  }

  private Reply entries(Exchange exchange) {
    PublishedLog log = TileRoutes.replica(service, exchange.path("origin"));
    long from = Numbers.parse("from", exchange.requiredQuery("from"));
    long to = exchange.queryNumber("to").orElse(log.size());
    if (from > to) {
      throw Problems.badField("bad_range", "to", "must not be below from");
    }
    if (from >= log.size()) {
      throw Problems.notFound("this node holds " + log.size() + " entries");
    }
    Bytes frame =
        LogFrame.chunk(log.checkpoint(), log.entries(), from, Math.min(to, log.size())).encode();
    return Reply.ok(Reply.CBOR, frame);
  }
}
