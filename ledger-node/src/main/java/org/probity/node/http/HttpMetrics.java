package org.probity.node.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Counts one listener's requests. The number of series is bounded by routes and statuses. */
final class HttpMetrics {
  /** Stands for every path that is no route. */
  static final String NO_ROUTE = "none";

  private final MeterRegistry registry;
  private final String listener;
  private final Map<String, Timer> timers = new ConcurrentHashMap<>();
  private final Counter refusedConnections;
  private final Counter brokenConnections;
  private final Counter abandonedRequests;

  HttpMetrics(MeterRegistry registry, String listener) {
    this.registry = registry;
    this.listener = listener;
    refusedConnections = counter("probity.http.refused.connections", "Closed: too many are open");
    brokenConnections =
        counter("probity.http.broken.connections", "Failed handshakes, resets, protocol errors");
    abandonedRequests =
        counter("probity.http.abandoned.requests", "The client hung up in the middle of its body");
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name)
        .description(description)
        .tag("listener", listener)
        .register(registry);
  }

  void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value)
        .description(description)
        .tag("listener", listener)
        .register(registry);
  }

  void request(String route, int status, Duration took) {
    timers.computeIfAbsent(route + " " + status, key -> timer(route, status)).record(took);
  }

  private Timer timer(String route, int status) {
    return Timer.builder("probity.http.request")
        .description("From the request's headers to the end of its answer")
        .tags("listener", listener, "route", route, "status", Integer.toString(status))
        .register(registry);
  }

  void connectionRefused() {
    refusedConnections.increment();
  }

  void requestAbandoned() {
    abandonedRequests.increment();
  }

  void connectionBroken() {
    brokenConnections.increment();
  }
}
