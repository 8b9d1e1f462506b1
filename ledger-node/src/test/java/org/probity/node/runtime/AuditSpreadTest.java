package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.PeerReply;

/** Each peer gets the newest statement, one at a time, until it has answered. */
@Timeout(60)
class AuditSpreadTest {
  private static final Bytes OLD = Bytes.utf8("old");
  private static final Bytes NEWER = Bytes.utf8("newer");
  private static final Bytes NEWEST = Bytes.utf8("newest");

  private final ScheduledExecutorService desk = Executors.newSingleThreadScheduledExecutor();
  private final List<Sent> sent = new ArrayList<>();

  private record Sent(String to, Bytes statement, Promise<PeerReply> reply) {}

  private final AuditSpread spread = new AuditSpread(this::send, desk, List.of("b", "c"));

  private Future<PeerReply> send(String to, Bytes statement) {
    Sent one = new Sent(to, statement, Promise.promise());
    synchronized (sent) {
      sent.add(one);
    }
    return one.reply().future();
  }

  @AfterEach
  void stop() {
    desk.shutdownNow();
  }

  private void give(Bytes statement) {
    CompletableFuture.runAsync(() -> spread.give(statement), desk).join();
  }

  private List<Sent> sentTo(String peer) {
    synchronized (sent) {
      return sent.stream().filter(one -> one.to().equals(peer)).toList();
    }
  }

  private static List<Bytes> statements(List<Sent> sent) {
    return sent.stream().map(Sent::statement).toList();
  }

  private void settle() {
    CompletableFuture.runAsync(() -> {}, desk).join();
  }

  @Test
  void aNewerStatementTakesThePlaceOfOneThatWaits() {
    give(OLD);
    give(NEWER);
    give(NEWEST);
    assertEquals(List.of(OLD), statements(sentTo("b")));
    assertEquals(List.of(OLD), statements(sentTo("c")));

    sentTo("b").get(0).reply().complete(PeerReply.ok(Bytes.EMPTY));
    settle();
    assertEquals(List.of(OLD, NEWEST), statements(sentTo("b")));
    // Who is slow holds up nobody but itself.
    assertEquals(List.of(OLD), statements(sentTo("c")));

    sentTo("b").get(1).reply().complete(PeerReply.ok(Bytes.EMPTY));
    settle();
    assertEquals(2, sentTo("b").size());
  }

  @Test
  void whoDoesNotAnswerIsAskedAgainAndGetsWhatIsNewestThen() throws Exception {
    give(OLD);
    sentTo("b").get(0).reply().fail("no route");
    settle();
    assertEquals(1, sentTo("b").size());
    give(NEWEST);
    assertEquals(1, sentTo("b").size(), "not before the pause is over");

    await(() -> sentTo("b").size() == 2);
    assertEquals(List.of(OLD, NEWEST), statements(sentTo("b")));
  }

  @Test
  void whoRefusesIsNotAskedAgainUntilThereIsANewerOne() throws Exception {
    give(OLD);
    sentTo("b").get(0).reply().complete(PeerReply.refused("audit_of_other_log"));
    TimeUnit.MILLISECONDS.sleep(AuditSpread.FIRST_RETRY_MILLIS + 300);
    assertEquals(1, sentTo("b").size());
    give(NEWER);
    assertEquals(List.of(OLD, NEWER), statements(sentTo("b")));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
