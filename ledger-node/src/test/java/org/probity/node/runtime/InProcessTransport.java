package org.probity.node.runtime;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.http.wire.SeenRuns;

/**
 * Peers of one JVM that call one another directly. Nodes that are not there do not answer, but when
 * they are asked how much of a log they know: then one that is not {@link #await awaited} says that
 * it knows nothing, so that nodes of a test can be started one after the other.
 */
final class InProcessTransport {
  private final Map<String, NodeFacade> nodes = new ConcurrentHashMap<>();
  private final Map<String, Played> played = new ConcurrentHashMap<>();
  private final Map<String, Integer> told = new ConcurrentHashMap<>();
  private final Set<String> awaited = ConcurrentHashMap.newKeySet();
  private final Set<String> garbling = ConcurrentHashMap.newKeySet();
  private final Map<String, HeldLog> lies = new ConcurrentHashMap<>();
  private final Set<Snubbed> snubbed = ConcurrentHashMap.newKeySet();
  private final Set<String> muted = ConcurrentHashMap.newKeySet();

  /** Every AUDIT that was given to anybody, as often as it was. */
  final Queue<Bytes> audits = new ConcurrentLinkedQueue<>();

  /** Every challenge that was put to anybody, as often as it was. */
  final Queue<Bytes> challenges = new ConcurrentLinkedQueue<>();

  /** Every checkpoint that was shown to anybody, as often as it was. */
  final Queue<Shown> shown = new ConcurrentLinkedQueue<>();

  record Shown(String by, String to, Bytes checkpoint) {}

  /** Every envelope that was sent to anybody, as often as it was. */
  final Queue<Sent> envelopes = new ConcurrentLinkedQueue<>();

  record Sent(String by, String to, Bytes envelope) {}

  private final Set<String> cut = ConcurrentHashMap.newKeySet();
  private final Set<Withheld> withheld = ConcurrentHashMap.newKeySet();
  private final Set<Following> streams = ConcurrentHashMap.newKeySet();
  private final Executor wire =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "wire");
            thread.setDaemon(true);
            return thread;
          });

  void connect(String node, NodeFacade facade) {
    nodes.put(node, facade);
  }

  /** A node that the test plays: it serves one log and answers envelopes. */
  void play(String node, PublishedLog log, BiFunction<String, Bytes, PeerReply> envelopes) {
    played.put(node, new Played(log, envelopes));
  }

  private record Played(PublishedLog log, BiFunction<String, Bytes, PeerReply> envelopes) {}

  /** What one node says to another. */
  enum Message {
    ENVELOPE,
    CHALLENGE,
    CHECKPOINTS,
    ENTRIES,
    GOVERNANCE,
    HELD,
    STREAM
  }

  private record Withheld(String node, Message message) {}

  /** This node sends nothing of that kind to anybody from now on; what others say reaches it. */
  void withhold(String node, Message... messages) {
    for (Message message : messages) {
      withheld.add(new Withheld(node, message));
    }
  }

  /** It says everything again. */
  void relent(String node) {
    withheld.removeIf(one -> one.node().equals(node));
  }

  private boolean isWithheld(String node, Message message) {
    return withheld.contains(new Withheld(node, message));
  }

  /** This witness is not reached with that node's checkpoints from now on. */
  void snub(String witness, String ward) {
    snubbed.add(new Snubbed(witness, ward));
  }

  /** It is again. */
  void heed(String witness, String ward) {
    snubbed.remove(new Snubbed(witness, ward));
  }

  private record Snubbed(String witness, String ward) {}

  /** What this node holds of others it keeps to itself from now on. */
  void mute(String node) {
    muted.add(node);
  }

  /** Nobody answers for these nodes while they are not there. */
  void await(Collection<String> absent) {
    awaited.addAll(absent);
  }

  /** How often this node has said how much of somebody's log it knows. */
  int told(String node) {
    return told.getOrDefault(node, 0);
  }

  /** Whoever asks this node how much of a log it knows is told that. */
  void lie(String node, HeldLog held) {
    lies.put(node, held);
  }

  /** It says what it knows again. */
  void confess(String node) {
    lies.remove(node);
  }

  /** The last byte of every entry that this node gives away is another one. */
  void garble(String node) {
    garbling.add(node);
  }

  /** It gives away what it has again. */
  void straighten(String node) {
    garbling.remove(node);
  }

  /** It is gone, and the streams of its log end. */
  void disconnect(String node) {
    nodes.remove(node);
    for (Following stream : streams) {
      if (stream.ward.equals(node)) {
        wire.execute(() -> stream.end(node + " is gone"));
      }
    }
  }

  PeerTransport of(String self) {
    return new PeerTransport() {
      @Override
      public Future<PeerReply> envelope(String to, Bytes body) {
        if (isWithheld(self, Message.ENVELOPE)) {
          return Future.failedFuture(self + " sends nothing");
        }
        envelopes.add(new Sent(self, to, body));
        Played other = played.get(to);
        if (other != null) {
          return Future.succeededFuture(other.envelopes().apply(self, Bytes.of(body.toArray())));
        }
        return call(to, (service, bytes) -> service.envelope(self, bytes), body);
      }

      @Override
      public Future<PeerReply> checkpoint(String to, Bytes body) {
        if (muted.contains(self)) {
          return Future.failedFuture(self + " tells nobody");
        }
        shown.add(new Shown(self, to, body));
        return call(to, (service, bytes) -> service.checkpoint(self, bytes), body);
      }

      @Override
      public Future<PeerReply> evidence(String to, Bytes body) {
        return call(to, (service, bytes) -> service.evidence(self, bytes), body);
      }

      @Override
      public Future<PeerReply> challenge(String to, Bytes body) {
        if (isWithheld(self, Message.CHALLENGE)) {
          return Future.failedFuture(self + " challenges nobody");
        }
        challenges.add(body);
        return call(to, (service, bytes) -> service.challenge(self, bytes), body);
      }

      @Override
      public Future<PeerReply> audit(String to, Bytes statement) {
        audits.add(statement);
        return call(to, (service, bytes) -> service.audits().take(self, bytes), statement);
      }

      @Override
      public Future<PeerReply> governance(String to, Bytes request) {
        if (isWithheld(self, Message.GOVERNANCE)) {
          return Future.failedFuture(self + " does not ask");
        }
        return call(to, (service, bytes) -> service.governance().exchange(self, bytes), request);
      }

      @Override
      public Future<PeerReply> run(String to, Bytes sign) {
        if (!nodes.containsKey(to) && !awaited.contains(to)) {
          return Future.succeededFuture(PeerReply.ok(SeenRuns.NOBODY.encode()));
        }
        return call(to, (service, bytes) -> service.run(self, bytes), sign);
      }

      @Override
      public Future<AddCheckpointResponse> addCheckpoint(String to, Bytes request) {
        if (snubbed.contains(new Snubbed(to, self))) {
          return Future.failedFuture("no answer from " + to);
        }
        return call(to, (service, bytes) -> service.witness().add(self, bytes), request);
      }

      @Override
      public Future<Bytes> newestCheckpoint(String of) {
        return Future.failedFuture("not asked in this test");
      }

      @Override
      public Future<Bytes> heldCheckpoint(String by, Hash originHash) {
        return Optional.ofNullable(nodes.get(by))
            .filter(holder -> !isWithheld(by, Message.CHECKPOINTS))
            .flatMap(holder -> holder.replica(originHash))
            .map(log -> Future.succeededFuture(log.checkpoint()))
            .orElseGet(() -> Future.failedFuture("no answer from " + by));
      }

      @Override
      public Future<HeldLog> held(String by, Hash originHash) {
        if (isWithheld(by, Message.HELD)) {
          return Future.failedFuture(by + " does not say what it knows");
        }
        HeldLog lie = lies.get(by);
        if (lie != null) {
          return Future.succeededFuture(lie);
        }
        NodeFacade holder = nodes.get(by);
        return holder != null
            ? holder.held(originHash).onSuccess(held -> told.merge(by, 1, Integer::sum))
            : awaited.contains(by)
                ? Future.failedFuture("no answer from " + by)
                : Future.succeededFuture(HeldLog.NOTHING);
      }

      @Override
      public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
        NodeFacade holder = nodes.get(by);
        if (isWithheld(by, Message.ENTRIES)) {
          return Future.failedFuture(by + " gives nothing away");
        }
        return Optional.ofNullable(holder)
            .flatMap(
                node ->
                    isOwn(node, originHash) ? Optional.of(node.ownLog()) : node.replica(originHash))
            .filter(log -> from < log.size())
            .map(
                log ->
                    LogFrame.chunk(log.checkpoint(), log.entries(), from, Math.min(to, log.size())))
            .map(frame -> garbling.contains(by) ? garbled(frame) : frame)
            .map(Future::succeededFuture)
            .orElseGet(() -> Future.failedFuture("no answer from " + by));
      }

      @Override
      public LogStream stream(String of, long from, LogStreamReader reader) {
        return new Following(self, of, from, reader);
      }
    };
  }

  private static LogFrame garbled(LogFrame frame) {
    List<Bytes> garbled = new ArrayList<>();
    for (Bytes entry : frame.entries()) {
      byte[] bytes = entry.toArray();
      bytes[bytes.length - 1] ^= 1;
      garbled.add(Bytes.wrap(bytes));
    }
    return new LogFrame(frame.checkpoint(), garbled);
  }

  private static boolean isOwn(NodeFacade node, Hash originHash) {
    return Hash.sha256(Bytes.utf8(node.info().origin()).unsafeArray()).equals(originHash);
  }

  private <T> Future<T> call(
      String to, BiFunction<NodeService, Bytes, Future<T>> message, Bytes body) {
    NodeFacade service = nodes.get(to);
    if (service == null || cut.contains(to)) {
      return Future.failedFuture("no answer from " + to);
    }
    return message.apply(service, Bytes.of(body.toArray()));
  }

  private final class Following implements LogStream {
    private final String self;
    private final String ward;
    private final NodeFacade source;
    private final LogStreamReader follower;
    private final NodeService.Registration registration;
    private final AtomicBoolean over = new AtomicBoolean();
    private long next;

    Following(String self, String ward, long from, LogStreamReader follower) {
      this.self = self;
      this.ward = ward;
      this.source = nodes.get(ward);
      this.follower = follower;
      this.next = from;
      if (source == null) {
        registration = () -> {};
        Played other = played.get(ward);
        wire.execute(other == null ? () -> end("no answer from " + ward) : () -> play(other));
      } else {
        registration = source.onGrowth(() -> wire.execute(this::pump));
        streams.add(this);
        wire.execute(this::pump);
      }
    }

    private void play(Played other) {
      try {
        PublishedLog log = other.log();
        while (!over.get() && next < log.size()) {
          LogFrame frame = LogFrame.chunk(log.checkpoint(), log.entries(), next, log.size());
          next += frame.entries().size();
          follower.frame(LogFrame.decode(frame.encode()));
        }
      } catch (Exception e) {
        end(String.valueOf(e.getMessage()));
      }
    }

    private void pump() {
      try {
        while (!over.get() && !isWithheld(ward, Message.STREAM)) {
          PublishedLog log = source.logFor(self, next);
          if (next >= log.size()) {
            return;
          }
          LogFrame frame = LogFrame.chunk(log.checkpoint(), log.entries(), next, log.size());
          next += frame.entries().size();
          follower.frame(LogFrame.decode(frame.encode()));
        }
      } catch (Exception e) {
        end(String.valueOf(e.getMessage()));
      }
    }

    private void end(String reason) {
      if (over.compareAndSet(false, true)) {
        streams.remove(this);
        registration.cancel();
        follower.ended(PeerFailure.of(PeerFailure.Kind.UNREACHABLE, "unreachable", reason));
      }
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void close() {
      over.set(true);
      streams.remove(this);
      registration.cancel();
    }
  }
}
