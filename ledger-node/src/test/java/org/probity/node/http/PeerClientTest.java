package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerClient;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerLimits;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LengthPrefix;
import org.probity.node.http.wire.LogFrame;

/** The peer client against real listeners, ours and misbehaving ones. */
class PeerClientTest {
  private static final PeerLimits QUICK =
      new PeerLimits(
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          64,
          1 << 20);

  private static RunningNode node;
  private final PeerClient client = clientOf(RunningNode.PEER, QUICK);

  @BeforeAll
  static void start() {
    node = new RunningNode();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @AfterEach
  void disconnect() {
    RunningNode.get(client.close());
  }

  private static PeerClient clientOf(String self, PeerLimits limits) {
    int port = node.urls().peer().getPort();
    return clientOf(self, limits, name -> port);
  }

  private static PeerClient clientOf(String self, PeerLimits limits, ToIntFunction<String> port) {
    return new PeerClient(
        node.vertx,
        node.pki.node(self, "Ed25519").keyCertOptions(),
        PeerTrust.of(List.of(node.pki.ca())),
        name -> Optional.of(new AddressBook.Address("127.0.0.1", port.applyAsInt(name))),
        limits);
  }

  private static PeerFailure failure(Future<?> future) {
    RunningNode.FailedFuture failed =
        assertThrows(RunningNode.FailedFuture.class, () -> RunningNode.get(future));
    return (PeerFailure) failed.getCause();
  }

  /** What a stream brought. */
  private static final class Collected implements LogStreamReader {
    final BlockingQueue<LogFrame> frames = new LinkedBlockingQueue<>();
    final BlockingQueue<PeerFailure> end = new LinkedBlockingQueue<>();

    @Override
    public void frame(LogFrame frame) {
      frames.add(frame);
    }

    @Override
    public void ended(PeerFailure reason) {
      end.add(reason);
    }

    List<Bytes> entries(int count) {
      List<Bytes> entries = new ArrayList<>();
      while (entries.size() < count) {
        entries.addAll(take(frames).entries());
      }
      return entries;
    }

    PeerFailure reason() {
      return take(end);
    }

    private static <T> T take(BlockingQueue<T> queue) {
      try {
        T taken = queue.poll(20, TimeUnit.SECONDS);
        if (taken == null) {
          throw new AssertionError("nothing came");
        }
        return taken;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void deliversMessagesAndBringsAnswers() {
    assertEquals(
        PeerReply.ok(Bytes.utf8("ack")),
        RunningNode.get(client.envelope(RunningNode.NODE, Bytes.utf8("envelope"))));
    assertEquals(
        PeerReply.ok(Bytes.utf8(RunningNode.PEER)),
        RunningNode.get(client.checkpoint(RunningNode.NODE, Bytes.utf8("view"))));
    assertEquals(
        PeerReply.refused("evidence_rejected"),
        RunningNode.get(client.evidence(RunningNode.NODE, Bytes.utf8("proof"))));
    assertTrue(node.service.received.contains(Bytes.utf8("envelope")));
  }

  @Test
  void bringsTheHeldSize() {
    node.service.envelopeReply = PeerReply.wrongBase(17);
    PeerReply reply = RunningNode.get(client.envelope(RunningNode.NODE, Bytes.utf8("e")));
    node.service.envelopeReply = PeerReply.ok(Bytes.utf8("ack"));

    assertEquals(PeerReply.wrongBase(17), reply);
  }

  @Test
  void fetchesCheckpointsAndEntries() {
    node.service.grow(List.of(Bytes.utf8("fetched")));
    PublishedLog log = node.service.ownLog();
    Hash origin = TileRoutes.originHash(node.service.log.origin().format());

    assertEquals(log.checkpoint(), RunningNode.get(client.newestCheckpoint(RunningNode.NODE)));
    assertEquals(
        log.checkpoint(), RunningNode.get(client.heldCheckpoint(RunningNode.NODE, origin)));
    assertEquals(
        List.of(Bytes.utf8("fetched")),
        RunningNode.get(client.entries(RunningNode.NODE, origin, log.size() - 1, log.size()))
            .entries());
    HeldLog held = new HeldLog(true, 0, Optional.of(log.checkpoint()));
    node.service.held.put(origin, held);
    assertEquals(held, RunningNode.get(client.held(RunningNode.NODE, origin)));
    PeerFailure unknown =
        failure(client.heldCheckpoint(RunningNode.NODE, Hash.sha256(new byte[] {7})));
    assertEquals(PeerFailure.Kind.REFUSED, unknown.kind());
    assertEquals("not_found", unknown.code());
  }

  @Test
  void putsEverythingOnOneConnection() {
    Collected collected = new Collected();
    LogStream stream = client.stream(RunningNode.NODE, 0, collected);
    collected.entries(1);
    List<Future<PeerReply>> replies = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      replies.add(client.envelope(RunningNode.NODE, Bytes.utf8("e" + i)));
    }
    replies.forEach(RunningNode::get);

    assertEquals(
        1.0,
        node.metrics
            .registry()
            .get("probity.http.open.connections")
            .tag("listener", "peers")
            .gauge()
            .value());
    stream.close();
  }

  @Test
  void doesNotTalkToTheWrongNode() {
    long before = node.service.received.size();

    PeerFailure failure = failure(client.envelope("bank-c", Bytes.utf8("not for bank-a")));

    assertEquals(PeerFailure.Kind.UNREACHABLE, failure.kind());
    assertTrue(failure.getMessage().contains("bank-c"), failure.getMessage());
    assertEquals(before, node.service.received.size());
  }

  @Test
  void doesNotTalkToAnotherConsortium() {
    PeerClient stranger =
        new PeerClient(
            node.vertx,
            node.pki.node(RunningNode.PEER, "Ed25519").keyCertOptions(),
            PeerTrust.of(List.of(new TestPki("consortium").ca())),
            name -> Optional.of(new AddressBook.Address("127.0.0.1", node.urls().peer().getPort())),
            QUICK);

    assertEquals(
        PeerFailure.Kind.UNREACHABLE,
        failure(stranger.envelope(RunningNode.NODE, Bytes.utf8("x"))).kind());
    RunningNode.get(stranger.close());
  }

  @Test
  void saysWhenItIsNotWelcome() {
    PeerClient revoked = clientOf(RunningNode.REVOKED, QUICK);

    PeerFailure failure = failure(revoked.envelope(RunningNode.NODE, Bytes.utf8("x")));

    assertEquals(PeerFailure.Kind.REFUSED, failure.kind());
    assertEquals("not_a_current_node", failure.code());
    RunningNode.get(revoked.close());
  }

  @Test
  void saysWhenNobodyListens() {
    HttpServer gone =
        RunningNode.get(
            node.vertx.createHttpServer().requestHandler(r -> {}).listen(0, "127.0.0.1"));
    int port = gone.actualPort();
    RunningNode.get(gone.close());
    PeerClient lost = clientOf(RunningNode.PEER, QUICK, name -> port);

    assertEquals(
        PeerFailure.Kind.UNREACHABLE,
        failure(lost.envelope(RunningNode.NODE, Bytes.utf8("x"))).kind());
    RunningNode.get(lost.close());
  }

  @Test
  void saysWhenNoAddressIsKnown() {
    PeerClient lost =
        new PeerClient(
            node.vertx,
            node.pki.node(RunningNode.PEER, "Ed25519").keyCertOptions(),
            PeerTrust.of(List.of(node.pki.ca())),
            name -> Optional.empty(),
            QUICK);

    assertEquals("no_address", failure(lost.envelope("bank-z", Bytes.EMPTY)).code());
  }

  /** A peer with bank-c's certificate that does as told. */
  private static HttpServer misbehaving(Consumer<HttpServerResponse> behaviour) {
    TestIdentity identity = node.pki.node("bank-c", "Ed25519");
    return RunningNode.get(
        node.vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                    .setKeyCertOptions(identity.keyCertOptions()))
            .requestHandler(
                request ->
                    request
                        .body()
                        .onSuccess(body -> behaviour.accept(request.response().setChunked(true))))
            .listen(0, "127.0.0.1"));
  }

  private static PeerFailure failureAgainst(
      PeerLimits limits, Consumer<HttpServerResponse> behaviour) {
    HttpServer server = misbehaving(behaviour);
    PeerClient client = clientOf(RunningNode.PEER, limits, name -> server.actualPort());
    PeerFailure failure = failure(client.newestCheckpoint("bank-c"));
    RunningNode.get(client.close());
    RunningNode.get(server.close());
    return failure;
  }

  private static PeerFailure streamEndAgainst(
      PeerLimits limits, Consumer<HttpServerResponse> behaviour) {
    HttpServer server = misbehaving(behaviour);
    PeerClient client = clientOf(RunningNode.PEER, limits, name -> server.actualPort());
    Collected collected = new Collected();
    client.stream("bank-c", 0, collected);
    PeerFailure reason = collected.reason();
    RunningNode.get(client.close());
    RunningNode.get(server.close());
    return reason;
  }

  private static PeerLimits withTimes(Duration answer, Duration silence) {
    return new PeerLimits(QUICK.connect(), answer, silence, QUICK.idle(), 64, 10_000);
  }

  @Test
  void givesUpOnSilence() {
    PeerLimits impatient = withTimes(Duration.ofMillis(200), Duration.ofMillis(200));

    assertEquals(PeerFailure.Kind.TIMED_OUT, failureAgainst(impatient, response -> {}).kind());
    assertEquals(
        PeerFailure.Kind.TIMED_OUT,
        failureAgainst(impatient, response -> response.write("half")).kind());
    assertEquals(
        "stream_silent",
        streamEndAgainst(impatient, response -> response.write(LengthPrefix.HEART_BEAT)).code());
    assertEquals("stream_silent", streamEndAgainst(impatient, response -> {}).code());
  }

  @Test
  void givesUpOnAnswersWithoutEnd() {
    PeerLimits limits = withTimes(Duration.ofSeconds(10), Duration.ofSeconds(10));

    assertEquals(
        "answer_too_long",
        failureAgainst(limits, response -> response.write("x".repeat(20_000))).code());
    assertEquals(
        "answer_too_long",
        streamEndAgainst(
                limits,
                response -> response.setStatusCode(404).write("x".repeat(LogFrame.MAX_BYTES + 1)))
            .code());
  }

  @Test
  void understandsEveryKindOfRefusal() {
    PeerLimits limits = withTimes(Duration.ofSeconds(10), Duration.ofSeconds(10));

    PeerFailure busy =
        failureAgainst(
            limits,
            response -> response.setStatusCode(429).putHeader("retry-after", "7").end("come back"));
    assertEquals(PeerFailure.Kind.BUSY, busy.kind());
    assertEquals(7, busy.retryAfterSeconds().orElseThrow());
    PeerFailure strange =
        failureAgainst(
            limits,
            response ->
                response
                    .setStatusCode(500)
                    .putHeader("content-type", "application/problem+json")
                    .end("{\"code\":\"<script>\"}"));
    assertEquals("status_500", strange.code());
    assertEquals(PeerFailure.Kind.ENDED, streamEndAgainst(limits, HttpServerResponse::end).kind());
    assertEquals(
        "beyond_log",
        streamEndAgainst(
                limits,
                response ->
                    response
                        .setStatusCode(409)
                        .putHeader("content-type", "application/problem+json")
                        .end("{\"code\":\"beyond_log\"}"))
            .code());
  }

  @Test
  void refusesFramesThatAreNone() {
    PeerLimits limits = withTimes(Duration.ofSeconds(10), Duration.ofSeconds(10));

    assertEquals(
        "frame_too_long",
        streamEndAgainst(
                limits,
                response ->
                    response.write(
                        LengthPrefix.encode(Bytes.wrap(new byte[LogFrame.MAX_BYTES + 1]))))
            .code());
    assertEquals(
        PeerFailure.Kind.NONSENSE,
        streamEndAgainst(limits, response -> response.write(LengthPrefix.encode(Bytes.utf8("zz"))))
            .kind());
  }

  @Test
  void followsALogAsItGrowsAndCanPause() {
    Collected collected = new Collected();
    long size = node.service.log.size();
    LogStream stream = client.stream(RunningNode.NODE, size, collected);
    List<Bytes> large = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      large.add(Bytes.wrap(new byte[60_000]));
    }
    node.service.grow(large);
    collected.entries(1);
    stream.pause();
    stream.resume();
    collected.entries(20);

    // Requests come through while a stream stands still.
    stream.pause();
    assertEquals(
        200, RunningNode.get(client.envelope(RunningNode.NODE, Bytes.utf8("meanwhile"))).status());
    stream.close();
  }

  @Test
  void tellsTheReaderWhenTheConnectionBreaks() {
    Collected collected = new Collected();
    client.stream(RunningNode.NODE, 0, collected);
    collected.entries(1);

    client.disconnect(RunningNode.NODE);

    assertEquals(PeerFailure.Kind.UNREACHABLE, collected.reason().kind());
    assertEquals(
        200, RunningNode.get(client.envelope(RunningNode.NODE, Bytes.utf8("again"))).status());
  }
}
