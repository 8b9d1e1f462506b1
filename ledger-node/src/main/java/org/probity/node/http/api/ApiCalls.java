package org.probity.node.http.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.node.http.wire.StrictJson;

/** Requests and what their answers mean. Thread-safe. */
final class ApiCalls {
  private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(40);

  private final String base;
  private final HttpClient http;
  private final Optional<String> token;

  /**
   * @param base of all paths, without a final slash
   * @param token sent with each request
   */
  ApiCalls(String base, HttpClient http, Optional<String> token) {
    this.base = base;
    this.http = http;
    this.token = token;
  }

  CompletableFuture<byte[]> get(String path) {
    return send(request(path).GET());
  }

  CompletableFuture<byte[]> post(String path, String mediaType, Bytes body) {
    return send(
        request(path)
            .header("content-type", mediaType)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.unsafeArray())));
  }

  /** Opens a stream of lines; what is wrong with it is told to {@code lines}. */
  void stream(String path, EventStream lines) {
    @SuppressWarnings("unused")
    CompletableFuture<?> told =
        http.sendAsync(
                request(path).header("accept", "text/event-stream").GET().build(),
                head ->
                    head.statusCode() == 200
                        ? new BoundedLines(lines, EventStream.MAX_LINE_BYTES)
                        : HttpResponse.BodySubscribers.replacing(null))
            .whenComplete(
                (response, failure) -> {
                  if (failure != null) {
                    lines.fail(noAnswer(failure));
                  } else if (response.statusCode() != 200) {
                    lines.fail(
                        ApiException.problem(
                            response.statusCode(),
                            "status_" + response.statusCode(),
                            "no events",
                            OptionalInt.empty()));
                  }
                });
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
    token.ifPresent(secret -> request.header("authorization", "Bearer " + secret));
    return request;
  }

  private CompletableFuture<byte[]> send(HttpRequest.Builder request) {
    return http.sendAsync(
            request.timeout(TIMEOUT).build(), BoundedAnswer.ofAtMost(MAX_ANSWER_BYTES))
        .handle(
            (response, failure) -> {
              if (failure != null) {
                throw new CompletionException(noAnswer(failure));
              }
              if (response.statusCode() != 200) {
                throw new CompletionException(problem(response));
              }
              return response.body();
            });
  }

  private ApiException noAnswer(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String code =
        cause instanceof SSLException
            ? "tls_failed"
            : cause instanceof HttpTimeoutException && !(cause instanceof ConnectException)
                ? "timed_out"
                : "unreachable";
    return ApiException.noAnswer(code, "no answer from " + base + ": " + cause, cause);
  }

  private static ApiException problem(HttpResponse<byte[]> response) {
    String code = "status_" + response.statusCode();
    String detail = "no problem document";
    try {
      JsonNode json = StrictJson.parse(response.body());
      code = json.path("code").asText(code);
      detail = json.path("detail").asText(detail);
    } catch (DecodeException e) {
      // Something between us and the node answered; the status has to do.
      detail = "not a problem document: " + e.getMessage();
    }
    return ApiException.problem(response.statusCode(), code, detail, retryAfter(response));
  }

  private static OptionalInt retryAfter(HttpResponse<byte[]> response) {
    return response.headers().firstValue("retry-after").stream()
        .filter(seconds -> seconds.matches("[0-9]{1,5}"))
        .mapToInt(Integer::parseInt)
        .findFirst();
  }

  /** Waits for an answer. */
  static <T> T await(CompletableFuture<T> answer) throws ApiException {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.noAnswer("interrupted", "interrupted while waiting for an answer", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiException known) {
        throw known;
      }
      throw new IllegalStateException("a request failed in an unexpected way", e);
    }
  }

  static JsonNode json(byte[] body) {
    try {
      return StrictJson.parse(body);
    } catch (DecodeException e) {
      throw new CompletionException(
          ApiException.noAnswer("nonsense", "the answer is not JSON", new IOException(e)));
    }
  }
}
