package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.probity.detector.codec.Bytes;

/** The room that a body takes in memory is given back, also when its request runs out of time. */
@Timeout(60)
class BodyBudgetTest {
  private static final String PATH = "/v1/transactions";
  private static final String COSE = "application/cose";
  private static final Duration MINUTE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(2);

  /** Room for one body of 80 bytes and none of 40 beside it. */
  private static RunningNode node(Duration body, Duration answer) {
    return new RunningNode(
        HttpLimits.clients()
            .withMaxBodyBytesInFlight(100)
            .withTimes(new HttpLimits.Times(MINUTE, MINUTE, body, answer, MINUTE)),
        HttpLimits.peers());
  }

  private static double bodyBytes(RunningNode node) {
    return node.metrics
        .registry()
        .get("probity.http.body.bytes")
        .tag("listener", "clients")
        .gauge()
        .value();
  }

  private static void awaitBodyBytes(RunningNode node, long bytes) {
    long deadlineNanos = System.nanoTime() + MINUTE.toNanos() / 3;
    while (bodyBytes(node) != bytes) {
      assertTrue(System.nanoTime() < deadlineNanos, () -> bodyBytes(node) + " bytes are held");
      Thread.onSpinWait();
    }
  }

  private static TestClient.Answer post(TestClient client, int bytes) {
    return client.post(PATH, COSE, Buffer.buffer("x".repeat(bytes)));
  }

  private static void assertNoRoom(TestClient client) {
    TestClient.Answer refused = post(client, 40);
    assertEquals(429, refused.status(), refused.text());
    assertEquals("overloaded", refused.problem());
  }

  @Test
  void aBodyThatDoesNotArriveInTimeGivesItsRoomBack() {
    try (RunningNode node = node(SHORT, MINUTE)) {
      TestClient other = node.client();
      assertEquals(200, post(other, 10).status());
      TestClient slow = node.client();
      RequestOptions options =
          slow.options(HttpMethod.POST, PATH)
              .putHeader("content-type", COSE)
              .putHeader("content-length", "80");
      Future<TestClient.Answer> answer =
          slow.send(
              options,
              request -> {
                request.write("a beginning");
                return request.response();
              });
      awaitBodyBytes(node, 80);
      assertNoRoom(other);

      TestClient.Answer late = RunningNode.get(answer);

      assertEquals(408, late.status());
      assertEquals("body_timeout", late.problem());
      awaitBodyBytes(node, 0);
      assertEquals(200, post(other, 100).status());
    }
  }

  /** Until then the node has it in memory, whatever the client was told. */
  @Test
  void aBodyIsHeldUntilItsWorkIsDoneThoughItsAnswerIsLate() {
    try (RunningNode node = node(MINUTE, SHORT)) {
      TestClient client = node.client();
      node.service.pendingSubmission = Promise.promise();

      TestClient.Answer late = post(client, 80);

      assertEquals(503, late.status());
      assertEquals("timed_out", late.problem());
      assertEquals(80, bodyBytes(node));
      assertNoRoom(client);
      Promise<List<SubmissionReply>> pending = node.service.pendingSubmission;
      node.service.pendingSubmission = null;
      pending.complete(node.service.record(List.of(Bytes.utf8("x"))));
      awaitBodyBytes(node, 0);
      assertTrue(post(client, 100).status() == 200);
    }
  }
}
