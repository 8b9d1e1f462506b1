package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.node.Release;

class TicketsTest {
  private final List<String> told = new ArrayList<>();
  private final Tickets tickets = new Tickets();

  private long issue(String name) {
    return tickets.issue(
        release -> told.add(name + " answered"),
        cause -> told.add(name + " failed: " + cause.getMessage()));
  }

  @Test
  void everyTicketIsAnsweredOrFailsOnce() {
    long first = issue("first");
    long second = issue("second");
    tickets.answer(new Release.Recorded(first, 7, Bytes.EMPTY));
    tickets.close(new IllegalStateException("stopped"));
    tickets.answer(new Release.Recorded(first, 7, Bytes.EMPTY));
    tickets.answer(new Release.Recorded(second, 8, Bytes.EMPTY));
    tickets.close(new IllegalStateException("again"));

    assertEquals(List.of("first answered", "second failed: stopped"), told);
    assertEquals(0, tickets.waiting());
  }

  @Test
  void nobodyWaitsForACoreThatHasStopped() {
    tickets.close(new IllegalStateException("stopped"));
    issue("late");

    assertEquals(List.of("late failed: stopped"), told);
    assertEquals(0, tickets.waiting());
  }
}
