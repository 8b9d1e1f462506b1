package org.probity.node.http.peer;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.KeyCertOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;

/** {@link PeerTransport} over HTTP/2 and mutual TLS. Thread-safe; close it with the node. */
public final class PeerClient implements PeerTransport {
  private final PeerConnector connector;
  private final PeerLimits limits;
  private final Vertx vertx;
  private final Context context;
  private final Map<String, HttpClientAgent> agents = new ConcurrentHashMap<>();

  /**
   * @param key what this node shows
   * @param trust whom it believes
   */
  public PeerClient(
      Vertx vertx, KeyCertOptions key, PeerTrust trust, AddressBook addresses, PeerLimits limits) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.limits = limits;
    this.connector = new PeerConnector(vertx, key, trust, addresses, limits);
  }

  @Override
  public Future<PeerReply> envelope(String to, Bytes body) {
    return post(to, "/peer/v1/envelope", body);
  }

  @Override
  public Future<PeerReply> checkpoint(String to, Bytes body) {
    return post(to, "/peer/v1/checkpoint", body);
  }

  @Override
  public Future<PeerReply> evidence(String to, Bytes body) {
    return post(to, "/peer/v1/evidence", body);
  }

  @Override
  public Future<PeerReply> challenge(String to, Bytes body) {
    return post(to, "/peer/v1/challenge", body);
  }

  @Override
  public Future<PeerReply> audit(String to, Bytes statement) {
    return post(to, "/peer/v1/audit", statement);
  }

  @Override
  public Future<PeerReply> governance(String to, Bytes request) {
    return post(to, "/peer/v1/governance", request);
  }

  @Override
  public Future<PeerReply> run(String to, Bytes sign) {
    return post(to, "/peer/v1/run", sign);
  }

  @Override
  public Future<AddCheckpointResponse> addCheckpoint(String to, Bytes request) {
    return onContext(
        () -> new PeerExchange(vertx, connector, limits).addCheckpoint(agent(to), to, request));
  }

  @Override
  public Future<Bytes> newestCheckpoint(String of) {
    return get(of, "/log/checkpoint");
  }

  @Override
  public Future<Bytes> heldCheckpoint(String by, Hash originHash) {
    return get(by, "/replica/" + originHash.toHex() + "/checkpoint");
  }

  @Override
  public Future<HeldLog> held(String by, Hash originHash) {
    return get(by, "/peer/v1/log/" + originHash.toHex() + "/held")
        .compose(
            bytes -> {
              try {
                return Future.succeededFuture(HeldLog.decode(bytes));
              } catch (DecodeException e) {
                return Future.failedFuture(nonsense(String.valueOf(e.getMessage())));
              }
            });
  }

  @Override
  public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
    String path = "/peer/v1/log/" + originHash.toHex() + "/entries?from=" + from + "&to=" + to;
    return get(by, path).compose(bytes -> frame(bytes, to - from));
  }

  private static Future<LogFrame> frame(Bytes bytes, long most) {
    try {
      LogFrame frame = LogFrame.decode(bytes);
      return frame.entries().isEmpty() || frame.entries().size() > most
          ? Future.failedFuture(nonsense("not the entries asked for"))
          : Future.succeededFuture(frame);
    } catch (DecodeException e) {
      return Future.failedFuture(nonsense(String.valueOf(e.getMessage())));
    }
  }

  private static PeerFailure nonsense(String message) {
    return PeerFailure.of(PeerFailure.Kind.NONSENSE, "nonsense", message);
  }

  @Override
  public LogStream stream(String of, long from, LogStreamReader reader) {
    IncomingLog incoming = new IncomingLog(vertx, context, limits, reader);
    context.runOnContext(
        turn ->
            connector
                .open(agent(of), of, HttpMethod.GET, "/peer/v1/stream?from=" + from)
                .compose(
                    request -> {
                      incoming.belongsTo(request);
                      // Here, in the turn that sends: later, the first bytes may be lost.
                      return request.send().onSuccess(incoming::opened);
                    })
                .onFailure(failure -> incoming.end(PeerConnector.failure(of, failure))));
    return incoming;
  }

  /**
   * Shows another certificate from now on: requests take a new connection, which resumes none from
   * before. What is under way goes on over the former one, which ends when it is idle.
   */
  public Future<Void> show(KeyCertOptions key) {
    // First, for agents that are just being made.
    connector.show(key);
    List<Future<Boolean>> updates = new ArrayList<>();
    agents.forEach((node, agent) -> updates.add(agent.updateSSLOptions(connector.tls(node), true)));
    return Future.join(updates).mapEmpty();
  }

  /** Closes the connection to a node, for example because it was revoked. */
  public void disconnect(String node) {
    HttpClientAgent agent = agents.remove(node);
    if (agent != null) {
      agent.close();
    }
  }

  /** Closes what is open to nodes whose certificate there is revoked by now. */
  public void closeRevoked() {
    connector.closeRevoked();
  }

  /** Closes all connections. */
  public Future<Void> close() {
    List<Future<Void>> closing = agents.values().stream().map(HttpClientAgent::close).toList();
    agents.clear();
    return Future.join(closing).mapEmpty();
  }

  private HttpClientAgent agent(String node) {
    return agents.computeIfAbsent(node, connector::agent);
  }

  private Future<PeerReply> post(String to, String path, Bytes body) {
    return onContext(
        () -> new PeerExchange(vertx, connector, limits).post(agent(to), to, path, body));
  }

  private Future<Bytes> get(String from, String path) {
    return onContext(() -> new PeerExchange(vertx, connector, limits).get(agent(from), from, path));
  }

  /** On one event loop: elsewhere an answer may come before anybody listens for its body. */
  private <T> Future<T> onContext(Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        turn -> {
          Future<T> done;
          try {
            done = action.get();
          } catch (RuntimeException e) {
            // Whoever waits must hear of it, or waits for ever.
            done = Future.failedFuture(e);
          }
          done.onComplete(promise);
        });
    return promise.future();
  }
}
