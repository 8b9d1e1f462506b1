package org.probity.simulation.world;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Virtual time: what is to happen, in the order of time and, at one time, of arrangement. Time
 * passes by nothing but {@link #runUntil}. Every event goes into the trace.
 */
public final class Timeline {
  private final PriorityQueue<Event> events = new PriorityQueue<>();

  /** In their order as they come: most of what is arranged for is somebody's patience. */
  private final Deque<Event> patience = new ArrayDeque<>();

  private final Trace trace;
  private long nowMicros;
  private long arranged;
  private long happened;

  private record Event(long atMicros, long order, String what, Runnable task)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return atMicros != other.atMicros
          ? Long.compare(atMicros, other.atMicros)
          : Long.compare(order, other.order);
    }
  }

  public Timeline(Trace trace) {
    this.trace = trace;
  }

  /** Since the beginning. */
  public long nowMicros() {
    return nowMicros;
  }

  public long nowMillis() {
    return nowMicros / 1_000;
  }

  /** Events so far. */
  public long happened() {
    return happened;
  }

  /**
   * Arranges for a task; no earlier than now.
   *
   * @param what for the trace: the same in every run of a seed
   */
  public void after(long micros, String what, Runnable task) {
    events.add(new Event(nowMicros + Math.max(0, micros), arranged++, what, task));
  }

  public void afterMillis(long millis, String what, Runnable task) {
    after(millis * 1_000, what, task);
  }

  /**
   * The same of what always takes the same time, such as the patience of whoever asks. However much
   * of it waits, it costs the rest nothing.
   */
  public void afterPatience(long millis, String what, Runnable task) {
    Event event = new Event(nowMicros + millis * 1_000, arranged++, what, task);
    Event last = patience.peekLast();
    if (last != null && last.compareTo(event) > 0) {
      throw new IllegalArgumentException("patience of " + millis + " ms after a longer one");
    }
    patience.add(event);
  }

  /** Lets everything happen that is arranged for up to this time. */
  public void runUntil(long endMicros) {
    for (Queue<Event> first = first();
        !first.isEmpty() && first.element().atMicros <= endMicros;
        first = first()) {
      Event next = first.remove();
      nowMicros = next.atMicros;
      happened++;
      trace.event(next.atMicros, next.what);
      next.task.run();
    }
    nowMicros = endMicros;
  }

  /** Where the next event is, if there is any. */
  private Queue<Event> first() {
    Event soon = events.peek();
    Event late = patience.peek();
    return late == null || (soon != null && soon.compareTo(late) < 0) ? events : patience;
  }
}
