package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.probity.node.cli.NodeApi;

/** A correct node that is accused by the last entry audited is accused all the same. */
@Timeout(60)
class LateAccusationTest {
  private static final long SIZE = 100;

  /** How often the judge is asked until it has audited everything. */
  private static final int ROUNDS = 4;

  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer judge;
  private SortedMap<String, NodeApi> correct = new TreeMap<>();

  @BeforeEach
  void start() throws IOException {
    judge = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    judge.createContext("/v1/peers", this::peers);
    judge.start();
    String url = "http://127.0.0.1:" + judge.getAddress().getPort();
    NodeApi api = NodeApi.at(url, List.of());
    correct = new TreeMap<>(Map.of("bank-a", api, "bank-b", api));
  }

  @AfterEach
  void stop() {
    judge.stop(0);
  }

  /** bank-a audits bank-b, a piece per question, and mistakes its last entry for a fault. */
  private void peers(HttpExchange exchange) throws IOException {
    int round = asked.incrementAndGet();
    boolean over = round >= ROUNDS;
    byte[] body =
        ("[{\"node\":\"bank-b\",\"verdict\":\""
                + (over ? "exposed" : "trusted")
                + "\",\"reason\":\"\",\"auditedSize\":"
                + (over ? SIZE : SIZE * round / ROUNDS)
                + "}]")
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Audits audits() {
    return new Audits(correct, new TreeMap<>(Map.of("bank-b", List.of("bank-a", "bank-c"))));
  }

  @Test
  void verdictsCountWhenTheAuditsAreThrough() throws InterruptedException {
    Detection detection = new Detection(correct);
    detection.poll();
    assertEquals(Set.of(), detection.falselyAccused(Set.of()), "too early to tell");
    assertEquals(Map.of(), audits().await(Duration.ofSeconds(30), api -> SIZE));
    detection.poll();
    assertEquals(Set.of("bank-b"), detection.falselyAccused(Set.of()));
    assertEquals(Set.of("bank-b"), detection.falselyAccused(Set.of("bank-c")));
    assertEquals(Set.of(), detection.falselyAccused(Set.of("bank-b")));
    assertTrue(asked.get() >= ROUNDS);
  }

  @Test
  void whoDoesNotAuditToTheEndIsNamed() throws InterruptedException {
    assertEquals(
        Map.of("bank-b", List.of("bank-a")),
        audits().await(Duration.ofMillis(300), api -> SIZE + 1));
  }
}
