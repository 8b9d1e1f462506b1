package org.probity.simulation.world;

import java.util.PriorityQueue;

/**
 * Virtual time: what is to happen, in the order of time and, at one time, of arrangement. Time
 * passes by nothing but {@link #runUntil}. Every event goes into the trace.
 */
public final class Timeline {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
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

  /** Lets everything happen that is arranged for up to this time. */
  public void runUntil(long endMicros) {
    for (Event next = events.peek();
        next != null && next.atMicros <= endMicros;
        next = events.peek()) {
      events.remove();
      nowMicros = next.atMicros;
      happened++;
      trace.event(next.atMicros, next.what);
      next.task.run();
    }
    nowMicros = endMicros;
  }
}
