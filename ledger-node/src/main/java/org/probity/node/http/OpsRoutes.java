package org.probity.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.probity.node.metrics.NodeMetrics;

/** For supervisors and Prometheus. */
final class OpsRoutes {
  private final NodeService service;
  private final NodeMetrics metrics;
  private final String version;
  private final ServiceGauges gauges;
  private final ActionRecord actions;

  OpsRoutes(NodeService service, NodeMetrics metrics, String version, ActionRecord actions) {
    this.actions = actions;
    this.service = service;
    this.metrics = metrics;
    this.version = version;
    this.gauges = new ServiceGauges(service, metrics);
  }

  List<Route> routes() {
    return List.of(
        Route.get(Access.EVERYBODY, "/livez", this::live),
        Route.get(Access.EVERYBODY, "/readyz", this::ready),
        Route.get(Access.EVERYBODY, "/metrics", this::scrape),
        Route.get(Access.EVERYBODY, "/version", this::version),
        new Route(Access.OPERATE, HttpMethod.POST, "/audits", Set.of(), 0, false, this::audit));
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

  /** For the operator: this listener is on the loopback address unless he says otherwise. */
  private Future<Reply> audit(Exchange exchange) {
    String node = exchange.requiredQuery("node");
    OptionalLong upTo =
        exchange.queryNumber("upTo").map(OptionalLong::of).orElseGet(OptionalLong::empty);
    OptionalLong goal = service.askForAudit(node, upTo);
    // The gate has let nobody in without a name but whoever is on this machine.
    String who = exchange.name().orElse(ActionRecord.LOCAL);
    String about = upTo.isPresent() ? node + " up to " + upTo.getAsLong() : node;
    actions.record(who, "audit.run", about, goal.isPresent() ? "done" : "not_found");
    if (goal.isEmpty()) {
      throw Problems.notFound("this node does not witness the log of such a node");
    }
    return Future.succeededFuture(
        Reply.json(
            JsonNodeFactory.instance.objectNode().put("node", node).put("upTo", goal.getAsLong())));
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
