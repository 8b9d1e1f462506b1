package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.ListenAddress;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.api.Credentials;
import org.probity.node.http.api.EventStream;
import org.probity.node.http.api.Polling;
import org.probity.node.http.api.SubmissionResult;

/**
 * {@link ApiClient} as commands use it: what goes wrong becomes a {@link CliException} with the
 * node's own code and the right exit code, and a node that is busy is asked again. Thread-safe.
 */
public final class NodeApi {
  /** How long a busy node is asked again; the same bytes are recorded once at most. */
  private static final Duration PATIENCE_WITH_BUSY = Duration.ofSeconds(20);

  private final ApiClient client;
  private final boolean authenticates;
  private final Consumer<String> waiting;

  private NodeApi(ApiClient client, boolean authenticates, Consumer<String> waiting) {
    this.client = client;
    this.authenticates = authenticates;
    this.waiting = waiting;
  }

  /**
   * The node at a URL.
   *
   * @param url {@code https://host:port}, with or without a path
   * @param roots whom to believe; empty for plain HTTP or the JDK's own roots
   */
  public static NodeApi at(String url, List<X509Certificate> roots) {
    URI base;
    try {
      base = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("not a URL: " + url);
    }
    if (!"https".equals(base.getScheme()) && !"http".equals(base.getScheme())) {
      throw CliException.usage("not an https URL: " + url);
    }
    return new NodeApi(
        roots.isEmpty() ? ApiClient.of(base) : ApiClient.of(base, roots),
        !roots.isEmpty(),
        text -> {});
  }

  /**
   * The same, and believes only a server whose certificate names {@code node}, whatever the host is
   * called. Without the consortium's roots no certificate does; then the host's name has to do.
   */
  public NodeApi pinnedTo(String node) {
    return authenticates ? new NodeApi(client.pinnedTo(node), true, waiting) : this;
  }

  /**
   * The same, and proves who is asking.
   *
   * @throws CliException if that would send a token in the clear over a network
   */
  NodeApi as(Credentials who) {
    boolean isClear = "http".equals(client.base().getScheme());
    if (isClear && who.token().isPresent() && !ListenAddress.isLoopback(client.base().getHost())) {
      throw CliException.usage("a token is not sent in the clear: " + client.base());
    }
    return new NodeApi(client.as(who), authenticates, waiting);
  }

  /** The same, and tells {@code listener} in one line why an answer takes long. */
  NodeApi telling(Consumer<String> listener) {
    return new NodeApi(client, authenticates, listener);
  }

  public URI base() {
    return client.base();
  }

  /** The client below, whose failures are its own. */
  public ApiClient client() {
    return client;
  }

  public JsonNode getJson(String path) {
    return call(() -> client.json(path));
  }

  /** The body of a successful answer. */
  public byte[] get(String path) {
    return call(() -> client.bytes(path)).toArray();
  }

  /** As {@link #get}; empty for 404. */
  public Optional<byte[]> find(String path) {
    return call(
        () -> {
          try {
            return Optional.of(client.bytes(path).toArray());
          } catch (ApiException e) {
            if (e.status() == 404) {
              return Optional.empty();
            }
            throw e;
          }
        });
  }

  /** Submits one signed transaction and waits until it is recorded. */
  public SubmissionResult submit(Bytes statement) {
    return submit(statement, () -> {});
  }

  /**
   * The same.
   *
   * @param uncertain called after each attempt that may have recorded the transaction although the
   *     node did not say so
   */
  SubmissionResult submit(Bytes statement, Runnable uncertain) {
    return call(
        () -> client.submit(statement),
        failure -> {
          if (failure.isOutcomeUnknown()) {
            uncertain.run();
          }
        });
  }

  /** Has the node ask another, before everybody, to log a transaction. */
  public JsonNode handOver(Bytes statement) {
    return call(() -> client.handOver(statement));
  }

  /** Hands in a signed statement that is no transaction. */
  public JsonNode post(String path, Bytes statement) {
    return call(() -> client.post(path, statement));
  }

  /** Hands in a decision of the members; {@code known} says whether it was there already. */
  public JsonNode handIn(Bytes decision) {
    return call(() -> client.handIn(decision));
  }

  /** Hands in a proof. */
  public void submitEvidence(Bytes file) {
    call(
        () -> {
          client.submitEvidence(file);
          return true;
        });
  }

  /** Submits signed transactions in one request; one result each, in order. */
  public List<SubmissionResult> submitAll(List<Bytes> statements) {
    return call(() -> client.submitAll(statements));
  }

  /**
   * Follows the node's log.
   *
   * @param listener called with each event's data; true ends the stream
   */
  public EventStream events(long from, Predicate<JsonNode> listener) {
    return client.events(from, listener);
  }

  /** A request that the node may be too busy to answer. */
  interface Request<T> {
    T send() throws ApiException;
  }

  /** Sends, again while the node says that it is busy, and translates what goes wrong. */
  <T> T call(Request<T> request) {
    return call(request, failure -> {});
  }

  private <T> T call(Request<T> request, Consumer<ApiException> failures) {
    AtomicReference<@Nullable T> answer = new AtomicReference<>();
    AtomicReference<@Nullable ApiException> failure = new AtomicReference<>();
    try {
      Polling.REMOTE.await(
          PATIENCE_WITH_BUSY,
          () -> {
            try {
              answer.set(request.send());
              failure.set(null);
              return true;
            } catch (ApiException e) {
              failures.accept(e);
              if (e.isBusy() && failure.get() == null) {
                waiting.accept(
                    client.base().getAuthority()
                        + " is busy ("
                        + e.getMessage()
                        + "); asking again for up to "
                        + PATIENCE_WITH_BUSY.toSeconds()
                        + " s");
              }
              failure.set(e);
              return !e.isBusy();
            }
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitStatus.ERROR, "interrupted", "interrupted", e);
    }
    ApiException failed = failure.get();
    if (failed != null) {
      throw translate(failed);
    }
    T answered = answer.get();
    if (answered == null) {
      throw new IllegalStateException("neither an answer nor a failure");
    }
    return answered;
  }

  private CliException translate(ApiException e) {
    String at = client.base().getAuthority();
    return switch (e.code()) {
      case "tls_failed" ->
          new CliException(
              ExitStatus.UNREACHABLE,
              e.code(),
              at + " is not trusted: " + e.getMessage() + " (--ca names the consortium's roots)",
              e);
      case "unreachable", "timed_out", "stream_ended", "stream_failed" ->
          e.status() == 0
              ? new CliException(
                  ExitStatus.UNREACHABLE, "unreachable", e.getMessage() + ": is it running?", e)
              : refused(at, e);
      default -> refused(at, e);
    };
  }

  private static CliException refused(String at, ApiException e) {
    boolean unauthorised =
        e.status() == 401 || e.status() == 403 || e.code().equals("unauthorised");
    return new CliException(
        unauthorised ? ExitStatus.UNAUTHORISED : ExitStatus.ERROR,
        e.code(),
        at + " refuses: " + e.getMessage(),
        e);
  }
}
