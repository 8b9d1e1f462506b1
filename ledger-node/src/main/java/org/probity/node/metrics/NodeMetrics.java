package org.probity.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** The registry of one node. Thread-safe; close it with the node. */
public final class NodeMetrics implements AutoCloseable {
  /** Media type of {@link #scrape}. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Duration[] BUCKETS =
      LongStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<Supplier<Number>> sources = new CopyOnWriteArrayList<>();
  private final JvmGcMetrics garbage = new JvmGcMetrics();

  /** A registry with the JVM's own numbers and {@code probity_node_info}. */
  public static NodeMetrics forNode(String node, String version) {
    NodeMetrics metrics = new NodeMetrics();
    metrics.bindPlatform();
    metrics.gauge("probity.node.info", "Constant 1", () -> 1, "node", node, "version", version);
    return metrics;
  }

  private void bindPlatform() {
    garbage.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  public MeterRegistry registry() {
    return registry;
  }

  /**
   * A number read at each scrape, on the scraping thread.
   *
   * @param name dotted, unit last: {@code probity.log.head.entries}
   * @param tags names and values in turn
   */
  public void gauge(String name, String description, Supplier<Number> value, String... tags) {
    Gauge.builder(name, value).description(description).tags(tags).register(registry);
  }

  /** A number that only grows and is read at each scrape; {@code _total} is added to its name. */
  public void counted(String name, String description, Supplier<Number> value, String... tags) {
    // A counter's source is held weakly by the registry.
    sources.add(value);
    FunctionCounter.builder(name, value, source -> source.get().doubleValue())
        .description(description)
        .tags(tags)
        .register(registry);
  }

  /** A number that only grows; the same name and tags give the same counter. */
  public Counter counter(String name, String description, String... tags) {
    return Counter.builder(name).description(description).tags(tags).register(registry);
  }

  /** A distribution of durations, in buckets from 1 ms to 10 s. */
  public Timer histogram(String name, String description, String... tags) {
    return Timer.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /** Everything in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }
}
