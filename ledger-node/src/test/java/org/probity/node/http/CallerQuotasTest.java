package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.node.access.AccessToken;
import org.probity.node.access.Callers;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.RequestLimits;
import org.probity.node.access.Role;
import org.probity.node.http.api.Polling;

/** What one name takes of a node, from however many addresses and connections. */
class CallerQuotasTest {
  private static final AccessToken BUSY = AccessToken.generate(new SecureRandom());
  private static final AccessToken OTHER = AccessToken.generate(new SecureRandom());

  private static KnownCaller caller(String name, AccessToken token, OptionalInt perSecond) {
    return new KnownCaller(
        name,
        KnownCaller.Proof.TOKEN,
        token.digest(),
        Set.of(Role.SUBMIT, Role.READ),
        Optional.of(Instant.MAX),
        perSecond,
        OptionalInt.empty());
  }

  private static RunningNode node(RequestLimits perCaller, OptionalInt ofBusy) {
    Callers callers =
        new Callers(
            List.of(caller("busy", BUSY, ofBusy), caller("other", OTHER, OptionalInt.empty())));
    return new RunningNode(
        pki ->
            new AccessRules(() -> callers, Set.of(Role.READ), Optional.empty(), false, perCaller),
        ListenAddress.loopback());
  }

  private static Future<TestClient.Answer> submit(TestClient client, AccessToken token) {
    RequestOptions options =
        client
            .options(HttpMethod.POST, "/v1/transactions")
            .putHeader("content-type", "application/cose")
            .putHeader("authorization", "Bearer " + token.text());
    return client.send(options, request -> request.send(Buffer.buffer("x")));
  }

  private static TestClient.Answer read(TestClient client, AccessToken token) {
    RequestOptions options =
        client
            .options(HttpMethod.GET, "/v1/assets")
            .putHeader("authorization", "Bearer " + token.text());
    return RunningNode.get(client.send(options, request -> request.send()));
  }

  @Test
  void boundsTheRequestsOfOneNameUnderWay() throws InterruptedException {
    try (RunningNode node = node(new RequestLimits(1_000_000, 3), OptionalInt.empty())) {
      node.service.pendingSubmission = Promise.promise();
      List<Future<TestClient.Answer>> waiting = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waiting.add(submit(node.client(), BUSY));
      }
      TestClient client = node.client();
      assertTrue(eventually(() -> node.service.waitingSubmissions.get() == 3), "all are in");

      TestClient.Answer refused = read(client, BUSY);

      assertEquals(429, refused.status());
      assertEquals("quota_exceeded", refused.problem());
      assertEquals("1", refused.header("retry-after"));
      assertEquals(200, read(client, OTHER).status());
      assertEquals(200, client.get("/v1/assets").status());
      node.service.pendingSubmission.complete(node.service.record(List.of(Bytes.utf8("x"))));
      waiting.forEach(answer -> assertEquals(200, RunningNode.get(answer).status()));
      assertTrue(eventually(() -> read(client, BUSY).status() == 200), "let in again");
    }
  }

  /** On a clock that stands still until it is told otherwise. */
  @Test
  void boundsTheRequestsOfOneNamePerSecond() {
    AtomicLong nowNanos = new AtomicLong();
    RequestLimits perCaller = new RequestLimits(1_000_000, 3);
    Callers callers =
        new Callers(
            List.of(
                caller("busy", BUSY, OptionalInt.of(2)),
                caller("other", OTHER, OptionalInt.empty())));
    try (RunningNode node = node(perCaller, OptionalInt.empty())) {
      TestClient client =
          behind(
              node,
              new ClientGate(
                  3,
                  new Authority(() -> callers, Optional.empty(), Set.of()),
                  perCaller,
                  nowNanos::get));
      assertEquals(200, read(client, BUSY).status());
      assertEquals(200, read(client, BUSY).status());
      // Who was refused has nothing under way: else the fourth time would be the end.
      for (int i = 0; i < 5; i++) {
        TestClient.Answer refused = read(client, BUSY);
        assertEquals(429, refused.status());
        assertEquals("quota_exceeded", refused.problem());
        assertEquals("1", refused.header("retry-after"));
      }
      assertEquals(200, read(client, OTHER).status());

      nowNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));

      assertEquals(200, read(client, BUSY).status());
      assertEquals(429, read(client, BUSY).status());
    }
  }

  private static TestClient behind(RunningNode node, Gate gate) {
    HttpLimits limits = HttpLimits.clients();
    ListenAddress address = ListenAddress.loopback();
    Listener listener =
        RunningNode.get(
            Listener.start(
                node.vertx,
                "test",
                address,
                ServerOptions.plain(address, limits),
                limits,
                node.listeners.routeTables().get("clients"),
                gate,
                new SimpleMeterRegistry(),
                List.of()));
    return new TestClient(node.vertx, listener.url(), null, false);
  }

  private static boolean eventually(BooleanSupplier holds) throws InterruptedException {
    return Polling.LOCAL.await(Duration.ofSeconds(20), holds);
  }
}
