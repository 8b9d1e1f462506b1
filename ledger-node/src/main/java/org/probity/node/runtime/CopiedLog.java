package org.probity.node.runtime;

import io.vertx.core.Future;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;

/**
 * A ward's log out of what another node keeps of it, for a reader that takes it as if it came from
 * the ward: nothing of it is believed here. The reader verifies it under the ward's own signature
 * either way, or, up to where members have closed the log, under the root in their decision. It
 * ends with the newest checkpoint held there.
 *
 * <p>One request under way at a time. Any thread.
 */
final class CopiedLog implements LogStream {
  private final PeerTransport transport;
  private final String holder;
  private final Hash originHash;
  private final LogStreamReader reader;
  private long next;
  private boolean paused;
  private boolean waits;
  private boolean closed;

  private CopiedLog(
      PeerTransport transport, String holder, Hash originHash, long from, LogStreamReader reader) {
    this.transport = transport;
    this.holder = holder;
    this.originHash = originHash;
    this.next = from;
    this.reader = reader;
  }

  /**
   * Begins to read.
   *
   * @param origin first line of the log's checkpoints
   * @param from the first entry that is missing
   */
  static CopiedLog open(
      PeerTransport transport, String holder, String origin, long from, LogStreamReader reader) {
    Hash originHash = Hash.sha256(Bytes.utf8(origin).unsafeArray());
    CopiedLog copy = new CopiedLog(transport, holder, originHash, from, reader);
    copy.goOn();
    return copy;
  }

  private void goOn() {
    long from;
    synchronized (this) {
      if (closed) {
        return;
      }
      if (paused) {
        waits = true;
        return;
      }
      from = next;
    }
    ask(() -> transport.entries(holder, originHash, from, from + LogFrame.MAX_ENTRIES))
        .onSuccess(this::take)
        .onFailure(this::over);
  }

  private void take(LogFrame frame) {
    synchronized (this) {
      if (closed) {
        return;
      }
      next += frame.entries().size();
    }
    reader.frame(frame);
    goOn();
  }

  private void over(Throwable reason) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    reader.ended(
        reason instanceof PeerFailure failure
            ? failure
            : PeerFailure.of(PeerFailure.Kind.UNREACHABLE, "unreachable", String.valueOf(reason)));
  }

  private interface Question<T> {
    Future<T> ask();
  }

  private static <T> Future<T> ask(Question<T> question) {
    try {
      return question.ask();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public synchronized void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    boolean goesOn;
    synchronized (this) {
      paused = false;
      goesOn = waits;
      waits = false;
    }
    if (goesOn) {
      goOn();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
