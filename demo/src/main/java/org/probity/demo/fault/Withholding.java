package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;

/**
 * Shows witnesses nothing of what a cheat has logged until the receiver of what it made up has
 * answered, so that nobody can warn the receiver: otherwise it is a race between money and proof,
 * which the proof wins now and then. Thread-safe.
 */
final class Withholding {
  private final BooleanSupplier cheating;
  private @Nullable PublishedLog honest;
  private boolean answered;

  Withholding(BooleanSupplier cheating) {
    this.cheating = cheating;
  }

  /** What witnesses may see of the log. */
  synchronized PublishedLog streamed(PublishedLog newest) {
    if (honest == null || answered || !cheating.getAsBoolean()) {
      honest = newest;
    }
    return honest;
  }

  /** Tells of the answer to what was withheld, before the node itself hears of it. */
  PeerTransport watching(PeerTransport truth) {
    return new Watching(truth);
  }

  private synchronized void answered(Envelope envelope) {
    PublishedLog shown = honest;
    for (Bytes send : envelope.receive().sends()) {
      answered |= shown != null && cheating.getAsBoolean() && index(send) >= shown.size();
    }
  }

  private static long index(Bytes send) {
    try {
      return Entry.decode(send).index();
    } catch (DecodeException e) {
      throw new IllegalStateException("the own message is malformed", e);
    }
  }

  private final class Watching implements PeerTransport {
    private final PeerTransport truth;

    Watching(PeerTransport truth) {
      this.truth = truth;
    }

    @Override
    public Future<PeerReply> envelope(String to, Bytes body) {
      return truth
          .envelope(to, body)
          .map(
              reply -> {
                if (reply.status() != PeerReply.WRONG_BASE) {
                  answered(decoded(body));
                }
                return reply;
              });
    }

    private static Envelope decoded(Bytes body) {
      try {
        return Envelope.decode(body);
      } catch (DecodeException e) {
        throw new IllegalStateException("the own envelope is malformed", e);
      }
    }

    @Override
    public Future<PeerReply> checkpoint(String to, Bytes body) {
      return truth.checkpoint(to, body);
    }

    @Override
    public Future<PeerReply> evidence(String to, Bytes body) {
      return truth.evidence(to, body);
    }

    @Override
    public Future<PeerReply> challenge(String to, Bytes body) {
      return truth.challenge(to, body);
    }

    @Override
    public Future<PeerReply> audit(String to, Bytes statement) {
      return truth.audit(to, statement);
    }

    @Override
    public Future<PeerReply> governance(String to, Bytes request) {
      return truth.governance(to, request);
    }

    @Override
    public Future<Bytes> newestCheckpoint(String of) {
      return truth.newestCheckpoint(of);
    }

    @Override
    public Future<Bytes> heldCheckpoint(String by, Hash originHash) {
      return truth.heldCheckpoint(by, originHash);
    }

    @Override
    public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
      return truth.entries(by, originHash, from, to);
    }

    @Override
    public LogStream stream(String of, long from, LogStreamReader reader) {
      return truth.stream(of, from, reader);
    }
  }
}
