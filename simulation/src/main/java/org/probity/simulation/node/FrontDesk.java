package org.probity.simulation.node;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Input;
import org.probity.detector.node.Release;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.trust.Trust;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** What a node does with what comes in over the wire, from peers and from customers. */
final class FrontDesk {
  private final SimulatedNode owner;
  private final String name;
  private final World world;
  private final Machine machine;

  FrontDesk(SimulatedNode owner) {
    this.owner = owner;
    this.name = owner.name();
    this.world = owner.world();
    this.machine = owner.machine();
  }

  void handle(String from, Request request, Consumer<Reply> answer) {
    if (request instanceof Request.Held held) {
      answer.accept(owner.held(held.log()));
    } else if (!owner.isUp() && !isServedEarly(request)) {
      answer.accept(new Reply.Refused("not_ready"));
    } else if (request instanceof Request.Envelope envelope) {
      envelope(from, envelope.body(), answer);
    } else if (request instanceof Request.Shown shown) {
      try {
        answer.accept(owner.witnessing().compared(SignedCheckpoint.parse(shown.body())));
      } catch (DecodeException e) {
        answer.accept(new Reply.Refused(e.code()));
      }
    } else if (request instanceof Request.Follow follow) {
      owner.ownLog().followed(follow, answer);
    } else if (request instanceof Request.Copy copy) {
      answer.accept(
          owner
              .ownLog()
              .copy(copy)
              .or(() -> owner.isUp() ? owner.witnessing().copy(copy) : owner.disk().copy(copy))
              .orElseGet(() -> new Reply.Refused("not_kept")));
    } else if (request instanceof Request.Challenged challenge) {
      challenged(challenge.body(), answer);
    } else if (request instanceof Request.Proof proof) {
      owner.examine(proof.body());
      answer.accept(Reply.Ok.EMPTY);
    } else if (request instanceof Request.Audited audit) {
      answer.accept(owner.witnessing().audited(audit.body()));
    } else if (request instanceof Request.Submit submit) {
      submit(submit.body(), answer);
    } else if (request instanceof Request.Assembled assembled) {
      Trust.lacking(owner.proofs(), assembled.accused(), owner.council().faultsLacking(assembled))
          .forEach(proof -> owner.outbox().give(from, proof));
      answer.accept(owner.council().answer(assembled));
    } else if (request instanceof Request.HandOver handOver) {
      answer.accept(handedOver(handOver.body()));
    }
  }

  /**
   * What is answered before the node signs: what there is of logs but its own stream, proofs, and
   * what members say. A copy that is made of a log that does not sign may be one of an old log.
   */
  private static boolean isServedEarly(Request request) {
    return request instanceof Request.Copy
        || request instanceof Request.Proof
        || request instanceof Request.Assembled;
  }

  /** A client says that the home node does not take its transaction. */
  private Reply handedOver(Bytes transaction) {
    Transaction content;
    try {
      content =
          Transaction.decode(owner.statements().verify(transaction, Transaction.TYP).payload());
    } catch (DecodeException e) {
      return new Reply.Refused(e.code());
    }
    if (content.notAfterMillis() < owner.wallMillis()) {
      return new Reply.Refused(TransactionOutcome.Status.EXPIRED.label());
    }
    Optional<NodeRecord> home = owner.chain().keys().present(content.node());
    if (home.isEmpty() || home.get().node().equals(name)) {
      return new Reply.Refused("unknown_target");
    }
    if (!isChallengedFor(transaction)) {
      Challenge challenge =
          new Challenge(
              Challenge.Target.of(home.get()),
              name,
              new Challenge.Client(transaction, newest(home.get()).map(SignedCheckpoint::bytes)));
      owner
          .challengeRule()
          .check(challenge.sign(machine.genesis().networkId(), owner.logKey()).encoded())
          .valid()
          .ifPresent(valid -> owner.step(new Input.ChallengeRaised(valid)));
    }
    return new Reply.Held();
  }

  /** Whoever asks twice has asked once. */
  private boolean isChallengedFor(Bytes transaction) {
    return owner.core().challenges().stream()
        .map(open -> open.challenge())
        .anyMatch(
            challenge ->
                challenge.challenger().equals(machine.self())
                    && challenge.claim() instanceof Claim.Client claim
                    && claim.transaction().statement().encoded().equals(transaction));
  }

  /** The newest checkpoint that is known of a node here. */
  private Optional<SignedCheckpoint> newest(NodeRecord other) {
    Optional<SignedCheckpoint> viewed =
        owner
            .core()
            .views()
            .newest(machine.genesis().origin(other))
            .map(VerifiedCheckpoint::signed);
    Optional<SignedCheckpoint> stored =
        owner
            .witnessing()
            .of(machine.genesis().origin(other))
            .flatMap(ward -> ward.stored().newest());
    return Stream.of(viewed, stored)
        .flatMap(Optional::stream)
        .max(Comparator.comparingLong(SignedCheckpoint::size));
  }

  private void envelope(String from, Bytes body, Consumer<Reply> answer) {
    Optional<VerifiedEnvelope> verified;
    try {
      verified = owner.checkpoints().envelope(from, Envelope.decode(body));
    } catch (DecodeException e) {
      answer.accept(new Reply.Refused(e.code()));
      return;
    }
    if (verified.isEmpty()) {
      answer.accept(new Reply.Refused("checkpoint_invalid"));
      return;
    }
    long ticket =
        owner.ticket(
            release -> {
              if (release instanceof Release.Acknowledged acknowledged) {
                answer.accept(new Reply.Ok(acknowledged.ack().encode()));
              } else if (release instanceof Release.EnvelopeRefused refused) {
                answer.accept(
                    refused.heldSize().isPresent()
                        ? new Reply.WrongBase(refused.heldSize().getAsLong())
                        : new Reply.Refused(refused.code()));
              }
            });
    owner.step(new Input.EnvelopeArrived(verified.get(), ticket));
  }

  private void submit(Bytes statement, Consumer<Reply> answer) {
    TransactionRule.Outcome checked = TransactionRule.check(statement, name, owner.statements());
    if (checked.checked().isEmpty()) {
      answer.accept(new Reply.Refused(checked.violation().orElseThrow().code()));
      return;
    }
    long ticket =
        owner.ticket(
            release -> {
              if (release instanceof Release.Recorded recorded) {
                long durableSize = owner.disk().log().size();
                world.observer().acknowledged(name, recorded.index(), durableSize);
                answer.accept(
                    new Reply.Recorded(
                        recorded.index(),
                        recorded.outcome(),
                        owner.core().published().orElseThrow().checkpoint().bytes()));
              } else if (release instanceof Release.Refused refused) {
                answer.accept(new Reply.Refused(refused.violation().code()));
              }
            });
    owner.step(new Input.Submitted(checked.checked().get(), ticket));
  }

  private void challenged(Bytes statement, Consumer<Reply> answer) {
    Optional<ValidChallenge> valid = owner.challengeRule().check(statement).valid();
    if (valid.isEmpty()) {
      answer.accept(new Reply.Refused("challenge_invalid"));
      return;
    }
    Optional<VerifiedAnswer> known = fromCopy(valid.get());
    if (known.isPresent()) {
      owner.step(new Input.ChallengeAnswered(known.get()));
      answer.accept(new Reply.Ok(known.get().encoded()));
      return;
    }
    if (valid.get().claim() instanceof Claim.Decided claim && world.isGoverned()) {
      owner.council().told(claim.decision().encoded());
    }
    long ticket =
        owner.ticket(
            release -> {
              if (release instanceof Release.ChallengeAnswered answered) {
                answer.accept(new Reply.Ok(answered.answer()));
              } else if (release instanceof Release.ChallengeHeld) {
                answer.accept(
                    confirmation(valid.get())
                        .<Reply>map(said -> new Reply.Confirmed(said.encode()))
                        .orElseGet(Reply.Held::new));
              } else if (release instanceof Release.ChallengeRefused refused) {
                answer.accept(new Reply.Refused(refused.code()));
              }
            });
    owner.step(new Input.ChallengeArrived(valid.get(), ticket));
  }

  /** SPEC protocol.md §7.1: a witness that has what is asked for says so. */
  private Optional<Confirmation> confirmation(ValidChallenge challenge) {
    if (!(challenge.claim() instanceof Claim.Audit claim)) {
      return Optional.empty();
    }
    return owner
        .witnessing()
        .of(claim.checkpoint().origin())
        .map(Ward::stored)
        .filter(copy -> has(copy, claim.checkpoint().head()))
        .map(copy -> confirmation(claim.checkpoint().signed(), copy));
  }

  /** Under the newest checkpoint that is held, if that is not an older one. */
  private Confirmation confirmation(SignedCheckpoint asked, StoredEntries copy) {
    Optional<SignedCheckpoint> later = copy.newest().filter(newest -> newest.size() > asked.size());
    return new Confirmation(
        owner.cosigned(later.orElse(asked)),
        later
            .map(newest -> MerkleProofs.consistency(copy, asked.size(), newest.size()))
            .orElse(List.of()));
  }

  /** Two checkpoints are linked by whoever has the entries. */
  private Optional<VerifiedAnswer> fromCopy(ValidChallenge challenge) {
    if (!(challenge.claim() instanceof Claim.Consistency claim)) {
      return Optional.empty();
    }
    Ward ward = owner.witnessing().of(claim.newer().origin()).orElse(null);
    if (ward == null
        || !has(ward.stored(), claim.newer().head())
        || !has(ward.stored(), claim.older().head())) {
      return Optional.empty();
    }
    return owner
        .answerRule()
        .check(
            challenge,
            Answer.linking(
                MerkleProofs.consistency(
                    ward.stored(), claim.older().size(), claim.newer().size())))
        .answer();
  }

  private static boolean has(StoredEntries copy, TreeHead head) {
    return copy.size() >= head.size() && MerkleProofs.rootAt(copy, head.size()).equals(head.root());
  }
}
