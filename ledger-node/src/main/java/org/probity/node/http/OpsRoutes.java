package org.probity.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.probity.node.metrics.NodeMetrics;

/** For supervisors and Prometheus. */
final class OpsRoutes {
  private final NodeService service;
  private final NodeMetrics metrics;
  private final String version;
  private final ServiceGauges gauges;

  OpsRoutes(NodeService service, NodeMetrics metrics, String version) {
    this.service = service;
    this.metrics = metrics;
    this.version = version;
    this.gauges = new ServiceGauges(service, metrics);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/livez", this::live),
        Route.get("/readyz", this::ready),
        Route.get("/metrics", this::scrape),
        Route.get("/version", this::version));
  }

  /**
   * The process answers. A latched node is alive too: restarting it would not clear the latch, and
   * it still serves audits.
   */
  private Reply live(Exchange exchange) {
    return Reply.json(JsonNodeFactory.instance.objectNode().put("live", true));
  }

  private Reply ready(Exchange exchange) {
    NodeHealth health = service.health();
    return Reply.json(health.ready() ? 200 : 503, NodeJson.readiness(health));
  }

  private Reply scrape(Exchange exchange) {
    gauges.refresh();
    return Reply.of(200, NodeMetrics.CONTENT_TYPE, Buffer.buffer(metrics.scrape()));
  }

  private Reply version(Exchange exchange) {
    return Reply.json(
        JsonNodeFactory.instance
            .objectNode()
            .put("version", version)
            .put("programId", service.info().programId().toHex())
            .put("java", Runtime.version().toString()));
  }
}
