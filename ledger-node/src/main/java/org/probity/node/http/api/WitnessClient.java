package org.probity.node.http.api;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.tls.PinnedTrust;

/**
 * A C2SP witness anywhere (tlog-witness): cosigns checkpoints of logs that it was told of. Nothing
 * of its answers is verified here but their length, and that they come in time. Thread-safe.
 */
public final class WitnessClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final URI addCheckpoint;
  private final HttpClient http;
  private final Duration timeout;

  private WitnessClient(URI addCheckpoint, HttpClient http, Duration timeout) {
    this.addCheckpoint = addCheckpoint;
    this.http = http;
    this.timeout = timeout;
  }

  /**
   * The witnesses at submission prefixes, {@code https} or {@code http}, in the same order; they
   * share their threads.
   *
   * @param roots whom to believe; empty for the JDK's own roots
   * @throws IllegalArgumentException if one is no such URL
   */
  public static List<WitnessClient> at(List<String> prefixes, List<X509Certificate> roots) {
    return at(prefixes, roots, TIMEOUT);
  }

  /** The same, waiting for an answer's last byte no longer than that. */
  static List<WitnessClient> at(
      List<String> prefixes, List<X509Certificate> roots, Duration timeout) {
    List<URI> urls = prefixes.stream().map(WitnessClient::url).toList();
    HttpClient.Builder http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT);
    if (!roots.isEmpty()) {
      http.sslContext(ApiTls.context(PinnedTrust.toHost(roots), null));
    }
    HttpClient shared = http.build();
    return urls.stream().map(url -> new WitnessClient(url, shared, timeout)).toList();
  }

  private static URI url(String prefix) {
    URI url = URI.create((prefix.endsWith("/") ? prefix : prefix + "/") + "add-checkpoint");
    boolean isHttp = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
    if (!isHttp || url.getHost() == null) {
      throw new IllegalArgumentException("not an https or http URL: " + prefix);
    }
    return url;
  }

  /** Asks for a cosignature. */
  public CompletableFuture<AddCheckpointResponse> add(Bytes request) {
    CompletableFuture<HttpResponse<byte[]>> sent =
        http.sendAsync(
            HttpRequest.newBuilder(addCheckpoint)
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.toArray()))
                .build(),
            BoundedAnswer.ofAtMost(AddCheckpointResponse.MAX_BYTES));
    // Not by a timeout of the request: that is over with the answer's headers (JDK-8258397).
    return sent.copy()
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(
            failure -> {
              if (failure instanceof TimeoutException) {
                sent.cancel(true);
                return CompletableFuture.failedFuture(
                    new HttpTimeoutException(
                        "no whole answer within " + timeout.toMillis() + " ms"));
              }
              return CompletableFuture.failedFuture(failure);
            })
        .thenApply(WitnessClient::response);
  }

  private static AddCheckpointResponse response(HttpResponse<byte[]> answer) {
    String type = answer.headers().firstValue("content-type").orElse("");
    return AddCheckpointResponse.read(answer.statusCode(), type, Bytes.wrap(answer.body()));
  }
}
