package org.probity.node.http.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.AddCheckpointResponse;

/** Witnesses of other people answer as they like; every answer comes to an end here. */
@Timeout(60)
class WitnessClientTest {
  private static final Duration SHORT = Duration.ofMillis(500);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private WitnessClient client(Duration timeout, HttpHandler handler) {
    server.createContext(
        "/w/add-checkpoint",
        exchange -> {
          asked.incrementAndGet();
          exchange.getRequestBody().readAllBytes();
          handler.handle(exchange);
        });
    return WitnessClient.at(List.of(prefix()), List.of(), timeout).get(0);
  }

  private String prefix() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/w";
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private AddCheckpointResponse answered(int status, String type, String body) throws Exception {
    return client(Duration.ofSeconds(30), exchange -> answer(exchange, status, type, body))
        .add(Bytes.utf8("request"))
        .get(40, TimeUnit.SECONDS);
  }

  private static Throwable failure(WitnessClient client) {
    return assertThrows(
            ExecutionException.class,
            () -> client.add(Bytes.utf8("request")).get(40, TimeUnit.SECONDS))
        .getCause();
  }

  /** The JDK client's own timeout ends with the headers: JDK-8258397. */
  @Test
  void anAnswerWhoseBodyNeverComesIsGivenUp() {
    WitnessClient client =
        client(
            SHORT,
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().flush();
              awaitEnd();
            });

    assertInstanceOf(HttpTimeoutException.class, failure(client));
    assertInstanceOf(HttpTimeoutException.class, failure(client), "and it can be asked again");
    assertEquals(2, asked.get());
  }

  @Test
  void anAnswerThatDripsIsGivenUp() {
    WitnessClient client =
        client(
            SHORT,
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              while (end.getCount() > 0) {
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
                pause();
              }
            });

    assertInstanceOf(HttpTimeoutException.class, failure(client));
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pause() {
    try {
      if (end.await(50, TimeUnit.MILLISECONDS)) {
        Thread.currentThread().interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void noAnswerAtAllIsGivenUp() {
    assertInstanceOf(HttpTimeoutException.class, failure(client(SHORT, exchange -> awaitEnd())));
  }

  @Test
  void aHugeAnswerIsCutOff() {
    WitnessClient client =
        client(
            Duration.ofSeconds(30),
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              byte[] part = new byte[1 << 16];
              while (end.getCount() > 0) {
                exchange.getResponseBody().write(part);
              }
            });

    Throwable cut = failure(client);

    assertTrue(String.valueOf(cut.getMessage()).contains("more than"), cut::toString);
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    WitnessClient client =
        client(
            Duration.ofSeconds(30),
            exchange -> {
              exchange.getResponseHeaders().set("Location", prefix() + "/add-checkpoint");
              answer(exchange, 307, "text/plain", "");
            });

    AddCheckpointResponse response = client.add(Bytes.utf8("request")).get(40, TimeUnit.SECONDS);

    assertEquals(307, assertInstanceOf(AddCheckpointResponse.Unexpected.class, response).status());
    assertEquals(1, asked.get());
  }

  @Test
  void anotherSizeIsRead() throws Exception {
    assertEquals(
        new AddCheckpointResponse.WrongOldSize(17),
        answered(409, AddCheckpointResponse.TLOG_SIZE, "17\n"));
  }

  @Test
  void aConflictWithoutASizeIsAnotherHistory() throws Exception {
    assertEquals(new AddCheckpointResponse.Inconsistent(), answered(409, "text/plain", "no\n"));
  }

  @Test
  void aFailureOfTheServerSaysNothingAboutTheCheckpoint() throws Exception {
    assertInstanceOf(
        AddCheckpointResponse.Unexpected.class, answered(500, "text/html", "<h1>oops</h1>"));
  }

  @Test
  void whatIsNoCosignatureSaysNothingEither() throws Exception {
    assertInstanceOf(
        AddCheckpointResponse.Unexpected.class, answered(200, "text/html", "<h1>welcome</h1>"));
    assertThrows(
        IllegalArgumentException.class,
        () -> WitnessClient.at(List.of("ftp://witness.example"), List.of()));
  }
}
