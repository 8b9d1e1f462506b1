package org.probity.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Vertx vertx = Vertx.vertx();
  private final List<Load> sent = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostOpen = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static List<Load> loads(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Load(Buffer.buffer("" + i), 2, 6)).toList();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Answers each request after a millisecond. */
  private Future<LoadTarget.Answer> slowly(Load load, LoadTarget.Answer answer) {
    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    sent.add(load);
    Promise<LoadTarget.Answer> promise = Promise.promise();
    vertx.setTimer(
        1,
        timer -> {
          open.decrementAndGet();
          promise.complete(answer);
        });
    return promise.future();
  }

  @Test
  void sendsEveryLoadOnceInOrderWithSoManyOutstanding() throws Exception {
    List<Load> loads = loads(50);
    LoadGenerator generator =
        new LoadGenerator(vertx, load -> slowly(load, LoadTarget.Answer.DONE), 4);

    LoadReport report = get(generator.run(loads.iterator(), LONG));

    assertEquals(loads, sent);
    assertEquals(4, mostOpen.get());
    assertEquals(100, report.statements());
    assertEquals(300, report.transfers());
    assertEquals(50, report.latencies().count());
    assertEquals(0, report.throttled());
    assertTrue(report.latencies().millis(0.5) >= 1);
  }

  @Test
  void repeatsWhatTheNodeHasNoRoomForAfterTheTimeItAsksFor() throws Exception {
    LoadTarget fullOnce =
        load ->
            slowly(
                load, sent.isEmpty() ? LoadTarget.Answer.retryAfter(30) : LoadTarget.Answer.DONE);

    LoadReport report = get(new LoadGenerator(vertx, fullOnce, 1).run(loads(2).iterator(), LONG));

    assertEquals(List.of("0", "0", "1"), sent.stream().map(load -> load.body() + "").toList());
    assertEquals(1, report.throttled());
    assertEquals(4, report.statements());
    assertTrue(report.latencies().millis(1) >= 30, "the wait is part of the latency");
  }

  @Test
  void stopsAtTheLimitAndWaitsForWhatIsUnderWay() throws Exception {
    Iterator<Load> endless = Stream.generate(() -> loads(1).get(0)).iterator();
    LoadGenerator generator =
        new LoadGenerator(vertx, load -> slowly(load, LoadTarget.Answer.DONE), 3);

    LoadReport report = get(generator.run(endless, Duration.ofMillis(50)));

    assertEquals(0, open.get());
    assertEquals(sent.size() * 2L, report.statements());
  }

  @Test
  void failsWithTheFirstFailure() {
    LoadTarget broken = load -> Future.failedFuture(new IllegalStateException("not executed"));

    ExecutionException e =
        assertThrows(
            ExecutionException.class,
            () -> get(new LoadGenerator(vertx, broken, 2).run(loads(9).iterator(), LONG)));

    assertEquals("not executed", e.getCause().getMessage());
  }

  @Test
  void hasNothingToSay() throws Exception {
    LoadGenerator generator =
        new LoadGenerator(vertx, load -> slowly(load, LoadTarget.Answer.DONE), 2);

    LoadReport report = get(generator.run(loads(0).iterator(), LONG));

    assertEquals(0, report.statements());
    assertTrue(Double.isNaN(report.latencies().millis(0.5)));
  }

  @Test
  void ranksLatencies() {
    Latencies latencies = new Latencies();
    IntStream.rangeClosed(1, 100).forEach(i -> latencies.add((101 - i) * 1_000_000L));

    assertEquals(50, latencies.millis(0.5));
    assertEquals(99, latencies.millis(0.99));
    assertEquals(100, latencies.millis(1));
    assertEquals(1, latencies.millis(0.001));
  }
}
