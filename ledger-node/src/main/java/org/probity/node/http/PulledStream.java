package org.probity.node.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A response body that goes on for as long as both sides live.
 *
 * <p>It pulls: the next piece is made only when the response takes it, so a slow reader costs one
 * piece and the response's write queue, however far it is behind. State lives on the connection's
 * event loop.
 */
final class PulledStream {
  private static final Logger LOG = LoggerFactory.getLogger(PulledStream.class);

  private final Vertx vertx;
  private final Source source;
  private final HttpServerResponse response;
  private final Context context;
  private final long heartBeatMillis;
  private final AtomicBoolean wakeUpScheduled = new AtomicBoolean();
  private boolean wroteSinceBeat;
  private boolean over;
  private long beatTimer;
  private NodeService.Registration growth = () -> {};

  /** What is streamed; asked on the event loop. */
  interface Source {
    /** The next piece, empty if there is none yet. */
    Optional<Buffer> next();

    /** A piece that says nothing but that the stream is alive. */
    Buffer heartBeat();

    /** Whether the reader may have more. */
    boolean stillWelcome();
  }

  PulledStream(Vertx vertx, Source source, Duration heartBeat, HttpServerResponse response) {
    this.vertx = vertx;
    this.source = source;
    this.response = response;
    this.context = vertx.getOrCreateContext();
    this.heartBeatMillis = heartBeat.toMillis();
  }

  /** Starts writing, and goes on whenever {@code service} says that there may be more. */
  void start(NodeService service) {
    response.setChunked(true);
    // Headers leave now, so that the reader knows it is connected before there is anything to read.
    write(source.heartBeat());
    response.drainHandler(drained -> pump());
    beatTimer = vertx.setPeriodic(heartBeatMillis, timer -> beat());
    growth = service.onGrowth(this::wakeUp);
    pump();
  }

  /** From any thread: there may be more to write. */
  private void wakeUp() {
    if (wakeUpScheduled.compareAndSet(false, true)) {
      context.runOnContext(
          turn -> {
            wakeUpScheduled.set(false);
            pump();
          });
    }
  }

  private void pump() {
    if (over || response.writeQueueFull() || !stillWelcome()) {
      return;
    }
    try {
      source
          .next()
          .ifPresent(
              piece -> {
                write(piece);
                // One piece per turn: other connections live on this event loop too.
                wakeUp();
              });
    } catch (RuntimeException e) {
      LOG.error("a stream breaks off", e);
      breakOff();
    }
  }

  private void beat() {
    if (over || !stillWelcome()) {
      return;
    }
    if (!wroteSinceBeat && !response.writeQueueFull()) {
      write(source.heartBeat());
    }
    wroteSinceBeat = false;
  }

  /** A peer that was revoked loses the stream it has. */
  private boolean stillWelcome() {
    if (source.stillWelcome()) {
      return true;
    }
    breakOff();
    return false;
  }

  private void breakOff() {
    stop();
    response.reset();
  }

  private void write(Buffer bytes) {
    wroteSinceBeat = true;
    response.write(bytes);
  }

  /** From any thread: ends the stream after what was written. */
  void end() {
    context.runOnContext(
        turn -> {
          if (!over) {
            stop();
            response.end();
          }
        });
  }

  /** Lets go of everything but the response; idempotent, event loop only. */
  void stop() {
    over = true;
    vertx.cancelTimer(beatTimer);
    growth.cancel();
  }
}
