package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.SignedNote;

/** Anybody may show a witness checkpoints of its wards, as often as they like. */
class ShownCheckpointsTest {
  private static final int FLOOD = 10_000;

  private final List<SignedNote> compared = new ArrayList<>();
  private final List<CompletableFuture<Void>> running = new ArrayList<>();
  private final ShownCheckpoints shown =
      new ShownCheckpoints(
          note -> {
            compared.add(note);
            running.add(new CompletableFuture<>());
            return running.get(running.size() - 1);
          });

  private static SignedNote note(int number) {
    return note(number, 1);
  }

  private static SignedNote note(int number, int signature) {
    return SignedNote.of(
        "log\n" + number + "\nroot\n",
        List.of(new NoteSignature("log", 7, Bytes.wrap(new byte[] {(byte) signature}))));
  }

  private void finish(int number) {
    running.get(number).complete(null);
  }

  @Test
  void aFloodOfTheSameWaitsOnceAndIsComparedOnce() {
    shown.show(note(1));
    for (int i = 0; i < FLOOD; i++) {
      shown.show(note(2, i));
    }

    assertEquals(1, compared.size(), "one at a time");
    finish(0);
    finish(1);
    shown.show(note(1));
    shown.show(note(2));
    assertEquals(List.of(note(1), note(2, FLOOD - 1)), compared);
  }

  @Test
  void ofAFloodOfDifferentOnesTheNewestWait() {
    for (int i = 0; i < FLOOD; i++) {
      shown.show(note(i));
    }

    assertEquals(List.of(note(0)), compared);
    for (int i = 0; i <= ShownCheckpoints.MAX_WAITING; i++) {
      finish(i);
    }
    assertEquals(1 + ShownCheckpoints.MAX_WAITING, compared.size());
    assertEquals(note(FLOOD - ShownCheckpoints.MAX_WAITING), compared.get(1));
    assertEquals(note(FLOOD - 1), compared.get(ShownCheckpoints.MAX_WAITING));
  }

  @Test
  void whatCouldNotBeComparedIsHeardAgain() {
    shown.show(note(1));
    running.get(0).completeExceptionally(new IllegalStateException("the disk"));

    shown.show(note(1));

    assertEquals(List.of(note(1), note(1)), compared);
  }
}
