package org.probity.node.http;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.wire.TilePath;

/**
 * The C2SP tlog-tiles interface of the own log and of the logs held for wards.
 *
 * <p>A tile is computed on request out of the stored tree, so every partial tile of every size ever
 * published is there, at most 256 reads each. What does not exist yet is 404 and not cached; a path
 * that never can exist is 400.
 */
final class TileRoutes {
  private static final long YEAR_SECONDS = 365L * 24 * 3600;
  private static final int LEVELS_PER_TILE = 8;
  private static final int MAX_TILE_LEVEL = 7;
  private static final Pattern HASH_HEX = Pattern.compile("[0-9a-f]{64}");

  private final NodeService service;

  TileRoutes(NodeService service) {
    this.service = service;
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>(under("/log", exchange -> service.ownLog()));
    routes.addAll(under("/witness/{origin}", this::replica));
    return routes;
  }

  private static List<Route> under(String prefix, Function<Exchange, PublishedLog> log) {
    return List.of(
        Route.get(prefix + "/checkpoint", exchange -> checkpoint(log.apply(exchange))),
        Route.get(
            prefix + "/tile/entries/{tile*}", exchange -> bundle(log.apply(exchange), exchange)),
        Route.get(
            prefix + "/tile/{level}/{tile*}", exchange -> tile(log.apply(exchange), exchange)));
  }

  private PublishedLog replica(Exchange exchange) {
    return replica(service, exchange.path("origin"));
  }

  /** The log whose origin has this SHA-256, own or held for a ward. */
  static PublishedLog replica(NodeService service, String originHashHex) {
    if (!HASH_HEX.matcher(originHashHex).matches()) {
      throw Problems.badField("bad_origin_hash", "origin", "64 lower-case hex digits");
    }
    Hash origin = Hash.fromHex(originHashHex);
    if (origin.equals(originHash(service.info().origin()))) {
      return service.ownLog();
    }
    return service
        .replica(origin)
        .orElseThrow(() -> Problems.notFound("this node holds no log of that origin"));
  }

  static Hash originHash(String origin) {
    return Hash.sha256(Bytes.utf8(origin).unsafeArray());
  }

  private static Reply checkpoint(PublishedLog log) {
    return Reply.ok(Reply.TEXT, log.checkpoint()).cachedFor(1, false);
  }

  private static Reply tile(PublishedLog log, Exchange exchange) {
    long level = exchange.pathNumber("level");
    if (level > MAX_TILE_LEVEL) {
      throw Problems.badField("bad_tile", "level", "tile levels go from 0 to " + MAX_TILE_LEVEL);
    }
    int treeLevel = LEVELS_PER_TILE * (int) level;
    TilePath tile = existing(exchange, log.size() >>> treeLevel);
    Buffer body = Buffer.buffer(tile.width() * Hash.BYTES);
    for (int i = 0; i < tile.width(); i++) {
      body.appendBytes(log.entries().node(treeLevel, tile.first() + i).unsafeArray());
    }
    return immutable(body);
  }

  private static Reply bundle(PublishedLog log, Exchange exchange) {
    TilePath tile = existing(exchange, log.size());
    Buffer body = Buffer.buffer();
    for (int i = 0; i < tile.width(); i++) {
      Bytes entry = log.entries().entry(tile.first() + i);
      body.appendUnsignedShort(entry.size()).appendBytes(entry.unsafeArray());
    }
    return immutable(body);
  }

  private static TilePath existing(Exchange exchange, long placesInLevel) {
    TilePath tile =
        TilePath.parse(exchange.path("tile"))
            .orElseThrow(
                () -> Problems.badField("bad_tile", "tile", "as in x001/234 or x001/234.p/17"));
    if (tile.first() + tile.width() > placesInLevel) {
      throw Problems.notFound("the log is not that long");
    }
    return tile;
  }

  private static Reply immutable(Buffer body) {
    return Reply.of(200, Reply.BINARY, body).cachedFor(YEAR_SECONDS, true);
  }
}
