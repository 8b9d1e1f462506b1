package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.net.BindException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.probity.node.http.api.Polling;
import org.probity.node.http.tls.ListenerTls;
import org.probity.node.http.tls.PeerTrust;
import org.slf4j.LoggerFactory;

/** What a bare connection can and cannot do to a listener. */
class ListenerLimitsTest {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Vertx vertx = AcceptGate.open(new VertxOptions());

  /** A field, because Vert.x closes clients that are garbage. */
  private final NetClient client = vertx.createNetClient();

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @AfterEach
  void stop() {
    RunningNode.get(client.close());
    RunningNode.get(vertx.close());
  }

  private Listener start(int connections, Duration idle, Duration firstRequest) {
    HttpLimits limits =
        HttpLimits.operations()
            .withMaxConnections(connections)
            .withTimes(new HttpLimits.Times(idle, firstRequest, LONG, LONG, LONG));
    ListenAddress address = ListenAddress.loopback();
    return RunningNode.get(
        Listener.start(
            vertx,
            "test",
            address,
            ServerOptions.plain(address, limits),
            limits,
            new RouteTable(
                List.of(
                    Route.get(
                        Access.EVERYBODY, "/ok", exchange -> Reply.ok(Reply.TEXT, exchange.body())),
                    Route.post(
                        Access.EVERYBODY,
                        "/body",
                        Set.of("text/plain"),
                        1000,
                        exchange ->
                            Future.succeededFuture(Reply.ok(Reply.TEXT, exchange.body()))))),
            (request, access) -> new Gate.Admission("", Optional.empty(), () -> {}),
            registry,
            List.of()));
  }

  /** A connection and what came over it. */
  private final class Raw {
    final Buffer received = Buffer.buffer();
    final Promise<Void> closed = Promise.promise();
    final Promise<Void> answered = Promise.promise();
    final NetSocket socket;

    Raw(Listener listener) {
      Promise<NetSocket> connected = Promise.promise();
      vertx.runOnContext(
          turn ->
              client
                  .connect(listener.port(), "127.0.0.1")
                  .onSuccess(
                      opened -> {
                        opened.handler(
                            bytes -> {
                              received.appendBuffer(bytes);
                              answered.tryComplete();
                            });
                        opened.closeHandler(end -> closed.tryComplete());
                      })
                  .onComplete(connected));
      socket = RunningNode.get(connected.future());
    }

    String answerTo(String request) {
      socket.write(request);
      RunningNode.get(answered.future());
      return received.toString();
    }
  }

  private static String request(String target, String... headers) {
    return target
        + " HTTP/1.1\r\nhost: x\r\n"
        + String.join("", List.of(headers).stream().map(header -> header + "\r\n").toList())
        + "\r\n";
  }

  @Test
  void closesAConnectionThatNeverAsks() {
    Raw raw = new Raw(start(10, LONG, SHORT));

    RunningNode.get(raw.closed.future());
  }

  @Test
  void closesAConnectionThatDribblesAHeader() {
    Raw raw = new Raw(start(10, LONG, SHORT));
    AtomicInteger sent = new AtomicInteger();
    raw.socket.write("GET /ok HTTP/1.1\r\nhost: x\r\nx-slow: ");
    vertx.setPeriodic(
        20,
        timer -> {
          sent.incrementAndGet();
          raw.socket.write("a");
        });

    RunningNode.get(raw.closed.future());
    assertTrue(sent.get() > 5, "it was never silent");
  }

  @Test
  void closesAConnectionThatIsIdleAfterARequest() {
    Raw raw = new Raw(start(10, SHORT, LONG));

    assertTrue(raw.answerTo(request("GET /ok")).startsWith("HTTP/1.1 200"));
    RunningNode.get(raw.closed.future());
  }

  @Test
  void closesConnectionsOverTheLimit() {
    Listener listener = start(2, LONG, LONG);
    Raw first = new Raw(listener);
    Raw second = new Raw(listener);
    first.answerTo(request("GET /ok"));
    second.answerTo(request("GET /ok"));

    RunningNode.get(new Raw(listener).closed.future());

    assertEquals(1.0, registry.get("probity.http.refused.connections").counter().count());
    RunningNode.get(first.socket.close());
    RunningNode.get(second.socket.close());
  }

  @Test
  void doesNotReadABodyAsTheNextRequest() {
    Raw raw = new Raw(start(10, LONG, LONG));

    String answer =
        raw.answerTo(
            request("POST /body", "content-type: text/html", "content-length: 40")
                + "GET /ok HTTP/1.1\r\n");
    RunningNode.get(raw.closed.future());

    assertTrue(answer.startsWith("HTTP/1.1 415"), answer);
    assertEquals(1, raw.received.toString().split("HTTP/1.1 ").length - 1);
  }

  @Test
  void countsAClientThatHangsUpInMidBodyAndSaysNothingMore() throws InterruptedException {
    Logger logger = (Logger) LoggerFactory.getLogger(RequestPipeline.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      Raw raw = new Raw(start(10, LONG, LONG));
      raw.socket.write(request("POST /body", "content-type: text/plain", "content-length: 40"));
      raw.socket.write("a beginning");
      RunningNode.get(raw.socket.close());

      Counter abandoned = registry.get("probity.http.abandoned.requests").counter();
      assertTrue(Polling.LOCAL.await(LONG, () -> abandoned.count() >= 1), "not counted");
      assertEquals(1.0, abandoned.count());
      assertEquals(
          List.of(),
          lines.list.stream()
              .filter(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
              .map(ILoggingEvent::getFormattedMessage)
              .toList());
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test
  void refusesRequestsThatAreNone() {
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put("\u0016\u0003\u0001\r\n\r\n", "malformed_request");
    codes.put(request("GET /" + "x".repeat(10_000)), "request_line_too_long");
    codes.put(request("GET /ok", "x-long: " + "x".repeat(10_000)), "headers_too_long");
    codes.put(
        request("GET /ok", "content-length: 5", "transfer-encoding: chunked"), "malformed_request");
    codes.put(
        request("POST /body", "content-type: text/plain", "content-length: -1"),
        "malformed_request");
    Listener listener = start(10, LONG, LONG);
    codes.forEach(
        (request, code) -> {
          Raw raw = new Raw(listener);
          String answer = raw.answerTo(request);
          assertTrue(answer.contains(" 4"), answer);
          assertTrue(
              answer.contains("\"code\":\"" + code + "\""), request + " is answered by " + answer);
          RunningNode.get(raw.closed.future());
        });
  }

  @Test
  void bindsNothingIfOneListenerCannotBeBound() {
    try (RunningNode node = new RunningNode()) {
      int taken = node.urls().ops().getPort();
      Listener before = start(1, LONG, LONG);
      TestIdentity identity = node.pki.node(RunningNode.NODE, "Ed25519");
      RunningNode.FailedFuture failure =
          assertThrows(
              RunningNode.FailedFuture.class,
              () ->
                  RunningNode.get(
                      NodeListeners.start(
                          vertx,
                          new NodeListeners.Setup(
                              new ListenerConfig(ListenAddress.loopback(), HttpLimits.clients()),
                              new ListenerConfig(ListenAddress.loopback(), HttpLimits.peers()),
                              new ListenerConfig(
                                  ListenAddress.loopback(taken), HttpLimits.operations()),
                              new ListenerTls(
                                  identity.keyCertOptions(),
                                  identity.keyCertOptions(),
                                  PeerTrust.of(identity.anchors())),
                              AccessRules.open(),
                              ActionRecord.NONE,
                              "test",
                              List.of()),
                          node.service,
                          node.service,
                          node.metrics)));

      assertTrue(failure.getCause() instanceof BindException, failure.toString());
      assertTrue(before.port() > 0);
    }
  }
}
