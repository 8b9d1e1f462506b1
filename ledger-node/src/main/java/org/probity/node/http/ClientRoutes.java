package org.probity.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;

/** The REST interface: transactions, accounts, receipts, what the node knows of others. */
final class ClientRoutes {
  static final int DEFAULT_PAGE_ITEMS = 100;
  static final int MAX_PAGE_ITEMS = 1000;
  static final int MAX_EVENT_STREAMS = 256;

  private static final int MAX_SUBMITTER_BYTES = 64;
  private static final int CLIENT_ID_BYTES = 16;

  private final NodeService service;
  private final Supplier<NodeUrls> urls;
  private final OpenStreams streams;
  private final ActionRecord actions;

  ClientRoutes(
      Vertx vertx,
      NodeService service,
      Supplier<NodeUrls> urls,
      Duration heartBeat,
      ActionRecord actions) {
    this.actions = actions;
    this.service = service;
    this.urls = urls;
    this.streams = new OpenStreams(vertx, service, heartBeat, MAX_EVENT_STREAMS);
  }

  /** Ends the streams; call before the listener shuts down. */
  void endStreams() {
    streams.endAll();
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(
        Route.post(
            Access.SUBMIT,
            "/v1/transactions",
            StatementBodies.SINGLE_MEDIA,
            StatementBodies.MAX_SINGLE_BODY_BYTES,
            this::submit));
    routes.add(
        Route.post(
            Access.SUBMIT,
            "/v1/transactions/bulk",
            StatementBodies.BULK_MEDIA,
            StatementBodies.MAX_BULK_BODY_BYTES,
            this::submitBulk));
    routes.add(Route.get(Access.READ, "/v1/transactions/{clientId}", this::transaction));
    routes.add(Route.reading(Access.READ, "/v1/transactions/{index}/receipt", this::receipt));
    routes.add(Route.get(Access.READ, "/v1/accounts", this::accounts));
    routes.add(Route.get(Access.READ, "/v1/accounts/{account}", this::account));
    routes.add(Route.get(Access.READ, "/v1/accounts/{account}/transfers", this::transfers));
    routes.add(Route.get(Access.READ, "/v1/assets", this::assets));
    routes.add(Route.get(Access.READ, "/v1/events", this::events));
    routes.add(
        Route.post(
            Access.EVERYBODY,
            "/v1/evidence",
            PeerRoutes.MEDIA,
            PeerRoutes.MAX_EVIDENCE_BYTES,
            exchange -> PeerReplies.of(service.evidence(exchange.caller(), exchange.body()))));
    // SPEC protocol.md §6.2: clients hand the checkpoints of their receipts to witnesses.
    routes.add(
        Route.post(
            Access.EVERYBODY,
            "/v1/checkpoints",
            Set.of("text/plain"),
            PeerRoutes.MAX_CHECKPOINT_BYTES,
            exchange -> PeerReplies.of(service.checkpoint(exchange.caller(), exchange.body()))));
    routes.add(Route.get(Access.EVERYBODY, "/v1/evidence", this::evidenceList));
    routes.add(Route.get(Access.EVERYBODY, "/v1/evidence/{faultId}", this::evidenceFile));
    routes.add(
        Route.get(
            Access.AUDIT, "/v1/peers", exchange -> Reply.json(NodeJson.peers(service.peers()))));
    routes.add(
        Route.get(
            Access.AUDIT,
            "/v1/scoring",
            exchange -> Reply.json(NodeJson.scoring(service.scoring()))));
    routes.add(
        Route.get(
            Access.AUDIT,
            "/v1/schedule",
            exchange -> Reply.json(NodeJson.schedule(service.schedule()))));
    routes.add(
        Route.get(
            Access.AUDIT,
            "/v1/challenges",
            exchange -> Reply.json(NodeJson.challenges(service.challenges()))));
    // SPEC protocol.md §7.1: a transaction handed to a witness, against censorship.
    routes.add(
        Route.post(
            Access.EVERYBODY,
            "/v1/challenges",
            StatementBodies.SINGLE_MEDIA,
            StatementBodies.MAX_SINGLE_BODY_BYTES,
            this::handOver));
    AuditRoutes audits = new AuditRoutes(service::audits);
    routes.add(audits.list());
    routes.add(audits.show());
    routes.add(audits.ofWard());
    routes.addAll(new GovernanceRoutes(service::governance, actions).routes());
    routes.add(Route.get(Access.EVERYBODY, "/v1/status", this::status));
    routes.add(
        Route.get(
            Access.EVERYBODY,
            "/v1/genesis",
            exchange -> Reply.ok(Reply.CBOR, service.info().genesis())));
    routes.add(Route.get(Access.EVERYBODY, "/openapi.json", exchange -> OpenApi.reply()));
    routes.addAll(new WitnessRoutes(service::witness).routes());
    routes.addAll(new TileRoutes(service).routes());
    return routes;
  }

  private Future<Reply> submit(Exchange exchange) {
    return service
        .submit(List.of(StatementBodies.single(exchange)))
        .map(
            replies -> {
              SubmissionReply reply = replies.get(0);
              reply
                  .refused()
                  .ifPresent(
                      refusal -> {
                        throw Problems.refused(refusal.code(), refusal.message());
                      });
              return Reply.json(NodeJson.submission(reply, service.ledger()));
            });
  }

  private Future<Reply> submitBulk(Exchange exchange) {
    return service
        .submit(StatementBodies.bulk(exchange))
        .map(
            replies -> {
              LedgerQueries ledger = service.ledger();
              ArrayNode results = JsonNodeFactory.instance.arrayNode();
              replies.forEach(reply -> results.add(NodeJson.submission(reply, ledger)));
              return Reply.json(results);
            });
  }

  private Future<Reply> handOver(Exchange exchange) {
    return service
        .handOver(StatementBodies.single(exchange))
        .map(handed -> Reply.json(NodeJson.handedOver(handed)));
  }

  private Reply transaction(Exchange exchange) {
    Bytes clientId = hex("clientId", exchange.path("clientId"), CLIENT_ID_BYTES);
    if (clientId.size() != CLIENT_ID_BYTES) {
      throw Problems.badField("bad_hex", "clientId", "has " + CLIENT_ID_BYTES + " bytes");
    }
    Bytes submitter = hex("submitter", exchange.requiredQuery("submitter"), MAX_SUBMITTER_BYTES);
    return service
        .transaction(submitter, clientId)
        .map(found -> Reply.json(NodeJson.transaction(found, service.ledger())))
        .orElseThrow(() -> Problems.notFound("no transaction of this submitter has this id"));
  }

  private Reply receipt(Exchange exchange) {
    long index = exchange.pathNumber("index");
    PublishedLog log = service.ownLog();
    if (index >= log.size() || service.transaction(index).isEmpty()) {
      throw Problems.notFound("no transaction at this index");
    }
    // SPEC protocol.md §10: the strongest there is.
    PublishedLog best = service.witnessedLog().filter(it -> index < it.size()).orElse(log);
    return Reply.ok(Reply.TEXT, Receipts.of(best, index, service.audits().ofOwnLog()));
  }

  private Reply accounts(Exchange exchange) {
    return page(service.ledger().accounts(exchange.query("cursor"), limit(exchange)));
  }

  private Reply account(Exchange exchange) {
    return service
        .ledger()
        .account(exchange.path("account"))
        .map(Reply::json)
        .orElseThrow(ClientRoutes::noSuchAccount);
  }

  private Reply transfers(Exchange exchange) {
    return service
        .ledger()
        .transfers(exchange.path("account"), exchange.query("cursor"), limit(exchange))
        .map(ClientRoutes::page)
        .orElseThrow(ClientRoutes::noSuchAccount);
  }

  private Reply assets(Exchange exchange) {
    return page(service.ledger().assets(exchange.query("cursor"), limit(exchange)));
  }

  private Reply events(Exchange exchange) {
    // SPEC operations.md "HTTP": Last-Event-ID is a log index, and wins over the first request's.
    long from =
        exchange
            .header("last-event-id")
            .map(last -> Numbers.parse("last-event-id", last) + 1)
            .or(() -> exchange.queryNumber("from"))
            .orElseGet(() -> service.ownLog().size());
    return streams.of(EntryEvents.CONTENT_TYPE, new EntryEvents(service, from));
  }

  private Reply evidenceList(Exchange exchange) {
    return Reply.json(NodeJson.evidence(service.evidenceFiles()));
  }

  private Reply evidenceFile(Exchange exchange) {
    String faultId = exchange.path("faultId");
    return service.evidenceFiles().stream()
        .filter(file -> file.faultId().toHex().equals(faultId))
        .findFirst()
        .map(
            file ->
                Reply.of(200, Reply.CBOR, Buffer.buffer(file.file().unsafeArray()))
                    .with(
                        "content-disposition", "attachment; filename=\"" + faultId + ".evidence\""))
        .orElseThrow(() -> Problems.notFound("no evidence with this fault id here"));
  }

  private Reply status(Exchange exchange) {
    return Reply.json(
        NodeJson.status(
            service.info(),
            service.health(),
            service.newest(),
            urls.get(),
            System.currentTimeMillis()));
  }

  private static Reply page(LedgerQueries.Page page) {
    return Reply.json(NodeJson.page(page));
  }

  static int limit(Exchange exchange) {
    long limit = exchange.queryNumber("limit").orElse((long) DEFAULT_PAGE_ITEMS);
    if (limit < 1 || limit > MAX_PAGE_ITEMS) {
      throw Problems.badField("bad_limit", "limit", "from 1 to " + MAX_PAGE_ITEMS);
    }
    return (int) limit;
  }

  private static Bytes hex(String field, String text, int maxBytes) {
    if (text.isEmpty() || text.length() > 2 * maxBytes || !text.matches("([0-9a-f]{2})+")) {
      throw Problems.badField("bad_hex", field, "lower-case hex of at most " + maxBytes + " bytes");
    }
    return Bytes.wrap(HexFormat.of().parseHex(text));
  }

  private static ProblemException noSuchAccount() {
    return Problems.notFound("no such account on this node");
  }
}
