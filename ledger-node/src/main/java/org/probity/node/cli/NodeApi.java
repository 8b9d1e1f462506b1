package org.probity.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;

/**
 * A node's REST interface as a client sees it: blocking calls over TLS 1.3 and HTTP/2. Answers
 * other than success become a {@link CliException} with the node's own code. Thread-safe.
 */
public final class NodeApi {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_RETRIES = 20;
  private static final long RETRY_MILLIS = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI base;
  private final HttpClient http;

  private NodeApi(URI base, HttpClient http) {
    this.base = base;
    this.http = http;
  }

  /**
   * The node at a URL.
   *
   * @param url {@code https://host:port}, with or without a final slash
   * @param trust whom to believe; empty for plain HTTP or the JDK's own roots
   */
  public static NodeApi at(String url, Optional<? extends X509TrustManager> trust) {
    URI base;
    try {
      base = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("not a URL: " + url);
    }
    if (!"https".equals(base.getScheme()) && !"http".equals(base.getScheme())) {
      throw CliException.usage("not an https URL: " + url);
    }
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT);
    if (trust.isPresent()) {
      builder.sslContext(context(trust.get())).sslParameters(tls13());
    }
    return new NodeApi(base, builder.build());
  }

  private static SSLContext context(X509TrustManager trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no TLS 1.3", e);
    }
  }

  private static SSLParameters tls13() {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3"});
    return parameters;
  }

  public URI base() {
    return base;
  }

  public JsonNode getJson(String path) {
    return json(get(path));
  }

  /** The body of a successful answer. */
  public byte[] get(String path) {
    return send(HttpRequest.newBuilder(uri(path)).GET()).body();
  }

  /** As {@link #get}; empty for 404. */
  public Optional<byte[]> find(String path) {
    HttpResponse<byte[]> response = exchange(HttpRequest.newBuilder(uri(path)).GET());
    return response.statusCode() == 404
        ? Optional.empty()
        : Optional.of(successful(response).body());
  }

  /** Submits one signed transaction and waits until it is recorded. */
  public JsonNode submit(Bytes statement) {
    return json(post("/v1/transactions", "application/cose", statement));
  }

  /** Submits signed transactions in one request; one result each, in order. */
  public JsonNode submitAll(List<Bytes> statements) {
    CborWriter body = new CborWriter().array(statements.size());
    statements.forEach(body::bytes);
    return json(post("/v1/transactions/bulk", "application/cbor", body.toBytes()));
  }

  private byte[] post(String path, String type, Bytes body) {
    return send(HttpRequest.newBuilder(uri(path))
            .header("content-type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.unsafeArray())))
        .body();
  }

  private URI uri(String path) {
    return URI.create(base + path);
  }

  /** Sends again while the node says that it is busy; it then has recorded nothing. */
  private HttpResponse<byte[]> send(HttpRequest.Builder request) {
    HttpResponse<byte[]> response = exchange(request);
    for (int i = 0; i < MAX_RETRIES && isBusy(response); i++) {
      pause(RETRY_MILLIS * (i + 1));
      response = exchange(request);
    }
    return successful(response);
  }

  private static boolean isBusy(HttpResponse<byte[]> response) {
    return response.statusCode() == 429 || response.statusCode() == 503;
  }

  private HttpResponse<byte[]> exchange(HttpRequest.Builder request) {
    try {
      return http.send(
          request.timeout(REQUEST_TIMEOUT).build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (SSLException e) {
      throw new CliException(
          ExitStatus.UNREACHABLE,
          "tls_failed",
          base + " is not trusted: " + e.getMessage() + " (--ca names the consortium's roots)",
          e);
    } catch (ConnectException | HttpTimeoutException e) {
      throw new CliException(
          ExitStatus.UNREACHABLE, "unreachable", "no answer from " + base + ": is it running?", e);
    } catch (IOException e) {
      throw new CliException(
          ExitStatus.UNREACHABLE, "unreachable", "no answer from " + base + ": " + reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitStatus.ERROR, "interrupted", "interrupted", e);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private HttpResponse<byte[]> successful(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status >= 200 && status < 300) {
      return response;
    }
    String code = "http_" + status;
    String detail = "status " + status;
    try {
      JsonNode problem = JSON.readTree(response.body());
      code = problem.path("code").asText(code);
      detail = problem.path("detail").asText(detail);
    } catch (IOException e) {
      // Not a problem document: the status has to do.
    }
    boolean unauthorised = status == 401 || status == 403 || code.equals("unauthorised");
    throw new CliException(
        unauthorised ? ExitStatus.UNAUTHORISED : ExitStatus.ERROR,
        code,
        base.getAuthority() + " refuses: " + detail);
  }

  private static JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new CliException(
          ExitStatus.ERROR, "bad_answer", "the node's answer is not JSON: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
  }

  /** Waits between two attempts of something. */
  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitStatus.ERROR, "interrupted", "interrupted", e);
    }
  }
}
