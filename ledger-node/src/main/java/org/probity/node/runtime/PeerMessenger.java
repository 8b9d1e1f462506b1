package org.probity.node.runtime;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerTransport;

/** Carries the core's messages to its peers and their answers back to it. */
final class PeerMessenger {
  private final PeerTransport transport;
  private final CoreLoop core;

  PeerMessenger(PeerTransport transport, CoreLoop core) {
    this.transport = transport;
    this.core = core;
  }

  /** Sends an envelope; exactly one input comes of it. */
  void transmit(Effect.Transmit transmit) {
    String to = transmit.to();
    Future<PeerReply> reply;
    try {
      reply = transport.envelope(to, transmit.envelope().encode());
    } catch (RuntimeException e) {
      // Without any input the core would wait for this peer for ever.
      reply = Future.failedFuture(e);
    }
    reply.onComplete(
        done ->
            core.post(
                done.succeeded()
                    ? answer(to, done.result())
                    : new Input.EnvelopeFailed(to, OptionalLong.empty())));
  }

  private static Input answer(String to, PeerReply reply) {
    try {
      if (reply.status() == PeerReply.OK) {
        return new Input.AckArrived(to, Ack.decode(reply.body()));
      }
      if (reply.status() == PeerReply.WRONG_BASE) {
        return new Input.EnvelopeFailed(to, OptionalLong.of(heldSize(reply)));
      }
    } catch (DecodeException | NumberFormatException e) {
      // SPEC protocol.md §7.3: wrong data equals no answer.
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

  /** Shows a checkpoint to a witness; {@code answered} is told unless there was no answer. */
  void forward(
      String witness, SignedCheckpoint checkpoint, BiConsumer<String, PeerReply> answered) {
    transport
        .checkpoint(witness, checkpoint.bytes())
        .onSuccess(reply -> answered.accept(witness, reply));
  }
}
