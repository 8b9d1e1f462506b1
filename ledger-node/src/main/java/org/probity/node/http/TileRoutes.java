package org.probity.node.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TilePath;
import org.probity.detector.log.Tiles;

/**
 * The C2SP tlog-tiles interface of the own log and of the logs held for wards.
 *
 * <p>A copy is served twice. Below {@code /replica} it ends where the newest stored checkpoint
 * does, with the log's signature alone: what this node holds. Below {@code /witness} its checkpoint
 * is the one that this node has cosigned last, as C2SP tlog-witness says; the tiles are the same,
 * for every size.
 *
 * <p>A tile is computed on request out of the stored tree, so every partial tile of every size ever
 * published is there, at most 256 reads each. What does not exist yet is 404 and not cached; a path
 * that never can exist is 400.
 */
final class TileRoutes {
  private static final long YEAR_SECONDS = 365L * 24 * 3600;
  private static final Pattern HASH_HEX = Pattern.compile("[0-9a-f]{64}");

  private final NodeService service;

  TileRoutes(NodeService service) {
    this.service = service;
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.addAll(
        under("/log", exchange -> service.ownLog().checkpoint(), exchange -> service.ownLog()));
    routes.addAll(
        under("/replica/{origin}", exchange -> replica(exchange).checkpoint(), this::replica));
    routes.addAll(under("/witness/{origin}", this::cosigned, this::replica));
    return routes;
  }

  private static List<Route> under(
      String prefix, Function<Exchange, Bytes> checkpoint, Function<Exchange, PublishedLog> log) {
    return List.of(
        Route.get(
            Access.EVERYBODY,
            prefix + "/checkpoint",
            exchange -> Reply.ok(Reply.TEXT, checkpoint.apply(exchange)).cachedFor(1, false)),
        Route.reading(
            Access.EVERYBODY,
            prefix + "/tile/entries/{tile*}",
            exchange -> bundle(log.apply(exchange), exchange)),
        Route.reading(
            Access.EVERYBODY,
            prefix + "/tile/{level}/{tile*}",
            exchange -> tile(log.apply(exchange), exchange)));
  }

  /** Of a log that asks for no cosignatures there is still the copy. */
  private Bytes cosigned(Exchange exchange) {
    return service
        .witness()
        .cosigned(requestedOrigin(exchange))
        .map(SignedNote::bytes)
        .orElseGet(() -> replica(exchange).checkpoint());
  }

  private PublishedLog replica(Exchange exchange) {
    return replica(service, exchange.path("origin"));
  }

  /** The SHA-256 of an origin that the path names. */
  static Hash requestedOrigin(Exchange exchange) {
    return parsed(exchange.path("origin"));
  }

  private static Hash parsed(String originHashHex) {
    if (!HASH_HEX.matcher(originHashHex).matches()) {
      throw Problems.badField("bad_origin_hash", "origin", "64 lower-case hex digits");
    }
    return Hash.fromHex(originHashHex);
  }

  /** The log whose origin has this SHA-256, own or held for a ward. */
  static PublishedLog replica(NodeService service, String originHashHex) {
    Hash origin = parsed(originHashHex);
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

  private static Reply tile(PublishedLog log, Exchange exchange) {
    TilePath path = existing(log, exchange.path("level"), exchange.path("tile"));
    return immutable(Tiles.content(log.entries(), path));
  }

  private static Reply bundle(PublishedLog log, Exchange exchange) {
    TilePath path = existing(log, "entries", exchange.path("tile"));
    long first = path.index() * TilePath.FULL_WIDTH;
    List<Bytes> entries = new ArrayList<>(path.width());
    for (int i = 0; i < path.width(); i++) {
      Bytes entry = log.entries().entry(first + i);
      // Twice: as an entry, and in the bundle that is made of all of them.
      exchange.takeForAnswer(2L * (entry.size() + Short.BYTES));
      entries.add(entry);
    }
    return immutable(Tiles.bundle(entries));
  }

  private static TilePath existing(PublishedLog log, String level, String tile) {
    TilePath path;
    try {
      path = TilePath.parse("tile/" + level + "/" + tile);
    } catch (DecodeException e) {
      throw Problems.undecodable(e);
    }
    if (!Tiles.exists(path, log.size())) {
      throw Problems.notFound("the log is not that long");
    }
    return path;
  }

  private static Reply immutable(Bytes body) {
    return Reply.ok(Reply.BINARY, body).cachedFor(YEAR_SECONDS, true);
  }
}
