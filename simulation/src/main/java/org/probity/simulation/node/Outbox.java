package org.probity.simulation.node;

import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.challenge.VerifiedConfirmation;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultId;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.Release;
import org.probity.simulation.world.Network;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** What a node's core wants done, and what it asks others over the wire; of one process. */
final class Outbox {
  private static final long RETRY_MILLIS = 1_000;

  private final SimulatedNode owner;
  private final String name;
  private final World world;
  private final Machine machine;

  /** Proofs that are given and not taken yet. */
  private final Set<Giving> underWay = new HashSet<>();

  private record Giving(String to, FaultId fault) {}

  Outbox(SimulatedNode owner) {
    this.owner = owner;
    this.name = owner.name();
    this.world = owner.world();
    this.machine = owner.machine();
  }

  void carryOut(Effect effect) {
    if (effect instanceof Release release) {
      owner.released(release);
    } else if (effect instanceof Effect.Transmit transmit) {
      transmit(transmit);
    } else if (effect instanceof Effect.Forward forward) {
      show(
          forward.witness(),
          forward.checkpoint(),
          () -> owner.step(new Input.CheckpointConfirmed(forward.checkpoint(), forward.witness())));
    } else if (effect instanceof Effect.Examine examine) {
      owner.later(0, "examine", () -> owner.examine(examine.candidate()));
    } else if (effect instanceof Effect.Spread spread) {
      for (NodeRecord other : machine.genesis().nodes()) {
        if (!other.node().equals(name)) {
          give(other.node(), spread.evidence());
        }
      }
    } else if (effect instanceof Effect.Raise raise) {
      owner.later(
          0,
          "raise",
          () ->
              owner
                  .challengeRule()
                  .check(
                      raise
                          .challenge()
                          .sign(machine.genesis().networkId(), owner.logKey())
                          .encoded())
                  .valid()
                  .ifPresent(valid -> owner.step(new Input.ChallengeRaised(valid))));
    } else if (effect instanceof Effect.DecisionRefused refused) {
      throw new IllegalStateException("a decision that the core does not log: " + refused);
    } else if (effect instanceof Effect.ReturnRefused refused) {
      throw new IllegalStateException("a message that does not come back: " + refused);
    } else if (effect instanceof Effect.Put put) {
      put(put);
    } else if (effect instanceof Effect.Produced produced) {
      owner
          .witnessing()
          .of(produced.claim().checkpoint().origin())
          .ifPresent(ward -> owner.later(0, "produced", () -> ward.produced(produced)));
    }
  }

  void ask(String to, Request request, Consumer<Optional<Reply>> done) {
    if (!owner.isTurnedAway(to, request) && owner.behaviour().sends(owner, to, request)) {
      world.network().ask(name, to, request, owner.input(done));
    } else {
      owner.later(Network.PATIENCE_MILLIS * 1_000, "kept", () -> done.accept(Optional.empty()));
    }
  }

  private void transmit(Effect.Transmit transmit) {
    String to = transmit.to();
    ask(
        to,
        new Request.Envelope(transmit.envelope().encode()),
        reply -> owner.step(acknowledged(to, reply)));
  }

  private Input acknowledged(String to, Optional<Reply> reply) {
    if (reply.isPresent() && reply.get() instanceof Reply.Ok ok) {
      try {
        Optional<VerifiedAck> ack = owner.checkpoints().ack(to, Ack.decode(ok.body()));
        if (ack.isPresent()) {
          return new Input.AckArrived(ack.get());
        }
      } catch (DecodeException e) {
        return new Input.EnvelopeFailed(to, OptionalLong.empty());
      }
    }
    return reply.isPresent() && reply.get() instanceof Reply.WrongBase base
        ? new Input.EnvelopeFailed(to, OptionalLong.of(base.heldSize()))
        : new Input.EnvelopeFailed(to, OptionalLong.empty());
  }

  /** Shows a checkpoint to a witness of its log, which may be this node. */
  private void show(String witness, SignedCheckpoint checkpoint, Runnable confirmed) {
    if (witness.equals(name)) {
      owner.later(
          0,
          "compare",
          () -> {
            if (owner.witnessing().compared(checkpoint) instanceof Reply.Ok) {
              confirmed.run();
            }
          });
      return;
    }
    ask(
        witness,
        new Request.Shown(checkpoint.bytes()),
        reply -> {
          if (reply.isPresent() && reply.get() instanceof Reply.Ok) {
            confirmed.run();
          }
        });
  }

  /** Again and again, until there is an answer. Nothing if it is being given this one. */
  void give(String to, Evidence evidence) {
    Giving giving = new Giving(to, evidence.faultId());
    if (owner.behaviour().accuses(evidence.node().orElse("")) && underWay.add(giving)) {
      send(giving, evidence);
    }
  }

  private void send(Giving giving, Evidence evidence) {
    ask(
        giving.to(),
        new Request.Proof(evidence.encoded()),
        reply -> {
          if (reply.isEmpty()) {
            owner.later(5 * RETRY_MILLIS * 1_000, "spread", () -> send(giving, evidence));
          } else {
            underWay.remove(giving);
          }
        });
  }

  private void put(Effect.Put put) {
    ask(
        put.to(),
        new Request.Challenged(put.challenge().encoded()),
        reply -> owner.step(answered(put, reply)));
  }

  private Input answered(Effect.Put put, Optional<Reply> reply) {
    if (reply.isPresent() && reply.get() instanceof Reply.Ok ok) {
      Optional<VerifiedAnswer> answer =
          owner.answerRule().check(put.challenge(), ok.body()).answer();
      if (answer.isPresent()) {
        owner.witnessing().answered(answer.get(), put.challenge());
        return new Input.ChallengeAnswered(answer.get());
      }
    }
    if (reply.isPresent() && reply.get() instanceof Reply.Confirmed said) {
      Optional<VerifiedConfirmation> confirmation =
          decoded(said).flatMap(it -> owner.confirmationRule().check(put.challenge(), it).valid());
      if (confirmation.isPresent()) {
        return new Input.ChallengeConfirmed(confirmation.get(), put.to());
      }
    }
    return new Input.ChallengeUnanswered(put.challenge().id(), put.to());
  }

  private static Optional<Confirmation> decoded(Reply.Confirmed said) {
    try {
      CborReader in = new CborReader(said.confirmation());
      in.arrayHeader(Confirmation.PARTS);
      Confirmation confirmation = Confirmation.readParts(in);
      in.end();
      return Optional.of(confirmation);
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
