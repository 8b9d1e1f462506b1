package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.TickEntry;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.runtime.MissingEntries.All;
import org.probity.node.runtime.MissingEntries.Collected;
import org.probity.node.runtime.MissingEntries.Holder;
import org.probity.node.runtime.MissingEntries.Nothing;
import org.probity.node.runtime.MissingEntries.TooMuch;
import org.probity.node.runtime.MissingEntries.TooSlow;

/** SPEC protocol.md §11.2: whoever gives away what a node has lost may lie, drip and never end. */
class MissingEntriesTest {
  private static final Duration TURN = Duration.ofSeconds(10);
  private static final int SIZE = 30;

  private final List<Bytes> log = chain();
  private long nanos = 5;
  private int asked;

  private static List<Bytes> chain() {
    List<Bytes> entries = new ArrayList<>();
    Hash before = Hash.sha256(new byte[] {1});
    for (int i = 0; i < SIZE; i++) {
      Entry entry = Entry.of(i, before, new TickEntry(1_000 + i));
      entries.add(entry.bytes());
      before = entry.leafHash();
    }
    return entries;
  }

  private Collected collect(Holder holder, int from, Duration turn) throws InterruptedException {
    return collect(holder, from, turn, 1 << 20);
  }

  private Collected collect(Holder holder, int from, Duration turn, long maxBytes)
      throws InterruptedException {
    Optional<Hash> last =
        from == 0 ? Optional.empty() : Optional.of(Rfc6962.leaf(log.get(from - 1)));
    return new MissingEntries(maxBytes, () -> nanos).collect(holder, from, last, SIZE, turn);
  }

  /** So many at a time, after so long. */
  private Holder giving(List<Bytes> entries, int count, Duration after) {
    return (from, to) -> {
      asked++;
      nanos += after.toNanos();
      int end = (int) Math.min(to, from + count);
      return Future.succeededFuture(
          new LogFrame(Bytes.EMPTY, entries.subList((int) from, Math.max((int) from, end))));
    };
  }

  @Test
  void whatIsMissingComesInPieces() throws InterruptedException {
    assertEquals(new All(log), collect(giving(log, 7, Duration.ZERO), 0, TURN));
    assertEquals(5, asked);
    assertEquals(
        new All(log.subList(12, SIZE)), collect(giving(log, SIZE, Duration.ZERO), 12, TURN));
  }

  /** Each answer is in time, and all of them together are not. */
  @Test
  void whoDripsIsGivenUpWhenItsTurnIsOver() throws InterruptedException {
    Holder dripping = giving(log, 1, Duration.ofSeconds(1));
    assertEquals(new TooSlow(), collect(dripping, 0, TURN));
    assertEquals(10, asked);
    assertEquals(new All(log), collect(dripping, 0, TURN.multipliedBy(4)), "in a longer turn");
  }

  @Test
  void whoNeverAnswersIsGivenUp() throws InterruptedException {
    Holder silent = (from, to) -> Promise.<LogFrame>promise().future();
    assertEquals(new TooSlow(), collect(silent, 0, Duration.ofMillis(1)));
    assertEquals(
        new Nothing(), collect((from, to) -> Future.failedFuture("it has nothing"), 0, TURN));
  }

  @Test
  void whatDoesNotFollowEndsItAtOnce() throws InterruptedException {
    List<Bytes> broken = new ArrayList<>(log);
    broken.set(3, Entry.of(3, Hash.sha256(new byte[] {9}), new TickEntry(1_003)).bytes());
    assertEquals(new Nothing(), collect(giving(broken, 2, Duration.ZERO), 0, TURN));
    assertEquals(2, asked);
    asked = 0;
    broken.set(3, log.get(4));
    assertEquals(new Nothing(), collect(giving(broken, 2, Duration.ZERO), 0, TURN), "a gap");
    assertEquals(2, asked);
    asked = 0;
    broken.set(3, Bytes.utf8("garbage"));
    assertEquals(new Nothing(), collect(giving(broken, 2, Duration.ZERO), 3, TURN));
    assertEquals(1, asked);
    assertEquals(
        new Nothing(),
        new MissingEntries(1 << 20, () -> nanos)
            .collect(
                giving(log, 2, Duration.ZERO),
                5,
                Optional.of(Rfc6962.leaf(log.get(0))),
                SIZE,
                TURN),
        "not after the own end");
  }

  @Test
  void moreThanFitsIsNotHeld() throws InterruptedException {
    long bytes = log.stream().mapToLong(entry -> entry.size() + 64).sum();
    assertEquals(new All(log), collect(giving(log, 5, Duration.ZERO), 0, TURN, bytes));
    assertEquals(new TooMuch(), collect(giving(log, 5, Duration.ZERO), 0, TURN, bytes - 1));
    asked = 0;
    assertEquals(new TooMuch(), collect(giving(log, 5, Duration.ZERO), 0, TURN, 100));
    assertEquals(1, asked);
  }

  @Test
  void anEmptyAnswerOrMoreThanWasAskedForIsNone() throws InterruptedException {
    assertEquals(new Nothing(), collect(giving(log, 0, Duration.ZERO), 0, TURN));
    Holder generous =
        (from, to) -> Future.succeededFuture(new LogFrame(Bytes.EMPTY, log.subList(0, SIZE)));
    assertEquals(new Nothing(), collect(generous, 1, TURN));
  }

  @Test
  void whoHasFailedComesLaterAndHasLonger() {
    HolderTurns turns = new HolderTurns();
    List<String> holders = List.of("liar", "b", "c");
    assertEquals(holders, turns.inOrder(holders));
    assertEquals(HolderTurns.FIRST, turns.turn("liar"));
    turns.failed("liar");
    assertEquals(List.of("b", "c", "liar"), turns.inOrder(holders));
    assertEquals(HolderTurns.FIRST.multipliedBy(2), turns.turn("liar"));
    turns.failed("b");
    turns.failed("b");
    turns.failed("c");
    assertEquals(List.of("liar", "c", "b"), turns.inOrder(holders));
    for (int i = 0; i < 100; i++) {
      turns.failed("liar");
    }
    assertEquals(HolderTurns.LAST, turns.turn("liar"));
  }
}
