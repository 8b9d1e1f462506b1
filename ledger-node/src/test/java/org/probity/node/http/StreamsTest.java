package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.TickEntry;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.api.EventStream;
import org.probity.node.http.wire.LengthPrefix;
import org.probity.node.http.wire.LogFrame;

/** Streams of the own log, read by a bare HTTP client. */
class StreamsTest {
  private static final HttpLimits QUICK =
      HttpLimits.peers()
          .withTimes(
              new HttpLimits.Times(
                  Duration.ofSeconds(60),
                  Duration.ofSeconds(10),
                  Duration.ofSeconds(10),
                  Duration.ofSeconds(10),
                  Duration.ofMillis(50)));

  private final RunningNode node = new RunningNode(HttpLimits.clients(), QUICK);

  @AfterEach
  void stop() {
    node.close();
  }

  /** What a reader got so far. */
  private final class Reader {
    private final LengthPrefix framing = new LengthPrefix(LogFrame.MAX_BYTES);
    private final BlockingQueue<Bytes> frames = new LinkedBlockingQueue<>();
    private final Promise<Void> ended = Promise.promise();
    private final HttpClientResponse response;

    Reader(long from) {
      TestClient client = node.peer(node.pki.node(RunningNode.PEER, "Ed25519"));
      Promise<HttpClientResponse> opened = Promise.promise();
      node.vertx.runOnContext(
          turn ->
              client
                  .agent()
                  .request(client.options(HttpMethod.GET, "/peer/v1/stream?from=" + from))
                  .compose(request -> request.send())
                  .onSuccess(
                      answer -> {
                        answer.handler(this::accept);
                        answer.endHandler(end -> ended.tryComplete());
                        answer.exceptionHandler(ended::tryFail);
                      })
                  .onComplete(opened));
      response = RunningNode.get(opened.future());
      assertEquals(200, response.statusCode());
    }

    private void accept(Buffer chunk) {
      try {
        frames.addAll(framing.accept(chunk));
      } catch (DecodeException e) {
        ended.tryFail(e);
      }
    }

    /** The next frame that is no heart-beat. */
    LogFrame next() {
      while (true) {
        Bytes frame = any();
        if (!frame.isEmpty()) {
          return decode(frame);
        }
      }
    }

    Bytes any() {
      try {
        Bytes frame = frames.poll(20, TimeUnit.SECONDS);
        if (frame == null) {
          throw new AssertionError("no frame came");
        }
        return frame;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Entries up to the given number of them. */
    List<Bytes> entries(int count) {
      List<Bytes> entries = new ArrayList<>();
      while (entries.size() < count) {
        entries.addAll(next().entries());
      }
      return entries;
    }
  }

  private static LogFrame decode(Bytes frame) {
    try {
      return LogFrame.decode(frame);
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Bytes> large(int count) {
    List<Bytes> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(Bytes.wrap(new byte[60_000]));
    }
    return entries;
  }

  @Test
  void sendsWhatIsThereAndWhatComes() {
    Reader reader = new Reader(0);

    LogFrame first = reader.next();
    assertEquals(List.of(node.service.log.entry(0)), first.entries());
    assertEquals(node.service.ownLog().checkpoint(), first.checkpoint());

    node.service.grow(List.of(Bytes.utf8("one"), Bytes.utf8("two")));
    LogFrame second = reader.next();
    assertEquals(List.of(Bytes.utf8("one"), Bytes.utf8("two")), second.entries());
    assertEquals(node.service.ownLog().checkpoint(), second.checkpoint());
  }

  @Test
  void startsWhereTheReaderWants() {
    node.service.grow(List.of(Bytes.utf8("one"), Bytes.utf8("two")));

    assertEquals(List.of(Bytes.utf8("two")), new Reader(2).next().entries());
  }

  @Test
  void splitsALongLogIntoFramesOfOneCheckpoint() {
    node.service.grow(large(30));
    Reader reader = new Reader(0);

    List<Bytes> entries = new ArrayList<>();
    int frames = 0;
    while (entries.size() < 31) {
      LogFrame frame = reader.next();
      assertEquals(node.service.ownLog().checkpoint(), frame.checkpoint());
      entries.addAll(frame.entries());
      frames++;
    }
    assertTrue(frames > 5, frames + " frames");
    assertEquals(31, entries.size());
  }

  @Test
  void beatsWhenThereIsNothingNew() {
    Reader reader = new Reader(1);

    assertEquals(Bytes.EMPTY, reader.any());
    assertEquals(Bytes.EMPTY, reader.any());
    assertEquals(Bytes.EMPTY, reader.any());
  }

  @Test
  void waitsForASlowReaderWithoutReadingAhead() {
    Reader reader = new Reader(0);
    reader.next();
    reader.response.pause();
    node.service.grow(large(400));

    // The writer stops by itself once the windows and its queue are full: heart-beats of the other
    // stream show that time goes on.
    Reader other = new Reader(node.service.log.size());
    for (int i = 0; i < 5; i++) {
      other.any();
    }
    assertTrue(node.service.log.highestRead() < 200, "read to " + node.service.log.highestRead());

    reader.response.resume();
    assertEquals(400, reader.entries(400).size());
  }

  @Test
  void forgetsAReaderThatLeaves() throws InterruptedException {
    Reader reader = new Reader(0);
    reader.next();
    assertEquals(1, node.service.growthListeners());

    RunningNode.get(reader.response.request().connection().close());

    assertTrue(node.service.awaitGrowthListeners(0));
  }

  @Test
  void endsTheStreamOfANodeThatWasRevoked() {
    Reader reader = new Reader(0);
    reader.next();

    node.service.currentNodes.remove(RunningNode.PEER);

    assertThrows(RunningNode.FailedFuture.class, () -> RunningNode.get(reader.ended.future()));
  }

  @Test
  void endsStreamsWhenTheNodeStops() {
    Reader reader = new Reader(0);
    reader.next();

    RunningNode.get(node.listeners.shutdown(Duration.ofSeconds(10)));

    RunningNode.get(reader.ended.future());
  }

  /** Server-sent events as they come. */
  private BlockingQueue<String> events(String path, String lastEventId) {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    TestClient client = node.client();
    Promise<HttpClientResponse> opened = Promise.promise();
    RequestOptions options = client.options(HttpMethod.GET, path);
    if (lastEventId != null) {
      options.putHeader("last-event-id", lastEventId);
    }
    node.vertx.runOnContext(
        turn ->
            client
                .agent()
                .request(options)
                .compose(request -> request.send())
                .onSuccess(
                    answer ->
                        answer.handler(
                            RecordParser.newDelimited("\n\n", each -> events.add(each.toString()))))
                .onComplete(opened));
    assertEquals("text/event-stream", RunningNode.get(opened.future()).getHeader("content-type"));
    return events;
  }

  private static String nextEvent(BlockingQueue<String> events) {
    try {
      while (true) {
        String event = events.poll(20, TimeUnit.SECONDS);
        if (event == null) {
          throw new AssertionError("no event came");
        }
        if (!event.equals(":")) {
          return event;
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Bytes entry(long index) {
    return Entry.of(index, Hash.sha256(new byte[0]), new TickEntry(index)).bytes();
  }

  @Test
  void tellsBrowsersOfEveryEntry() {
    BlockingQueue<String> live = events("/v1/events", null);
    node.service.grow(List.of(entry(1), entry(2)));

    String first = nextEvent(live);
    assertTrue(first.startsWith("id: 1\nevent: tick\ndata: {\"index\":1,\"type\":\"tick\""), first);
    assertTrue(nextEvent(live).startsWith("id: 2\n"));
    assertTrue(nextEvent(events("/v1/events?from=2", null)).startsWith("id: 2\n"));
    assertTrue(nextEvent(events("/v1/events", "1")).startsWith("id: 2\n"));
    assertTrue(nextEvent(events("/v1/events?from=1", "1")).startsWith("id: 2\n"));
    assertEquals("bad_number", node.client().get("/v1/events?from=x").problem());
  }

  @Test
  void aClientFollowsUntilItHasSeenEnough() throws ApiException {
    ApiClient client = ApiClient.of(node.urls().client(), List.of(node.pki.ca()));
    List<Long> seen = new CopyOnWriteArrayList<>();
    try (EventStream events =
        client.events(
            1,
            event -> {
              seen.add(event.path("index").asLong());
              return seen.size() == 2;
            })) {
      assertTrue(events.isOpen());
      node.service.grow(List.of(entry(1), entry(2), entry(3)));
      assertTrue(events.await(Duration.ofSeconds(30)));
      assertFalse(events.isOpen());
      assertEquals(List.of(1L, 2L), seen);
    }
    try (EventStream never = client.events(4, event -> true)) {
      assertFalse(never.await(Duration.ofMillis(10)));
    }
    try (EventStream refused = client.events(-1, event -> true)) {
      assertEquals(
          400,
          assertThrows(ApiException.class, () -> refused.await(Duration.ofSeconds(30))).status());
    }
  }

  @Test
  void refusesToStartBeyondTheLog() {
    TestClient client = node.peer(node.pki.node(RunningNode.PEER, "Ed25519"));

    assertEquals(409, client.get("/peer/v1/stream?from=2").status());
    assertEquals("beyond_log", client.get("/peer/v1/stream?from=2").problem());
    assertEquals("missing_parameter", client.get("/peer/v1/stream").problem());
    assertEquals("bad_number", client.get("/peer/v1/stream?from=-1").problem());
  }

  @Test
  void boundsWhatOnePeerHasUnderWay() {
    try (RunningNode strict =
        new RunningNode(HttpLimits.clients(), QUICK.withMaxRequestsPerCaller(2))) {
      TestClient client = strict.peer(strict.pki.node(RunningNode.PEER, "Ed25519"));
      for (int i = 0; i < 2; i++) {
        Promise<HttpClientResponse> opened = Promise.promise();
        strict.vertx.runOnContext(
            turn ->
                client
                    .agent()
                    .request(client.options(HttpMethod.GET, "/peer/v1/stream?from=0"))
                    .compose(request -> request.send())
                    .onSuccess(HttpClientResponse::pause)
                    .onComplete(opened));
        RunningNode.get(opened.future());
      }

      assertEquals("quota_exceeded", client.get("/log/checkpoint").problem());
      TestClient another = strict.peer(strict.pki.node("bank-c", "Ed25519"));
      assertEquals(200, another.get("/log/checkpoint").status());
    }
  }
}
