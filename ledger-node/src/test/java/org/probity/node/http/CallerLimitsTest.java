package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.api.Polling;

/** What one stranger can take of a node's memory and connections. */
class CallerLimitsTest {
  private static final String BUNDLE = "/log/tile/entries/000";
  private static final int ENTRY_BYTES = 1024;
  private static final long BUNDLE_BYTES = 256L * (ENTRY_BYTES + 2);

  private static RunningNode withAnswers(long bytes, Duration answer) {
    Duration minute = Duration.ofSeconds(60);
    RunningNode node =
        new RunningNode(
            HttpLimits.clients()
                .withMaxAnswerBytesInFlight(bytes)
                .withTimes(new HttpLimits.Times(minute, minute, minute, answer, minute)),
            HttpLimits.peers());
    List<Bytes> entries = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      entries.add(Bytes.wrap(new byte[ENTRY_BYTES]));
    }
    node.service.grow(entries);
    return node;
  }

  /** A bundle whose reader takes nothing of it. */
  private static HttpClientResponse untaken(RunningNode node, TestClient client) {
    Promise<HttpClientResponse> promise = Promise.promise();
    node.vertx.runOnContext(
        turn ->
            client
                .agent()
                .request(client.options(HttpMethod.GET, BUNDLE))
                .compose(request -> request.send())
                .onSuccess(response -> response.pause())
                .onComplete(promise));
    return RunningNode.get(promise.future());
  }

  @Test
  void boundsTheAnswersInFlight() throws InterruptedException {
    // Room for two that wait to be taken, and for making one of them.
    try (RunningNode node = withAnswers(3 * BUNDLE_BYTES + 1, Duration.ofSeconds(60))) {
      TestClient other = node.client();
      HttpClientResponse first = untaken(node, node.client());
      HttpClientResponse second = untaken(node, node.client());
      assertEquals(200, first.statusCode());
      assertEquals(200, second.statusCode());

      TestClient.Answer refused = other.get(BUNDLE);

      assertEquals(429, refused.status());
      assertEquals("overloaded", refused.problem());
      assertEquals(200, other.get("/v1/status").status());
      Future<Buffer> taken = first.body();
      first.resume();
      int length = RunningNode.get(taken).length();
      assertTrue(Math.abs(BUNDLE_BYTES - length) <= 2 * ENTRY_BYTES, "taken " + length);
      assertTrue(eventually(() -> other.get(BUNDLE).status() == 200), "given back");
    }
  }

  @Test
  void cutsOffAReaderThatTakesNothing() throws InterruptedException {
    // Room for one that waits to be taken, and for making it.
    try (RunningNode node = withAnswers(2 * BUNDLE_BYTES + 1, Duration.ofMillis(300))) {
      TestClient other = node.client();
      assertEquals(200, untaken(node, node.client()).statusCode());
      assertEquals(429, other.get(BUNDLE).status());

      // The rest of a second per 64 KiB is the time that a slow line has.
      assertTrue(eventually(() -> other.get(BUNDLE).status() == 200), "never cut off");
    }
  }

  @Test
  void boundsTheRequestsOfOneAddress() throws InterruptedException {
    HttpLimits limits = HttpLimits.clients().withMaxRequestsPerCaller(3);
    try (RunningNode node = new RunningNode(limits, HttpLimits.peers())) {
      node.service.pendingSubmission = Promise.promise();
      TestClient client = node.client();
      TestClient other = node.client();
      List<Future<TestClient.Answer>> waiting = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waiting.add(
            client.sendAsync(
                HttpMethod.POST, "/v1/transactions", "application/cose", Buffer.buffer("x")));
      }

      // Only then: a question that comes between them would take the place of one.
      assertTrue(eventually(() -> node.service.waitingSubmissions.get() == 3), "all are in");
      assertEquals(429, other.get("/v1/status").status());
      assertEquals("quota_exceeded", other.get("/v1/status").problem());
      node.service.pendingSubmission.complete(node.service.record(List.of(Bytes.utf8("x"))));
      waiting.forEach(answer -> assertEquals(200, RunningNode.get(answer).status()));
      assertTrue(eventually(() -> client.get("/v1/status").status() == 200), "let in again");
    }
  }

  /** Nothing here is to end by a time-out. */
  private static RunningNode withConnections(int perAddress) {
    Duration minute = Duration.ofSeconds(60);
    return new RunningNode(
        HttpLimits.clients()
            .withMaxConnectionsPerAddress(perAddress)
            .withTimes(new HttpLimits.Times(minute, minute, minute, minute, minute)),
        HttpLimits.peers());
  }

  private static double refused(RunningNode node) {
    return node.metrics
        .registry()
        .get("probity.http.refused.connections")
        .tag("listener", "clients")
        .counter()
        .count();
  }

  /** A connection that says nothing, and so never begins its handshake. */
  private static final class Mute {
    private final Promise<Void> closed = Promise.promise();
    private final AtomicInteger receivedBytes = new AtomicInteger();
    private final NetSocket socket;

    Mute(RunningNode node, NetClient tcp) {
      Promise<NetSocket> connected = Promise.promise();
      node.vertx.runOnContext(
          turn ->
              tcp.connect(node.urls().client().getPort(), "localhost")
                  .onSuccess(
                      opened -> {
                        opened.handler(bytes -> receivedBytes.addAndGet(bytes.length()));
                        opened.closeHandler(end -> closed.tryComplete());
                        opened.exceptionHandler(reset -> {});
                      })
                  .onComplete(connected));
      socket = RunningNode.get(connected.future());
    }
  }

  @Test
  void boundsTheConnectionsOfOneAddress() throws InterruptedException {
    try (RunningNode node = withConnections(2)) {
      NetClient tcp = node.vertx.createNetClient();
      TestClient first = node.client();
      TestClient second = node.client();
      assertEquals(200, first.get("/v1/status").status());
      assertEquals(200, second.get("/v1/status").status());

      Mute third = new Mute(node, tcp);
      RunningNode.get(third.closed.future());

      assertEquals(0, third.receivedBytes.get());
      assertEquals(1, refused(node));
      TestClient fourth = node.client();
      assertThrows(RunningNode.FailedFuture.class, () -> fourth.get("/v1/status"));
      assertEquals(2, refused(node));
      assertEquals(200, first.get("/v1/status").status());
      RunningNode.get(second.agent().close());
      assertTrue(eventually(() -> fourth.get("/v1/status").status() == 200), "let in again");
    }
  }

  /** A flood is meant for the cost of handshakes; who never begins one holds a place as well. */
  @Test
  void aConnectionCountsBeforeItsHandshake() throws InterruptedException {
    try (RunningNode node = withConnections(2)) {
      NetClient tcp = node.vertx.createNetClient();
      Mute first = new Mute(node, tcp);
      Mute second = new Mute(node, tcp);
      TestClient third = node.client();
      assertThrows(RunningNode.FailedFuture.class, () -> third.get("/v1/status"));
      assertEquals(1, refused(node));
      assertFalse(second.closed.future().isComplete());

      RunningNode.get(first.socket.close());
      assertTrue(eventually(() -> third.get("/v1/status").status() == 200), "let in again");
    }
  }

  @Test
  void takesASubscribersAddressesForOne() {
    String one = ClientAddress.of(SocketAddress.inetSocketAddress(1, "2001:db8:0:1::1"));

    assertEquals(one, ClientAddress.of(SocketAddress.inetSocketAddress(2, "2001:db8:0:1:9::2")));
    assertNotEquals(one, ClientAddress.of(SocketAddress.inetSocketAddress(1, "2001:db8:0:2::1")));
    assertNotEquals(
        ClientAddress.of(SocketAddress.inetSocketAddress(1, "192.0.2.1")),
        ClientAddress.of(SocketAddress.inetSocketAddress(1, "192.0.2.2")));
    assertEquals(ClientAddress.NONE, ClientAddress.of(null));
  }

  private interface Condition {
    boolean holds();
  }

  /** A connection that ends meanwhile is no answer: asked again. */
  private static boolean holds(Condition condition) {
    try {
      return condition.holds();
    } catch (RunningNode.FailedFuture e) {
      return false;
    }
  }

  private static boolean eventually(Condition condition) throws InterruptedException {
    return Polling.LOCAL.await(Duration.ofSeconds(20), () -> holds(condition));
  }
}
