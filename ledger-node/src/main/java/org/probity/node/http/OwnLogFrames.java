package org.probity.node.http;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.probity.node.http.wire.LengthPrefix;
import org.probity.node.http.wire.LogFrame;

/**
 * The own log for one peer, frame after frame. It aims at one checkpoint at a time and takes the
 * next newest when it gets there, so that the reader can verify what it has.
 */
final class OwnLogFrames implements PulledStream.Source {
  static final String CONTENT_TYPE = "application/vnd.probity.log-stream";

  private final NodeService service;
  private final String peer;
  private PublishedLog target;
  private long next;

  OwnLogFrames(NodeService service, String peer, PublishedLog target, long from) {
    this.service = service;
    this.peer = peer;
    this.target = target;
    this.next = from;
  }

  @Override
  public Optional<Buffer> next() {
    if (next >= target.size()) {
      target = service.logFor(peer, next);
    }
    if (next >= target.size()) {
      return Optional.empty();
    }
    LogFrame frame = LogFrame.chunk(target.checkpoint(), target.entries(), next, target.size());
    next += frame.entries().size();
    return Optional.of(LengthPrefix.encode(frame.encode()));
  }

  @Override
  public Buffer heartBeat() {
    return LengthPrefix.HEART_BEAT;
  }

  @Override
  public boolean stillWelcome() {
    return service.isCurrentNode(peer);
  }
}
