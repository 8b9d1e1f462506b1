package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;

/** What strangers send to the clients' listener and must get a constant-cost, clear answer to. */
class HostileRequestsTest {
  private static final String COSE = "application/cose";
  private static final String JSON = "application/json";

  private static RunningNode node;

  @BeforeAll
  static void start() {
    node =
        new RunningNode(
            HttpLimits.clients()
                .withMaxBodyBytesInFlight(2L * StatementBodies.MAX_SINGLE_BODY_BYTES),
            HttpLimits.peers());
  }

  /** A node that waits for a body and for itself no longer than the given times. */
  private static RunningNode impatient(Duration body, Duration answer) {
    Duration minute = Duration.ofSeconds(60);
    return new RunningNode(
        HttpLimits.clients().withTimes(new HttpLimits.Times(minute, minute, body, answer, minute)),
        HttpLimits.peers());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @AfterEach
  void restore() {
    node.service.queueFull = false;
    node.service.pendingSubmission = null;
    node.service.health = new NodeHealth(NodeHealth.Phase.RUNNING, List.of());
  }

  private static TestClient client(boolean http2) {
    return http2 ? node.client() : node.clientHttp1();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesABodyThatIsTooLarge(boolean http2) {
    TestClient client = client(http2);
    long before = node.service.log.size();
    Buffer tooLarge = Buffer.buffer(new byte[StatementBodies.MAX_SINGLE_BODY_BYTES + 1]);

    assertEquals("body_too_large", client.post("/v1/transactions", COSE, tooLarge).problem());
    assertEquals(200, client.get("/v1/status").status());
    assertEquals(before, node.service.log.size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesABodyThatGrowsTooLarge(boolean http2) {
    TestClient client = client(http2);
    TestClient.Answer answer =
        RunningNode.get(
            client.send(
                client.options(HttpMethod.POST, "/v1/transactions").putHeader("content-type", COSE),
                request -> {
                  request.setChunked(true);
                  request.exceptionHandler(stopped -> {});
                  for (int i = 0; i < 9; i++) {
                    request.write(Buffer.buffer(new byte[8 * 1024]));
                  }
                  return request.response();
                }));

    assertEquals("body_too_large", answer.problem());
  }

  @Test
  void refusesAStatementOverTheProtocolsLimit() {
    Buffer largest = Buffer.buffer(new byte[StatementBodies.MAX_STATEMENT_BYTES]);

    assertEquals(200, node.client().post("/v1/transactions", COSE, largest).status());
    assertEquals(
        "statement_too_large",
        node.client().post("/v1/transactions", COSE, largest.appendByte((byte) 0)).problem());
    assertEquals(
        "statement_too_large",
        node.client().post("/v1/transactions", COSE, Buffer.buffer()).problem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "", "APPLICATION"})
  void refusesOtherMediaTypes(String type) {
    TestClient.Answer answer = node.client().post("/v1/transactions", type, Buffer.buffer("x"));

    assertEquals(415, answer.status());
    assertEquals("unsupported_media_type", answer.problem());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"statement\":\"YQ==\"} x | json_malformed",
        "{\"statement\":\"YQ==\",\"statement\":\"Yg==\"} | json_malformed",
        "{\"statement\":\"YQ==\",\"more\":1} | json_unexpected",
        "{\"statement\":\"YR==\"} | base64_not_canonical",
        "{\"statement\":\"YQ\"} | base64_not_canonical",
        "{\"statement\":\"\\ud800\"} | base64_malformed",
        "{\"statement\":1e9999999999} | json_unexpected",
        "[] | json_unexpected",
        "'' | json_malformed",
        "{ | json_malformed",
      })
  void refusesMalformedJson(String body, String code) {
    assertEquals(code, node.client().post("/v1/transactions", JSON, Buffer.buffer(body)).problem());
  }

  @Test
  void refusesDeepJson() {
    assertEquals(
        "json_malformed",
        node.client().post("/v1/transactions", JSON, Buffer.buffer("[".repeat(20_000))).problem());
  }

  @Test
  void refusesTooManyStatements() {
    CborWriter most = new CborWriter().array(StatementBodies.MAX_BULK_STATEMENTS + 1);
    for (int i = 0; i <= StatementBodies.MAX_BULK_STATEMENTS; i++) {
      most.bytes(new byte[] {(byte) i});
    }
    String bulk = "/v1/transactions/bulk";
    String cbor = "application/cbor";

    assertEquals(
        "too_many_statements",
        node.client().post(bulk, cbor, Buffer.buffer(most.toByteArray())).problem());
    assertEquals(
        "no_statements",
        node.client().post(bulk, cbor, Buffer.buffer(new byte[] {(byte) 0x80})).problem());
    assertEquals(
        "cbor_truncated",
        node.client().post(bulk, cbor, Buffer.buffer(new byte[] {(byte) 0x81})).problem());
    assertEquals("json_unexpected", node.client().post(bulk, JSON, Buffer.buffer("[1]")).problem());
  }

  @Test
  void answersWithoutBodyReading() {
    assertEquals("no_such_route", node.client().get("/").problem());
    assertEquals("no_such_route", node.client().get("/v1/status/").problem());
    assertEquals("no_such_route", node.client().get("/V1/status").problem());
    assertEquals("no_such_route", node.client().get("/v1/../v1/status").problem());
    assertEquals("no_such_route", node.client().get("/v1" + "/x".repeat(500)).problem());
    assertEquals("no_such_route", node.client().get("/peer/v1/stream?from=0").problem());
    TestClient.Answer wrongMethod = node.client().send(HttpMethod.DELETE, "/v1/status", null, null);
    assertEquals("method_not_allowed", wrongMethod.problem());
    assertEquals("GET, HEAD", wrongMethod.header("allow"));
    assertEquals(
        "body_not_allowed",
        node.client().send(HttpMethod.GET, "/v1/status", JSON, Buffer.buffer("{}")).problem());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersHeadAsGetWithoutABody(boolean http2) {
    TestClient client = client(http2);
    TestClient.Answer get = client.get("/v1/genesis");

    TestClient.Answer head = client.send(HttpMethod.HEAD, "/v1/genesis", null, null);

    assertEquals(200, head.status());
    assertEquals(0, head.body().length());
    assertEquals(get.header("content-type"), head.header("content-type"));
    assertEquals(Integer.toString(get.body().length()), head.header("content-length"));
    assertEquals(200, client.send(HttpMethod.HEAD, "/v1/events", null, null).status());
    assertEquals(0, node.service.growthListeners());
    TestClient.Answer noGet = client.send(HttpMethod.HEAD, "/v1/transactions", null, null);
    assertEquals(405, noGet.status());
    assertEquals("POST", noGet.header("allow"));
    assertEquals(0, noGet.body().length());
    assertEquals(404, client.send(HttpMethod.HEAD, "/nothing", null, null).status());
    assertEquals(200, client.get("/v1/status").status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=%zz", "limit=%", "cursor=%a", "limit=1&%g0=1"})
  void refusesMalformedPercentEncoding(String query) {
    TestClient.Answer answer = node.clientHttp1().get("/v1/accounts?" + query);

    assertEquals(400, answer.status());
    assertEquals("malformed_query", answer.problem());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesLongHeaders(boolean http2) {
    TestClient client = client(http2);
    int status =
        RunningNode.get(
            client
                .send(
                    client
                        .options(HttpMethod.GET, "/v1/status")
                        .putHeader("x-long", "x".repeat(64 * 1024)),
                    request -> request.send())
                .map(TestClient.Answer::status)
                .otherwise(431));

    assertEquals(431, status);
    assertEquals(200, client(http2).get("/v1/status").status());
  }

  @Test
  void tellsWhenToComeBack() {
    node.service.queueFull = true;

    TestClient.Answer answer = node.client().post("/v1/transactions", COSE, Buffer.buffer("x"));

    assertEquals(429, answer.status());
    assertEquals("overloaded", answer.problem());
    assertEquals("2", answer.header("retry-after"));
  }

  @Test
  void boundsTheBodiesInFlight() {
    node.service.pendingSubmission = Promise.promise();
    TestClient client = node.client();
    int sent = 20;
    List<Future<TestClient.Answer>> answers = new ArrayList<>();
    Buffer body = Buffer.buffer(new byte[30 * 1024]);
    for (int i = 0; i < sent; i++) {
      answers.add(client.sendAsync(HttpMethod.POST, "/v1/transactions", COSE, body));
    }

    // Those over the budget are answered while the others still wait for the node.
    assertEquals("overloaded", RunningNode.get(firstWithStatus(answers, 429)).problem());
    node.service.pendingSubmission.complete(node.service.record(List.of(Bytes.utf8("x"))));
    long served =
        answers.stream().map(RunningNode::get).filter(answer -> answer.status() == 200).count();
    assertTrue(served >= 4 && served < sent, "served " + served);
    node.service.pendingSubmission = null;
    assertEquals(200, client.post("/v1/transactions", COSE, body).status());
  }

  private static Future<TestClient.Answer> firstWithStatus(
      List<Future<TestClient.Answer>> answers, int status) {
    Promise<TestClient.Answer> first = Promise.promise();
    for (Future<TestClient.Answer> each : answers) {
      each.onSuccess(
          answer -> {
            if (answer.status() == status) {
              first.tryComplete(answer);
            }
          });
    }
    return first.future();
  }

  @Test
  void givesUpOnANodeThatDoesNotAnswer() {
    try (RunningNode slow = impatient(Duration.ofSeconds(60), Duration.ofMillis(300))) {
      slow.service.pendingSubmission = Promise.promise();

      TestClient.Answer answer = slow.client().post("/v1/transactions", COSE, Buffer.buffer("x"));

      assertEquals(503, answer.status());
      assertEquals("timed_out", answer.problem());
    }
  }

  @Test
  void saysNothingAboutItsOwnFailures() {
    node.service.pendingSubmission = Promise.promise();
    node.service.pendingSubmission.fail(new IllegalStateException("secret path /etc/keys"));

    TestClient.Answer answer = node.client().post("/v1/transactions", COSE, Buffer.buffer("x"));

    assertEquals("internal", answer.problem());
    assertFalse(answer.text().contains("secret"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givesUpOnABodyThatDoesNotCome(boolean http2) {
    try (RunningNode slow = impatient(Duration.ofMillis(300), Duration.ofSeconds(60))) {
      TestClient client = http2 ? slow.client() : slow.clientHttp1();
      TestClient.Answer answer =
          RunningNode.get(
              client.send(
                  client
                      .options(HttpMethod.POST, "/v1/transactions")
                      .putHeader("content-type", COSE)
                      .putHeader("content-length", "100"),
                  request -> {
                    request.exceptionHandler(stopped -> {});
                    request.write(Buffer.buffer("a beginning"));
                    return request.response();
                  }));

      assertEquals(408, answer.status());
      assertEquals("body_timeout", answer.problem());
    }
  }

  /** CVE-2023-44487: requests that are reset at once cost the server more than the client. */
  @Test
  void closesAConnectionThatResetsRapidly() {
    TestClient client = node.client();
    Promise<Void> closed = Promise.promise();
    node.vertx.runOnContext(
        turn -> {
          for (int i = 0; i < 1_000; i++) {
            client
                .agent()
                .request(client.options(HttpMethod.GET, "/v1/status"))
                .onSuccess(
                    request -> {
                      request.connection().closeHandler(end -> closed.tryComplete());
                      request.sendHead().onSuccess(sent -> request.reset(8));
                    });
          }
        });

    RunningNode.get(closed.future());
    assertEquals(200, node.client().get("/v1/status").status());
  }

  @Test
  void keepsACallersHarmlessRequestIdOnly() {
    String kept = requestIdFor("my-id.1");
    String replaced = requestIdFor("<script>");

    assertEquals("my-id.1", kept);
    assertFalse(replaced.contains("script"));
  }

  private static String requestIdFor(String offered) {
    TestClient client = node.client();
    return RunningNode.get(
            client.send(
                client.options(HttpMethod.GET, "/v1/status").putHeader("x-request-id", offered),
                request -> request.send()))
        .header("x-request-id");
  }
}
