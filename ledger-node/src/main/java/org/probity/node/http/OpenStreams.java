package org.probity.node.http;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams of one listener that are open. Thread-safe. */
final class OpenStreams {
  private final Vertx vertx;
  private final NodeService service;
  private final Duration heartBeat;
  private final int maxStreams;
  private final Set<PulledStream> open = ConcurrentHashMap.newKeySet();

  OpenStreams(Vertx vertx, NodeService service, Duration heartBeat, int maxStreams) {
    this.vertx = vertx;
    this.service = service;
    this.heartBeat = heartBeat;
    this.maxStreams = maxStreams;
  }

  /** A reply that streams {@code source} until either side ends it. */
  Reply of(String contentType, PulledStream.Source source) {
    if (open.size() >= maxStreams) {
      throw new ProblemException(Problems.tooManyStreams());
    }
    return Reply.streaming(
        contentType,
        response -> {
          PulledStream stream = new PulledStream(vertx, source, heartBeat, response);
          open.add(stream);
          stream.start(service);
          return () -> {
            open.remove(stream);
            stream.stop();
          };
        });
  }

  void endAll() {
    open.forEach(PulledStream::end);
  }
}
