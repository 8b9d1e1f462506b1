package org.probity.node.runtime;

import java.util.concurrent.Executor;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.Release;
import org.probity.node.http.PeerReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the core has decided: answers go to whoever waits for them, messages to peers,
 * candidates to the verifier. It decides nothing itself. Called on the core's loop; must not block.
 */
final class Effects {
  private static final Logger LOG = LoggerFactory.getLogger(Effects.class);

  private final String self;
  private final Tickets tickets;
  private final PeerMessenger messenger;
  private final Executor verification;
  private final ProofDesk proofs;
  private final LogRefusals refusals;
  private final Spreader spreader;
  private final ChallengeDesk challenges;
  private final Wards wards;
  private final NodeFacade facade;
  private final CoreLoop core;

  Effects(
      String self,
      Tickets tickets,
      PeerMessenger messenger,
      Executor verification,
      ProofDesk proofs,
      LogRefusals refusals,
      Spreader spreader,
      ChallengeDesk challenges,
      Wards wards,
      NodeFacade facade,
      CoreLoop core) {
    this.self = self;
    this.tickets = tickets;
    this.messenger = messenger;
    this.verification = verification;
    this.proofs = proofs;
    this.refusals = refusals;
    this.spreader = spreader;
    this.challenges = challenges;
    this.wards = wards;
    this.facade = facade;
    this.core = core;
  }

  void carryOut(Effect effect) {
    if (effect instanceof Release release) {
      tickets.answer(release);
    } else if (effect instanceof Effect.Transmit transmit) {
      messenger.transmit(transmit);
    } else if (effect instanceof Effect.Forward forward) {
      forward(forward);
    } else if (effect instanceof Effect.Examine examine) {
      verification.execute(() -> proofs.examineOwn(examine.candidate()));
    } else if (effect instanceof Effect.LogRefused refused) {
      refusals.refused(refused);
    } else if (effect instanceof Effect.Spread spread) {
      spreader.spread(spread.evidence());
    } else if (effect instanceof Effect.Raise raise) {
      challenges.raise(raise);
    } else if (effect instanceof Effect.Put put) {
      challenges.put(put);
    } else if (effect instanceof Effect.Produced produced) {
      wards
          .ward(produced.claim().checkpoint().author().node())
          .ifPresent(ward -> ward.produced(produced));
    } else if (effect instanceof Effect.ReturnRefused refused) {
      LOG.error(
          "messages to {} cannot be taken back: {}; they wait", refused.to(), refused.violation());
    } else if (effect instanceof Effect.DecisionRefused refused) {
      LOG.error(
          "the decision of epoch {} does not follow this log: {}",
          refused.decision().decision().epoch(),
          refused.violation());
    }
  }

  private void forward(Effect.Forward forward) {
    if (forward.witness().equals(self)) {
      facade.compare(forward.checkpoint()).onSuccess(reply -> confirmed(forward, reply));
    } else {
      messenger.forward(
          forward.witness(), forward.checkpoint(), reply -> confirmed(forward, reply));
    }
  }

  private void confirmed(Effect.Forward forward, PeerReply reply) {
    if (reply.status() == PeerReply.OK) {
      core.post(new Input.CheckpointConfirmed(forward.checkpoint(), forward.witness()));
    }
  }
}
