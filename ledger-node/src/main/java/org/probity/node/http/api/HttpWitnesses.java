package org.probity.node.http.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.ledger.client.WitnessLink;

/**
 * Reaches the nodes of a consortium over HTTPS, at their client listeners.
 *
 * <pre>{@code
 * WitnessLink link =
 *     new HttpWitnesses(node -> ApiClient.of(urls.get(node), roots).pinnedTo(node));
 * new WitnessHandOver(genesis, link).show(receipt);
 * }</pre>
 *
 * <p>A node that is busy is asked again for 20 seconds, one that has not got as far as a checkpoint
 * for 3; any one answer comes within 40 or is none. Thread-safe if the directory is.
 */
public final class HttpWitnesses implements WitnessLink {
  private static final Duration PATIENCE_WITH_BUSY = Duration.ofSeconds(20);

  /** A witness is behind a log by what the log has grown by in some milliseconds. */
  private static final Duration PATIENCE_WITH_AHEAD = Duration.ofSeconds(3);

  private final Directory directory;
  private final Consumer<String> waiting;

  /** Where nodes are. Best a client that is pinned to the node; asked before every request. */
  @FunctionalInterface
  public interface Directory {
    /**
     * How to talk to a node.
     *
     * @throws UnansweredException if it is not known where the node is
     */
    ApiClient client(String node) throws UnansweredException;
  }

  /** Tells nobody why an answer takes long. */
  public HttpWitnesses(Directory directory) {
    this(directory, text -> {});
  }

  /**
   * Says why an answer takes long.
   *
   * @param waiting told in one line why an answer takes long
   */
  public HttpWitnesses(Directory directory, Consumer<String> waiting) {
    this.directory = directory;
    this.waiting = waiting;
  }

  @Override
  public List<Bytes> decisions(String node, int from) throws UnansweredException {
    return call(node, client -> client.decisions(from));
  }

  @Override
  public Comparison showCheckpoint(String node, Bytes checkpoint) throws UnansweredException {
    try {
      return Polling.REMOTE.await(
          PATIENCE_WITH_AHEAD,
          () -> call(node, client -> client.showCheckpoint(checkpoint)),
          said -> said != Comparison.AHEAD);
    } catch (InterruptedException e) {
      throw interrupted(node, e);
    }
  }

  @Override
  public void showAudit(String node, Bytes statement) throws UnansweredException {
    call(
        node,
        client -> {
          client.showAudit(statement);
          return true;
        });
  }

  @Override
  public Asked handOver(String node, Bytes transaction) throws UnansweredException {
    return asked(call(node, client -> client.handOver(transaction)));
  }

  private static Asked asked(JsonNode json) throws UnansweredException {
    try {
      return new Asked(
          json.path("challenge").asText(),
          Asked.State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT)),
          json.path("index").isIntegralNumber()
              ? OptionalLong.of(json.get("index").longValue())
              : OptionalLong.empty(),
          json.path("code").asText(),
          json.path("message").asText());
    } catch (IllegalArgumentException e) {
      throw new UnansweredException("nonsense", "an answer of another form", e);
    }
  }

  private interface Request<T> {
    T send(ApiClient client) throws ApiException;
  }

  private <T> T call(String node, Request<T> request) throws UnansweredException {
    ApiClient client = directory.client(node);
    AtomicReference<@Nullable T> answer = new AtomicReference<>();
    AtomicReference<@Nullable ApiException> failure = new AtomicReference<>();
    try {
      Polling.REMOTE.await(
          PATIENCE_WITH_BUSY, () -> isOver(node, client, request, answer, failure));
    } catch (InterruptedException e) {
      throw interrupted(node, e);
    }
    T answered = answer.get();
    if (answered != null) {
      return answered;
    }
    ApiException failed = failure.get();
    if (failed == null) {
      throw new IllegalStateException("neither an answer nor a failure");
    }
    throw new UnansweredException(
        failed.code(),
        (failed.status() == 0 ? "" : client.base().getAuthority() + " refuses: ")
            + failed.getMessage(),
        failed);
  }

  private static UnansweredException interrupted(String node, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new UnansweredException("interrupted", "interrupted while waiting for " + node, e);
  }

  private <T> boolean isOver(
      String node,
      ApiClient client,
      Request<T> request,
      AtomicReference<@Nullable T> answer,
      AtomicReference<@Nullable ApiException> failure) {
    try {
      answer.set(request.send(client));
      return true;
    } catch (ApiException e) {
      if (e.isBusy() && failure.get() == null) {
        waiting.accept(
            node
                + " is busy ("
                + e.getMessage()
                + "); asking again for up to "
                + PATIENCE_WITH_BUSY.toSeconds()
                + " s");
      }
      failure.set(e);
      return !e.isBusy();
    }
  }
}
