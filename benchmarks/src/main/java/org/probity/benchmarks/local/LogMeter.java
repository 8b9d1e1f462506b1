package org.probity.benchmarks.local;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.TrustOptions;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.TilePath;
import org.probity.detector.log.Tiles;

/** How long a node's log is, in entries and in bytes, as anyone can read it over HTTP. */
final class LogMeter implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 30;
  private static final int OK = 200;

  /** Entries in a full bundle. */
  private static final int BUNDLE = 256;

  /** Bundles that are read at most; a longer log is sampled evenly. */
  private static final int MAX_BUNDLES = 200;

  private final HttpClientAgent client;
  private final URI logUrl;

  LogMeter(Vertx vertx, URI clientUrl, TrustOptions trust) {
    this.logUrl = URI.create(clientUrl + "/log");
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setTrustOptions(trust));
  }

  /** Entries under the newest checkpoint. */
  long size() {
    // c2sp.org/tlog-checkpoint: origin, size, root.
    return Long.parseLong(get("/checkpoint").toString().lines().skip(1).findFirst().orElseThrow());
  }

  /**
   * The mean size of the entries in {@code [from, to)}: of all of them, or of those in evenly
   * spread {@value #MAX_BUNDLES} bundles if there are more.
   *
   * @param to a size the node has published
   */
  double meanEntryBytes(long from, long to) {
    if (from >= to) {
      throw new IllegalArgumentException("no entries from " + from + " to " + to);
    }
    long first = from / BUNDLE;
    long bundles = (to - 1) / BUNDLE - first + 1;
    long step = (bundles + MAX_BUNDLES - 1) / MAX_BUNDLES;
    long bytes = 0;
    long count = 0;
    for (long bundle = first; bundle < first + bundles; bundle += step) {
      long start = bundle * BUNDLE;
      List<Bytes> entries = bundle(bundle, (int) Math.min(BUNDLE, to - start));
      for (int i = (int) Math.max(0, from - start); i < entries.size(); i++) {
        bytes += entries.get(i).size();
        count++;
      }
    }
    return (double) bytes / count;
  }

  private List<Bytes> bundle(long number, int width) {
    String path = "/" + new TilePath(TilePath.ENTRIES, number, width).format();
    Buffer bundle = get(path);
    try {
      return Tiles.entries(Bytes.wrap(bundle.getBytes()), width);
    } catch (DecodeException e) {
      throw new IllegalStateException(
          path + " has " + bundle.length() + " bytes and cannot be read", e);
    }
  }

  private Buffer get(String path) {
    Future<Buffer> body =
        client
            .request(HttpMethod.GET, logUrl.getPort(), logUrl.getHost(), logUrl.getPath() + path)
            // Nested: a body that comes while nobody has asked for it yet would be lost, and only
            // in here nothing can come between.
            .compose(request -> request.send().compose(LogMeter::requireOk));
    try {
      return body.toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot read " + logUrl + path, e);
    }
  }

  private static Future<Buffer> requireOk(HttpClientResponse response) {
    return response.statusCode() == OK
        ? response.body()
        : Future.failedFuture("status " + response.statusCode());
  }

  @Override
  public void close() {
    client.close();
  }
}
