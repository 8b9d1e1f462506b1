package org.probity.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Supplier;

/** Governance as clients see it: signed statements in, JSON out (protocol.md §13). */
final class GovernanceRoutes {
  private final Supplier<GovernanceService> service;
  private final ActionRecord actions;

  GovernanceRoutes(Supplier<GovernanceService> service, ActionRecord actions) {
    this.actions = actions;
    this.service = service;
  }

  List<Route> routes() {
    return List.of(
        Route.get(Access.READ, "/v1/governance", exchange -> Reply.json(service.get().status())),
        Route.get(
            Access.READ,
            "/v1/governance/proposals",
            exchange -> Reply.json(service.get().proposals())),
        Route.post(
            Access.GOVERN,
            "/v1/governance/proposals",
            StatementBodies.SINGLE_MEDIA,
            StatementBodies.MAX_SINGLE_BODY_BYTES,
            exchange ->
                service
                    .get()
                    .propose(StatementBodies.single(exchange))
                    .map(taken -> taken(exchange, "governance.propose", taken))),
        Route.get(Access.READ, "/v1/governance/proposals/{id}", this::proposal),
        Route.get(
            Access.READ, "/v1/governance/ballots", exchange -> Reply.json(service.get().ballots())),
        Route.post(
            Access.GOVERN,
            "/v1/governance/ballots",
            StatementBodies.SINGLE_MEDIA,
            StatementBodies.MAX_SINGLE_BODY_BYTES,
            exchange ->
                service
                    .get()
                    .vote(StatementBodies.single(exchange))
                    .map(taken -> taken(exchange, "governance.vote", taken))),
        Route.get(Access.EVERYBODY, "/v1/governance/decisions", this::decisions),
        Route.post(
            Access.GOVERN,
            "/v1/governance/decisions",
            StatementBodies.DECISION_MEDIA,
            StatementBodies.MAX_DECISION_BODY_BYTES,
            exchange ->
                service
                    .get()
                    .handIn(StatementBodies.decision(exchange))
                    .map(taken -> taken(exchange, "governance.hand-in", taken))));
  }

  /** What was known already nobody has done now. */
  private Reply taken(Exchange exchange, String what, ObjectNode taken) {
    if (!taken.path("known").asBoolean()) {
      actions.record(
          exchange.name().orElse(ActionRecord.ANONYMOUS), what, taken.path("id").asText(), "done");
    }
    return Reply.json(taken);
  }

  private Reply proposal(Exchange exchange) {
    return service
        .get()
        .proposal(exchange.path("id"))
        .map(Reply::json)
        .orElseThrow(() -> Problems.notFound("no proposal of this epoch has this id"));
  }

  private Reply decisions(Exchange exchange) {
    long from = exchange.query("cursor").map(text -> Numbers.parse("cursor", text)).orElse(0L);
    int limit = ClientRoutes.limit(exchange);
    ArrayNode items = service.get().decisions(from, limit);
    ObjectNode page = JsonNodeFactory.instance.objectNode();
    page.set("items", items);
    if (items.size() == limit) {
      page.put("next", Long.toString(from + limit));
    } else {
      page.putNull("next");
    }
    return Reply.json(page);
  }
}
