package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;

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

  @Test
  void boundsTheConnectionsOfOneAddress() throws InterruptedException {
    HttpLimits limits = HttpLimits.clients().withMaxConnectionsPerAddress(2);
    try (RunningNode node = new RunningNode(limits, HttpLimits.peers())) {
      TestClient first = node.client();
      TestClient second = node.client();
      assertEquals(200, first.get("/v1/status").status());
      assertEquals(200, second.get("/v1/status").status());

      NetClient tcp = node.vertx.createNetClient();
      Promise<Void> closed = Promise.promise();
      NetSocket third = RunningNode.get(tcp.connect(node.urls().client().getPort(), "localhost"));
      third.closeHandler(end -> closed.tryComplete());
      assertEquals(200, first.get("/v1/status").status());
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
    long deadlineNanos = System.nanoTime() + 20_000_000_000L;
    while (!holds(condition)) {
      if (System.nanoTime() > deadlineNanos) {
        return false;
      }
      Thread.sleep(20);
    }
    return true;
  }
}
