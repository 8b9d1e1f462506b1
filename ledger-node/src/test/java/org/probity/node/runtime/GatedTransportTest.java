package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.PeerStanding;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;

/** SPEC protocol.md §8.3, §13.4: nothing goes to a node that a decision has stopped. */
class GatedTransportTest {
  private static final Bytes BODY = Bytes.utf8("x");
  private static final Hash ORIGIN = Hash.sha256(BODY.toArray());

  private final Vertx vertx = Vertx.vertx();
  // Nobody is there, so what gets through fails in another way.
  private final PeerTransport gated =
      new GatedTransport(vertx, new InProcessTransport().of("self"), GatedTransportTest::standing);

  private static PeerStanding standing(String peer) {
    return switch (peer) {
      case "current" -> PeerStanding.CURRENT;
      case "suspended" -> PeerStanding.SUSPENDED;
      default -> PeerStanding.REVOKED;
    };
  }

  @AfterEach
  void close() {
    vertx.close();
  }

  private List<Future<?>> everythingTo(String peer) {
    return List.of(
        gated.envelope(peer, BODY),
        gated.checkpoint(peer, BODY),
        gated.evidence(peer, BODY),
        gated.challenge(peer, BODY),
        gated.audit(peer, BODY),
        gated.governance(peer, BODY),
        gated.addCheckpoint(peer, BODY),
        gated.newestCheckpoint(peer),
        gated.heldCheckpoint(peer, ORIGIN),
        gated.entries(peer, ORIGIN, 0, 1));
  }

  private static String code(Throwable failure) {
    return failure instanceof PeerFailure known ? known.code() : String.valueOf(failure);
  }

  @Test
  void nothingGoesToAStoppedNode() {
    for (Future<?> call : everythingTo("stopped")) {
      assertEquals(GatedTransport.CODE, code(call.cause()));
    }
  }

  /** It may be the only one to have the decision that lets it go on. */
  @Test
  void whoIsSuspendedIsAskedForDecisionsOnly() {
    Future<?> asked = gated.governance("suspended", BODY);
    assertNotEquals(GatedTransport.CODE, code(asked.cause()));
    long refused =
        everythingTo("suspended").stream()
            .filter(call -> GatedTransport.CODE.equals(code(call.cause())))
            .count();
    assertEquals(everythingTo("suspended").size() - 1, refused);
  }

  @Test
  void whatIsForOthersGoesOn() {
    for (Future<?> call : everythingTo("current")) {
      assertNotEquals(GatedTransport.CODE, code(call.cause()));
    }
  }

  @Test
  void theStreamOfAStoppedNodeIsOverAtOnce() throws Exception {
    Promise<PeerFailure> ended = Promise.promise();
    gated.stream(
        "stopped",
        0,
        new LogStreamReader() {
          @Override
          public void frame(LogFrame frame) {
            ended.tryFail("a frame of a stopped node");
          }

          @Override
          public void ended(PeerFailure reason) {
            ended.tryComplete(reason);
          }
        });
    PeerFailure reason =
        assertInstanceOf(
            PeerFailure.class,
            ended.future().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS));
    assertEquals(GatedTransport.CODE, reason.code());
  }
}
