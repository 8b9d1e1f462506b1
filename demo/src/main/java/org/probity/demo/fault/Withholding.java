package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SendEntry;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.peer.PeerTransport;

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
      answered |= shown != null && cheating.getAsBoolean() && isPayment(send, shown.size());
    }
  }

  /** Whether it sends money, and was logged after the cheating began. */
  private static boolean isPayment(Bytes send, long since) {
    try {
      Entry entry = Entry.decode(send);
      return entry.index() >= since
          && entry.body() instanceof SendEntry sent
          && SettlementMessage.decode(sent.payload()) instanceof SettlementMessage.Credits;
    } catch (DecodeException e) {
      throw new IllegalStateException("the own message is malformed", e);
    }
  }

  private final class Watching extends ForwardingTransport {
    Watching(PeerTransport truth) {
      super(truth);
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
  }
}
