package org.probity.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.URI;
import java.util.Set;

/** A node's client listener over HTTP/2 and TLS 1.3: {@code POST /v1/transactions/bulk}. */
public final class HttpLoadTarget implements LoadTarget, AutoCloseable {
  private static final int OK = 200;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int WINDOW_BYTES = 4 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClientAgent client;
  private final RequestOptions bulk;

  /**
   * @param trust the consortium's roots
   * @param connections that the requests are spread over
   */
  public HttpLoadTarget(Vertx vertx, URI clientUrl, TrustOptions trust, int connections) {
    client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setTrustOptions(trust)
                .setHttp2ConnectionWindowSize(WINDOW_BYTES),
            new PoolOptions().setHttp2MaxSize(connections));
    bulk =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(clientUrl.getHost())
            .setPort(clientUrl.getPort())
            .setURI("/v1/transactions/bulk")
            .putHeader("content-type", "application/cbor");
  }

  @Override
  public Future<Answer> send(Load load) {
    return client
        .request(bulk)
        .compose(
            request ->
                request
                    .send(load.body())
                    .compose(
                        response -> response.body().map(body -> answer(load, response, body))));
  }

  private static Answer answer(Load load, HttpClientResponse response, Buffer body) {
    if (response.statusCode() == TOO_MANY_REQUESTS) {
      String seconds = response.getHeader("retry-after");
      return Answer.retryAfter(seconds == null ? 1000 : 1000L * Integer.parseInt(seconds));
    }
    if (response.statusCode() != OK) {
      throw new IllegalStateException(
          "the node answered " + response.statusCode() + ": " + body.toString());
    }
    requireExecuted(load, body);
    return Answer.DONE;
  }

  private static void requireExecuted(Load load, Buffer body) {
    try {
      JsonNode results = JSON.readTree(body.getBytes());
      if (results.size() != load.statements()) {
        throw new IllegalStateException(
            results.size() + " results for " + load.statements() + " statements");
      }
      for (JsonNode result : results) {
        if (!result.path("outcome").path("code").asText().equals("ok")) {
          throw new IllegalStateException("not executed: " + result);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the node's answer is not JSON", e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
