package org.probity.node.runtime;

import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the logs of all wards: one stream each, opened again with backoff when it breaks off or
 * brings something unusable. Lives on one event loop context.
 */
final class Wards {
  private static final Logger LOG = LoggerFactory.getLogger(Wards.class);

  static final long FIRST_BACKOFF_MILLIS = 100;
  static final long LAST_BACKOFF_MILLIS = 5_000;

  /** Frames that wait for a ward's worker; beyond it the stream pauses. */
  static final int MAX_WAITING_FRAMES = 16;

  private final Vertx vertx;
  private final PeerTransport transport;
  private final Map<String, Follow> follows = new TreeMap<>();
  private final AtomicBoolean stopped = new AtomicBoolean();

  Wards(Vertx vertx, PeerTransport transport, Collection<Ward> wards) {
    this.vertx = vertx;
    this.transport = transport;
    wards.forEach(ward -> follows.put(ward.node(), new Follow(ward)));
  }

  void start() {
    // Streams first: what an audit remembers may take a while to be read.
    follows.values().forEach(Follow::open);
    follows.values().forEach(follow -> follow.ward.start());
  }

  void stop() {
    stopped.set(true);
    follows.values().forEach(follow -> follow.ward.stop());
    follows.values().forEach(Follow::cancel);
  }

  Optional<Ward> ward(String node) {
    return Optional.ofNullable(follows.get(node)).map(follow -> follow.ward);
  }

  Collection<Ward> all() {
    return follows.values().stream().map(follow -> follow.ward).toList();
  }

  /** Keeps one ward's log coming. */
  private final class Follow {
    private final Ward ward;
    private long backoffMillis = FIRST_BACKOFF_MILLIS;
    private boolean wasAway;
    private @Nullable Stream stream;

    Follow(Ward ward) {
      this.ward = ward;
    }

    void open() {
      if (!stopped.get()) {
        ward.expectFrom(from -> vertx.runOnContext(ignored -> openAt(from)));
      }
    }

    private synchronized void openAt(long from) {
      if (!stopped.get()) {
        Stream opened = new Stream(this);
        stream = opened;
        opened.connect(transport.stream(ward.node(), from, opened));
      }
    }

    private synchronized void progressed() {
      backoffMillis = FIRST_BACKOFF_MILLIS;
      if (wasAway) {
        wasAway = false;
        ward.returned();
      }
    }

    /** A stream is over; the next one is opened after a pause, once. */
    private synchronized void over(Stream ended) {
      if (stream == ended) {
        cancel();
        wasAway = true;
        if (!stopped.get()) {
          vertx.setTimer(backoffMillis, timer -> open());
          backoffMillis = Math.min(2 * backoffMillis, LAST_BACKOFF_MILLIS);
        }
      }
    }

    synchronized void cancel() {
      Stream open = stream;
      stream = null;
      if (open != null) {
        open.close();
      }
    }
  }

  /** One connection to a ward's log. */
  private static final class Stream implements LogStreamReader {
    private final Follow follow;
    private @Nullable LogStream connection;
    private boolean closed;
    private int waiting;
    private boolean paused;

    Stream(Follow follow) {
      this.follow = follow;
    }

    synchronized void connect(LogStream opened) {
      connection = opened;
      if (closed) {
        opened.close();
      }
    }

    synchronized void close() {
      closed = true;
      if (connection != null) {
        connection.close();
      }
    }

    @Override
    public void frame(LogFrame frame) {
      if (took()) {
        follow.ward.frame(frame, this::unusable, follow::progressed, this::handled);
      }
    }

    /** Counts a frame in; what a closed stream still brings is dropped. */
    private synchronized boolean took() {
      waiting++;
      if (waiting >= MAX_WAITING_FRAMES && connection != null && !paused) {
        paused = true;
        connection.pause();
      }
      return !closed;
    }

    private synchronized void handled() {
      waiting--;
      if (paused && connection != null && waiting <= MAX_WAITING_FRAMES / 2) {
        paused = false;
        connection.resume();
      }
    }

    @Override
    public void ended(PeerFailure reason) {
      LOG.debug("the stream of {} ended: {}", follow.ward.node(), reason.code());
      follow.over(this);
    }

    private void unusable(String code) {
      LOG.info("{} has sent what is not its log: {}", follow.ward.node(), code);
      follow.over(this);
    }
  }
}
