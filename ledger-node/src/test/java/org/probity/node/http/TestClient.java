package org.probity.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.probity.detector.codec.DecodeException;
import org.probity.node.http.wire.StrictJson;

/** Any request a stranger might send, and the whole answer. */
final class TestClient {
  private final Vertx vertx;
  private final HttpClientAgent agent;
  private final URI base;

  TestClient(Vertx vertx, URI base, TestIdentity identity, boolean http2) {
    this.vertx = vertx;
    this.base = base;
    HttpClientOptions options = new HttpClientOptions();
    if (base.getScheme().equals("https")) {
      options
          .setSsl(true)
          .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
          .setKeyCertOptions(identity.keyCertOptions())
          .setTrustOptions(identity.trustOptions())
          .setUseAlpn(true)
          .setAlpnVersions(List.of(http2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1))
          .setProtocolVersion(http2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1);
    }
    agent = vertx.createHttpClient(options);
  }

  /** A whole answer. */
  record Answer(int status, MultiMap headers, Buffer body) {
    String header(String name) {
      return headers.get(name);
    }

    String text() {
      return body.toString();
    }

    JsonNode json() {
      try {
        return StrictJson.parse(body.getBytes());
      } catch (DecodeException e) {
        throw new AssertionError("not JSON: " + body, e);
      }
    }

    /** The code of a problem document, checked for its form. */
    String problem() {
      JsonNode json = json();
      String code = json.path("code").asText();
      if (!"application/problem+json".equals(header("content-type"))
          || json.path("status").asInt() != status
          || !json.path("type").asText().equals("urn:probity:error:" + code)
          || !json.path("instance")
              .asText()
              .equals("urn:probity:request:" + header("x-request-id"))) {
        throw new AssertionError("not a problem document: " + headers + body);
      }
      return code;
    }
  }

  Answer get(String path) {
    return send(HttpMethod.GET, path, null, null);
  }

  Answer post(String path, String contentType, Buffer body) {
    return send(HttpMethod.POST, path, contentType, body);
  }

  Answer send(HttpMethod method, String path, String contentType, Buffer body) {
    return RunningNode.get(sendAsync(method, path, contentType, body));
  }

  Future<Answer> sendAsync(HttpMethod method, String path, String contentType, Buffer body) {
    RequestOptions options = options(method, path);
    if (contentType != null) {
      options.putHeader("content-type", contentType);
    }
    return send(options, request -> body == null ? request.send() : request.send(body));
  }

  /** Sends on an event loop: elsewhere an answer may come before anybody listens for its body. */
  Future<Answer> send(
      RequestOptions options, Function<HttpClientRequest, Future<HttpClientResponse>> sending) {
    Promise<Answer> promise = Promise.promise();
    vertx.runOnContext(
        turn ->
            agent
                .request(options)
                .compose(request -> sending.apply(request).compose(TestClient::answer))
                .onComplete(promise));
    return promise.future();
  }

  private static Future<Answer> answer(HttpClientResponse response) {
    return response.body().map(body -> new Answer(response.statusCode(), response.headers(), body));
  }

  RequestOptions options(HttpMethod method, String path) {
    return new RequestOptions()
        .setMethod(method)
        .setHost(base.getHost())
        .setPort(base.getPort())
        .setURI(path);
  }

  HttpClientAgent agent() {
    return agent;
  }
}
