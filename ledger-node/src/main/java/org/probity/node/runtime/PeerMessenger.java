package org.probity.node.runtime;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.scoring.PeerObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries the core's messages to its peers and their answers back to it. */
final class PeerMessenger {
  /** Checkpoints shown to one witness at once: leaves room for everything else it is asked. */
  static final int MAX_UNDER_WAY = 16;

  /** Checkpoints that wait for that. */
  static final int MAX_WAITING = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(PeerMessenger.class);

  private final PeerTransport transport;
  private final CheckpointVerifier checkpoints;
  private final Executor workers;
  private final CoreLoop core;
  private final PeerObserver observer;
  private final Map<String, Showing> showings = new ConcurrentHashMap<>();

  /**
   * @param workers verify the signatures of answers, so that the core does not have to
   * @param observer told how long acknowledgements take
   */
  PeerMessenger(
      PeerTransport transport,
      CheckpointVerifier checkpoints,
      Executor workers,
      CoreLoop core,
      PeerObserver observer) {
    this.transport = transport;
    this.checkpoints = checkpoints;
    this.workers = workers;
    this.core = core;
    this.observer = observer;
  }

  /** Sends an envelope; exactly one input comes of it. */
  void transmit(Effect.Transmit transmit) {
    String to = transmit.to();
    long sentNanos = System.nanoTime();
    observer.sent(to);
    Future<PeerReply> reply;
    try {
      reply = transport.envelope(to, transmit.envelope().encode());
    } catch (RuntimeException e) {
      // Without any input the core would wait for this peer for ever.
      reply = Future.failedFuture(e);
    }
    reply
        .onSuccess(
            answer -> {
              long tookNanos = System.nanoTime() - sentNanos;
              workers.execute(() -> core.post(observed(to, input(to, answer), tookNanos)));
            })
        .onFailure(
            noAnswer ->
                core.post(observed(to, new Input.EnvelopeFailed(to, OptionalLong.empty()), 0)));
  }

  /** A wrong base is an answer, but no acknowledgement and no omission either. */
  private Input observed(String to, Input input, long tookNanos) {
    if (input instanceof Input.AckArrived) {
      observer.acknowledged(to, tookNanos);
    } else if (input instanceof Input.EnvelopeFailed failed && failed.heldSize().isEmpty()) {
      observer.unacknowledged(to);
    }
    return input;
  }

  private Input input(String to, PeerReply reply) {
    try {
      if (reply.status() == PeerReply.OK) {
        // SPEC protocol.md §7.3: wrong data equals no answer, so also a wrong signature.
        return checkpoints
            .ack(to, Ack.decode(reply.body()))
            .<Input>map(Input.AckArrived::new)
            .orElseGet(() -> new Input.EnvelopeFailed(to, OptionalLong.empty()));
      }
      if (reply.status() == PeerReply.WRONG_BASE) {
        return new Input.EnvelopeFailed(to, OptionalLong.of(heldSize(reply)));
      }
    } catch (DecodeException | NumberFormatException e) {
      LOG.debug("{} has answered an envelope with something else: {}", to, e.getMessage());
      return new Input.EnvelopeFailed(to, OptionalLong.empty());
    }
    return new Input.EnvelopeFailed(to, OptionalLong.empty());
  }

  private static long heldSize(PeerReply reply) {
    String text = new String(reply.body().unsafeArray(), StandardCharsets.US_ASCII).strip();
    long size = Long.parseLong(text);
    if (size < 0) {
      throw new NumberFormatException("a size of " + text);
    }
    return size;
  }

  /**
   * Shows a checkpoint to a witness; {@code answered} is told unless there was no answer, or too
   * much waits for this witness already: the core shows it again.
   */
  void forward(String witness, SignedCheckpoint checkpoint, Consumer<PeerReply> answered) {
    showings.computeIfAbsent(witness, Showing::new).show(checkpoint, answered);
  }

  /** Checkpoints on their way to one witness, a few at a time, each once. */
  private final class Showing {
    private final String witness;
    private final Map<SignedCheckpoint, Consumer<PeerReply>> waiting = new LinkedHashMap<>();
    private int underWay;
    private boolean sending;

    Showing(String witness) {
      this.witness = witness;
    }

    synchronized void show(SignedCheckpoint checkpoint, Consumer<PeerReply> answered) {
      if (waiting.size() < MAX_WAITING) {
        waiting.put(checkpoint, answered);
        next();
      }
    }

    private synchronized void next() {
      if (sending) {
        // An answer that is there at once; the loop below goes on by itself.
        return;
      }
      sending = true;
      while (underWay < MAX_UNDER_WAY && !waiting.isEmpty()) {
        SignedCheckpoint checkpoint = waiting.keySet().iterator().next();
        Consumer<PeerReply> answered = waiting.remove(checkpoint);
        underWay++;
        send(checkpoint)
            .onComplete(
                done -> {
                  ended();
                  if (done.succeeded()) {
                    answered.accept(done.result());
                  }
                });
      }
      sending = false;
    }

    private Future<PeerReply> send(SignedCheckpoint checkpoint) {
      try {
        return transport.checkpoint(witness, checkpoint.bytes());
      } catch (RuntimeException e) {
        return Future.failedFuture(e);
      }
    }

    private synchronized void ended() {
      underWay--;
      next();
    }
  }
}
