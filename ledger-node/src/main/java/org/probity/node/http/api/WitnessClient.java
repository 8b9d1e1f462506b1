package org.probity.node.http.api;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.tls.PinnedTrust;

/**
 * A C2SP witness anywhere (tlog-witness): cosigns checkpoints of logs that it was told of. Nothing
 * of its answers is verified here but their length. Thread-safe.
 */
public final class WitnessClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final URI addCheckpoint;
  private final HttpClient http;

  private WitnessClient(URI addCheckpoint, HttpClient http) {
    this.addCheckpoint = addCheckpoint;
    this.http = http;
  }

  /**
   * The witness at a submission prefix, {@code https} or {@code http}.
   *
   * @param roots whom to believe; empty for the JDK's own roots
   * @throws IllegalArgumentException if it is no such URL
   */
  public static WitnessClient at(String prefix, List<X509Certificate> roots) {
    URI url = URI.create((prefix.endsWith("/") ? prefix : prefix + "/") + "add-checkpoint");
    boolean isHttp = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
    if (!isHttp || url.getHost() == null) {
      throw new IllegalArgumentException("not an https or http URL: " + prefix);
    }
    HttpClient.Builder http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT);
    if (!roots.isEmpty()) {
      http.sslContext(ApiTls.context(PinnedTrust.toHost(roots)));
    }
    return new WitnessClient(url, http.build());
  }

  /** Asks for a cosignature. */
  public CompletableFuture<AddCheckpointResponse> add(Bytes request) {
    return http.sendAsync(
            HttpRequest.newBuilder(addCheckpoint)
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.toArray()))
                .build(),
            BoundedAnswer.ofAtMost(AddCheckpointResponse.MAX_BYTES))
        .thenApply(WitnessClient::response);
  }

  private static AddCheckpointResponse response(HttpResponse<byte[]> answer) {
    String type = answer.headers().firstValue("content-type").orElse("");
    return AddCheckpointResponse.read(answer.statusCode(), type, Bytes.wrap(answer.body()));
  }
}
