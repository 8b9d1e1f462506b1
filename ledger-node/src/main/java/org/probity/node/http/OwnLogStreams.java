package org.probity.node.http;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open streams of the own log to peers. */
final class OwnLogStreams {
  static final String CONTENT_TYPE = "application/vnd.probity.log-stream";

  private final Vertx vertx;
  private final NodeService service;
  private final Duration heartBeat;
  private final Set<OwnLogStream> open = ConcurrentHashMap.newKeySet();

  OwnLogStreams(Vertx vertx, NodeService service, Duration heartBeat) {
    this.vertx = vertx;
    this.service = service;
    this.heartBeat = heartBeat;
  }

  Reply open(Exchange exchange) {
    long from = Numbers.parse("from", exchange.requiredQuery("from"));
    long size = service.logFor(exchange.caller()).size();
    if (from > size) {
      // Whoever restores an old backup meets this: its peers know more of it than it does.
      throw new ProblemException(
          new Problem(409, "beyond_log", "this log has " + size + " entries").withField("from"));
    }
    return Reply.streaming(
        CONTENT_TYPE,
        response -> {
          OwnLogStream stream =
              new OwnLogStream(vertx, service, exchange.caller(), from, heartBeat, response);
          open.add(stream);
          stream.start();
          return () -> {
            open.remove(stream);
            stream.stop();
          };
        });
  }

  void endAll() {
    open.forEach(OwnLogStream::end);
  }
}
