package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.PeerReply;

/**
 * Each peer gets the newest statement, one at a time, until it has answered. One thread, no time:
 * pauses are over when the test says so.
 */
class AuditSpreadTest {
  private static final Bytes OLD = Bytes.utf8("old");
  private static final Bytes NEWER = Bytes.utf8("newer");
  private static final Bytes NEWEST = Bytes.utf8("newest");

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Pause> pauses = new ArrayList<>();
  private final List<Sent> sent = new ArrayList<>();
  private final List<String> others = new ArrayList<>();

  private record Sent(String to, Bytes statement, Promise<PeerReply> reply) {}

  private record Pause(long millis, Runnable then) {}

  private final AuditSpread spread =
      new AuditSpread(
          this::send,
          tasks::add,
          (millis, then) -> pauses.add(new Pause(millis, then)),
          List.of("b", "c"),
          this.others::add);

  private Future<PeerReply> send(String to, Bytes statement) {
    Sent one = new Sent(to, statement, Promise.promise());
    sent.add(one);
    return one.reply().future();
  }

  private List<Sent> sentTo(String peer) {
    return sent.stream().filter(one -> one.to().equals(peer)).toList();
  }

  private static List<Bytes> statements(List<Sent> sent) {
    return sent.stream().map(Sent::statement).toList();
  }

  private void settle() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void endPauses() {
    List<Pause> over = List.copyOf(pauses);
    pauses.clear();
    over.forEach(pause -> pause.then().run());
    settle();
  }

  @Test
  void aNewerStatementTakesThePlaceOfOneThatWaits() {
    spread.give(OLD);
    spread.give(NEWER);
    spread.give(NEWEST);
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
  void whoDoesNotAnswerIsAskedAgainAndGetsWhatIsNewestThen() {
    spread.give(OLD);
    sentTo("b").get(0).reply().fail("no route");
    settle();
    assertEquals(1, sentTo("b").size());
    spread.give(NEWEST);
    assertEquals(1, sentTo("b").size(), "not before the pause is over");

    endPauses();
    assertEquals(List.of(OLD, NEWEST), statements(sentTo("b")));
  }

  @Test
  void whoGoesOnNotAnsweringIsAskedLessAndLess() {
    spread.give(OLD);
    List<Long> waited = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sentTo("b").get(i).reply().fail("no route");
      settle();
      waited.add(pauses.get(0).millis());
      endPauses();
    }
    assertEquals(
        List.of(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 60_000L, 60_000L), waited);

    sentTo("b").get(8).reply().complete(PeerReply.ok(Bytes.EMPTY));
    settle();
    spread.give(NEWER);
    sentTo("b").get(9).reply().fail("no route");
    settle();
    assertEquals(AuditSpread.FIRST_RETRY_MILLIS, pauses.get(0).millis());
  }

  @Test
  void whoRefusesIsNotAskedAgainUntilThereIsANewerOne() {
    spread.give(OLD);
    sentTo("b").get(0).reply().complete(PeerReply.refused("audit_of_other_log"));
    settle();
    assertEquals(List.of(), pauses);
    assertEquals(1, sentTo("b").size());
    spread.give(NEWER);
    assertEquals(List.of(OLD, NEWER), statements(sentTo("b")));
    assertEquals(List.of("b"), others, "it holds another past");
    sentTo("b").get(1).reply().complete(PeerReply.refused("audit_not_kept_here"));
    settle();
    assertEquals(List.of("b"), others);
  }

  @Test
  void whoIsNotConcernedAnyMoreGetsNothingNew() {
    spread.give(OLD);
    sentTo("b").get(0).reply().complete(PeerReply.ok(Bytes.EMPTY));
    settle();
    spread.to(List.of("c", "d"));
    spread.give(NEWER);
    assertEquals(List.of(OLD), statements(sentTo("b")));
    assertEquals(List.of(NEWER), statements(sentTo("d")));
  }

  /** A former witness that waits to be relieved, for example. */
  @Test
  void whoAsksForItGetsItUntilItTakesOneNoMore() {
    assertTrue(spread.onRequest("former"), "news");
    assertFalse(spread.onRequest("former"), "once");
    assertFalse(spread.onRequest("b"), "it gets them anyway");
    spread.give(OLD);
    sentTo("former").get(0).reply().complete(PeerReply.ok(Bytes.EMPTY));
    settle();
    spread.give(NEWER);
    assertEquals(List.of(OLD, NEWER), statements(sentTo("former")));
    sentTo("former").get(1).reply().complete(PeerReply.refused("audit_not_kept_here"));
    settle();
    spread.give(NEWEST);
    assertEquals(List.of(OLD, NEWER), statements(sentTo("former")));
    assertTrue(spread.onRequest("former"), "news again");
  }
}
