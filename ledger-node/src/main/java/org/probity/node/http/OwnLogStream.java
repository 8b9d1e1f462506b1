package org.probity.node.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.probity.node.http.wire.LengthPrefix;
import org.probity.node.http.wire.LogFrame;

/**
 * The own log, entry after entry, to one peer, for as long as both live.
 *
 * <p>It pulls: a frame is read from the log only when the response takes it, so a slow reader costs
 * one frame and the response's write queue, however far it is behind. It aims at one checkpoint at
 * a time and takes the next newest when it gets there, so that the reader can verify what it has.
 * State lives on the connection's event loop.
 */
final class OwnLogStream {
  private final Vertx vertx;
  private final NodeService service;
  private final String peer;
  private final HttpServerResponse response;
  private final Context context;
  private final long heartBeatMillis;
  private final AtomicBoolean wakeUpScheduled = new AtomicBoolean();
  private long next;
  private PublishedLog target;
  private boolean wroteSinceBeat;
  private boolean over;
  private long beatTimer;
  private NodeService.Registration growth = () -> {};

  OwnLogStream(
      Vertx vertx,
      NodeService service,
      String peer,
      long from,
      Duration heartBeat,
      HttpServerResponse response) {
    this.vertx = vertx;
    this.service = service;
    this.peer = peer;
    this.response = response;
    this.context = vertx.getOrCreateContext();
    this.heartBeatMillis = heartBeat.toMillis();
    this.next = from;
    this.target = service.logFor(peer);
  }

  void start() {
    response.setChunked(true);
    // Headers leave now, so that the reader knows it is connected before there is anything to read.
    write(LengthPrefix.HEART_BEAT);
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
    if (over) {
      return;
    }
    if (next >= target.size()) {
      target = service.logFor(peer);
    }
    if (next >= target.size() || response.writeQueueFull() || !stillWelcome()) {
      return;
    }
    LogFrame frame = LogFrame.chunk(target.checkpoint(), target.entries(), next, target.size());
    next += frame.entries().size();
    write(LengthPrefix.encode(frame.encode()));
    if (!response.writeQueueFull()) {
      // One frame per turn: other connections live on this event loop too.
      wakeUp();
    }
  }

  private void beat() {
    if (over || !stillWelcome()) {
      return;
    }
    if (!wroteSinceBeat && !response.writeQueueFull()) {
      write(LengthPrefix.HEART_BEAT);
    }
    wroteSinceBeat = false;
  }

  /** A peer that was revoked loses the stream it has. */
  private boolean stillWelcome() {
    if (service.isCurrentNode(peer)) {
      return true;
    }
    stop();
    response.reset();
    return false;
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
