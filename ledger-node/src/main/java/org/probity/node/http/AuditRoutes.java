package org.probity.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Hash;

/** AUDIT statements, for peers, for clients and for everybody. */
final class AuditRoutes {
  private final Supplier<AuditService> service;

  AuditRoutes(Supplier<AuditService> service) {
    this.service = service;
  }

  /** What this node has signed about a log; on both listeners, beside the log itself. */
  Route ofWard() {
    return Route.get(Access.EVERYBODY, "/witness/{origin}/audit", this::signed);
  }

  /** What is signed about this node's log, and about its wards. */
  Route list() {
    return Route.get(Access.AUDIT, "/v1/audits", exchange -> Reply.json(json(service.get())));
  }

  /** A peer's statement. */
  Route take() {
    return Route.post(
        Access.NODES,
        "/peer/v1/audit",
        PeerRoutes.MEDIA,
        AuditStatement.MAX_STATEMENT_BYTES,
        exchange -> PeerReplies.of(service.get().take(exchange.caller(), exchange.body())));
  }

  /** SPEC protocol.md §6.6: a client's, out of a receipt; all clients have one peer's share. */
  Route show() {
    return Route.post(
        Access.EVERYBODY,
        "/v1/audits",
        Set.of(StatementBodies.COSE),
        AuditStatement.MAX_STATEMENT_BYTES,
        exchange -> PeerReplies.of(service.get().take(exchange.caller(), exchange.body())));
  }

  private Reply signed(Exchange exchange) {
    Hash origin = TileRoutes.requestedOrigin(exchange);
    return service
        .get()
        .ofWard(origin)
        .map(statement -> Reply.ok(StatementBodies.COSE, statement).cachedFor(1, false))
        .orElseThrow(() -> Problems.notFound("this node has signed no AUDIT of that log"));
  }

  private static ObjectNode json(AuditService audits) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("statements", json(audits.ofOwnLog()));
    ArrayNode wards = json.putArray("wards");
    for (WardAudits ward : audits.ofWards()) {
      ObjectNode row =
          wards
              .addObject()
              .put("node", ward.node())
              .put("origin", ward.origin())
              .put("auditedSize", ward.auditedSize())
              .put("lag", ward.lagEntries());
      ward.own().ifPresentOrElse(own -> row.set("own", json(own)), () -> row.putNull("own"));
      row.set("others", json(ward.others()));
    }
    return json;
  }

  private static ArrayNode json(List<HeldAudit> audits) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    audits.forEach(audit -> array.add(json(audit)));
    return array;
  }

  private static ObjectNode json(HeldAudit audit) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("auditor", audit.auditor())
        .put("member", audit.member())
        .put("toSize", audit.toSize())
        .put("toRoot", audit.toRoot().toHex())
        .put("statementId", audit.id().toHex())
        .put("statement", Base64.getEncoder().encodeToString(audit.statement().toArray()));
  }
}
