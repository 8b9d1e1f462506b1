package org.probity.node.http.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.ledger.client.WitnessLink;
import org.probity.node.http.tls.PinnedTrust;
import org.probity.node.http.wire.StrictBase64;

/**
 * A node's REST interface, also usable for any server of a log's static files. Blocking calls throw
 * {@link ApiException}; the two asynchronous ones complete exceptionally with it. Thread-safe, one
 * HTTP/2 connection; at most 100 requests at a time (the listener's limit of streams).
 */
public final class ApiClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final URI base;
  private final List<X509Certificate> roots;
  private final @Nullable X509ExtendedTrustManager trust;
  private final Credentials credentials;
  private final ApiCalls calls;

  private ApiClient(
      URI base,
      List<X509Certificate> roots,
      @Nullable X509ExtendedTrustManager trust,
      Credentials credentials) {
    this.trust = trust;
    this.credentials = credentials;
    this.base = base;
    this.roots = roots;
    this.calls =
        new ApiCalls(
            withoutFinalSlash(base.toString()),
            HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(ApiTls.context(trust, credentials.shown().orElse(null)))
                .sslParameters(ApiTls.parameters())
                .build(),
            credentials.token());
  }

  private static String withoutFinalSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** A client that believes hosts whom the JDK's own roots certified. */
  public static ApiClient of(URI base) {
    return new ApiClient(base, List.of(), null, Credentials.NONE);
  }

  /**
   * A client of the node at {@code base}, an https URL; believes hosts that {@code roots}
   * certified.
   */
  public static ApiClient of(URI base, List<X509Certificate> roots) {
    return new ApiClient(base, List.copyOf(roots), PinnedTrust.toHost(roots), Credentials.NONE);
  }

  /** The same, and believes {@code node} only, whatever the host's name. */
  public ApiClient pinnedTo(String node) {
    return new ApiClient(base, roots, PinnedTrust.toNode(roots, node), credentials);
  }

  /** The same, and proves who is asking. */
  public ApiClient as(Credentials who) {
    return new ApiClient(base, roots, trust, who);
  }

  public URI base() {
    return base;
  }

  /**
   * Has one signed statement recorded; returns after it is durable.
   *
   * @throws ApiException also when it was refused, with status 422 and the reason's code
   */
  public SubmissionResult submit(Bytes statement) throws ApiException {
    return ApiCalls.await(submitAsync(statement));
  }

  public CompletableFuture<SubmissionResult> submitAsync(Bytes statement) {
    return calls
        .post("/v1/transactions", "application/cose", statement)
        .thenApply(ApiCalls::json)
        .thenApply(SubmissionResult::of);
  }

  /** Has up to 1000 signed statements recorded; one result each, in order. */
  public List<SubmissionResult> submitAll(List<Bytes> statements) throws ApiException {
    return ApiCalls.await(submitAllAsync(statements));
  }

  public CompletableFuture<List<SubmissionResult>> submitAllAsync(List<Bytes> statements) {
    CborWriter body = new CborWriter().array(statements.size());
    statements.forEach(body::bytes);
    return calls
        .post("/v1/transactions/bulk", "application/cbor", body.toBytes())
        .thenApply(ApiCalls::json)
        .thenApply(array -> list(array, SubmissionResult::of));
  }

  /**
   * What became of a transaction, by the submitter and the id it chose; empty if not in the log.
   */
  public Optional<SubmissionResult> transaction(Bytes submitter, Bytes clientId)
      throws ApiException {
    return found(
        "/v1/transactions/" + clientId.toHex() + "?submitter=" + submitter.toHex(),
        SubmissionResult::of);
  }

  /** The C2SP tlog-proof of the transaction at an index. */
  public Bytes receipt(long index) throws ApiException {
    return bytes("/v1/transactions/" + index + "/receipt");
  }

  /** One account in the ledger's own JSON; empty if there is none. */
  public Optional<JsonNode> account(String accountId) throws ApiException {
    return found("/v1/accounts/" + encoded(accountId), account -> account);
  }

  public Page<JsonNode> accounts(Optional<String> cursor) throws ApiException {
    return page("/v1/accounts", cursor);
  }

  /** Transfers that touch an account. */
  public Page<JsonNode> transfers(String accountId, Optional<String> cursor) throws ApiException {
    return page("/v1/accounts/" + encoded(accountId) + "/transfers", cursor);
  }

  public Page<JsonNode> assets(Optional<String> cursor) throws ApiException {
    return page("/v1/assets", cursor);
  }

  public NodeStatus status() throws ApiException {
    return read("/v1/status", json -> value(json, NodeStatus.class));
  }

  public List<PeerView> peers() throws ApiException {
    return read("/v1/peers", array -> list(array, peer -> value(peer, PeerView.class)));
  }

  public List<EvidenceSummary> evidence() throws ApiException {
    return read("/v1/evidence", array -> list(array, each -> value(each, EvidenceSummary.class)));
  }

  /** One self-contained evidence file. */
  public Bytes evidenceFile(String faultId) throws ApiException {
    return bytes("/v1/evidence/" + encoded(faultId));
  }

  /**
   * Hands the node a proof.
   *
   * @throws ApiException with status 422 and the reason's code if it proves nothing
   */
  public void submitEvidence(Bytes file) throws ApiException {
    ApiCalls.await(calls.post("/v1/evidence", "application/cbor", file));
  }

  /**
   * Shows the node, a witness of some log, a checkpoint of that log, for example a receipt's; two
   * that do not fit together are how a split view comes to light.
   *
   * @throws ApiException with status 422 and the reason's code if the node will not compare it
   */
  public WitnessLink.Comparison showCheckpoint(Bytes checkpoint) throws ApiException {
    try {
      byte[] answer = ApiCalls.await(calls.post("/v1/checkpoints", "text/plain", checkpoint));
      String said = new String(answer, StandardCharsets.UTF_8).strip();
      return switch (said) {
        case "CONSISTENT" -> WitnessLink.Comparison.CONSISTENT;
        case "CONFLICT" -> WitnessLink.Comparison.CONFLICT;
        case "KEPT" -> WitnessLink.Comparison.KEPT;
        case "DROPPED" -> WitnessLink.Comparison.DROPPED;
        default ->
            throw ApiException.noAnswer(
                "nonsense", "no word for what came of a checkpoint", new IOException(said));
      };
    } catch (ApiException e) {
      if (e.code().equals("checkpoint_ahead")) {
        return WitnessLink.Comparison.AHEAD;
      }
      throw e;
    }
  }

  /**
   * Shows the node, a witness of some log, an AUDIT of that log, for example a receipt's; one that
   * covers what the node has found to be wrong is a proof against who signed it.
   *
   * @throws ApiException with status 422 and the reason's code if the node does not keep it
   */
  public void showAudit(Bytes statement) throws ApiException {
    ApiCalls.await(calls.post("/v1/audits", "application/cose", statement));
  }

  /**
   * Has the node challenge the home node of a transaction to log it.
   *
   * @return {@code challenge}, an id, {@code target} and {@code state}: {@code recorded} with the
   *     {@code index} in the home node's log, {@code refused} with the {@code code} and {@code
   *     message} of the reason that the home node has shown, or {@code asked} while it has not
   *     answered
   * @throws ApiException with status 422 and the reason's code if the home node may not log it
   */
  public JsonNode handOver(Bytes statement) throws ApiException {
    return ApiCalls.await(
        calls.post("/v1/challenges", "application/cose", statement).thenApply(ApiCalls::json));
  }

  /** Challenges that are open at the node. */
  public JsonNode challenges() throws ApiException {
    return json("/v1/challenges");
  }

  /**
   * Hands the node a signed statement that is no transaction.
   *
   * @throws ApiException with status 422 and the reason's code if it is refused
   */
  public JsonNode post(String path, Bytes statement) throws ApiException {
    return ApiCalls.await(
        calls.post(path, "application/cose", statement).thenApply(ApiCalls::json));
  }

  /**
   * Decisions in epoch order, exact bytes, nothing verified: as many as one answer holds.
   *
   * @param from first epoch
   */
  public List<Bytes> decisions(int from) throws ApiException {
    return read(
        "/v1/governance/decisions?cursor=" + from,
        page -> list(page.path("items"), ApiClient::content));
  }

  /**
   * Hands the node a decision that it may not know.
   *
   * @param decision exact bytes, as {@link #decisions} has them
   * @return {@code id}, and whether it was {@code known}
   * @throws ApiException with status 422 and the reason's code if it is refused: {@code
   *     epoch_ahead} as long as an earlier one is not known there
   */
  public JsonNode handIn(Bytes decision) throws ApiException {
    return ApiCalls.await(
        calls
            .post("/v1/governance/decisions", "application/cbor", decision)
            .thenApply(ApiCalls::json));
  }

  private static Bytes content(JsonNode decision) {
    try {
      return StrictBase64.decode(decision.path("content").asText());
    } catch (DecodeException e) {
      throw new CompletionException(
          ApiException.noAnswer("nonsense", "an answer of another form", e));
    }
  }

  /** The founding document; worth what its hash is compared with. */
  public Bytes genesis() throws ApiException {
    return bytes("/v1/genesis");
  }

  /** The newest checkpoint of the node's own log. */
  public Bytes checkpoint() throws ApiException {
    return bytes("/log/checkpoint");
  }

  /**
   * The node's log as it grows, one event per entry.
   *
   * @param from index of the first event
   * @param listener called with each event's data, on the client's threads, one after the other;
   *     true ends the stream
   */
  public EventStream events(long from, Predicate<JsonNode> listener) {
    EventStream stream = new EventStream(listener);
    calls.stream("/v1/events?from=" + from, stream);
    return stream;
  }

  /** Any resource that is JSON. */
  public JsonNode json(String path) throws ApiException {
    return read(path, json -> json);
  }

  /** Any other resource, for example a tile: {@code /log/tile/0/001}. */
  public Bytes bytes(String path) throws ApiException {
    return Bytes.wrap(ApiCalls.await(calls.get(path)));
  }

  private <T> T read(String path, Function<JsonNode, T> reader) throws ApiException {
    return ApiCalls.await(calls.get(path).thenApply(ApiCalls::json).thenApply(reader));
  }

  private <T> Optional<T> found(String path, Function<JsonNode, T> reader) throws ApiException {
    try {
      return Optional.of(read(path, reader));
    } catch (ApiException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Page<JsonNode> page(String path, Optional<String> cursor) throws ApiException {
    return read(
        cursor.map(at -> path + "?cursor=" + encoded(at)).orElse(path),
        page ->
            new Page<>(
                list(page.path("items"), item -> item),
                Optional.ofNullable(page.path("next").textValue())));
  }

  private static <T> List<T> list(JsonNode array, Function<JsonNode, T> reader) {
    List<T> items = new ArrayList<>(array.size());
    array.forEach(item -> items.add(reader.apply(item)));
    return items;
  }

  private static <T> T value(JsonNode json, Class<T> type) {
    try {
      return MAPPER.treeToValue(json, type);
    } catch (JsonProcessingException e) {
      throw new CompletionException(
          ApiException.noAnswer("nonsense", "an answer of another form", e));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
