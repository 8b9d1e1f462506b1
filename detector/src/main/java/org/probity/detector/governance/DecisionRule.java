package org.probity.detector.governance;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;

/**
 * SPEC protocol.md §13: which decision may follow a state, and what becomes of the state. The same
 * for the node that logs it, for those who replay its log, and for whoever verifies evidence.
 *
 * <pre>{@code
 * DecisionRule.Verdict verdict = rule.check(content, state);
 * if (verdict instanceof DecisionRule.Taken taken) {
 *   rule.apply(taken.decision(), state);
 * }
 * }</pre>
 *
 * <p>Stateless and thread-safe. At most {@link Electorate#MAX_MEMBERS} + 1 signatures.
 */
public final class DecisionRule {
  /** The largest signed proposal: its action, and up to 16 signatures that repeat it. */
  public static final int MAX_PROPOSAL_BYTES = 64 * 1024;

  private final StatementVerifier statements;
  private final ActionRule actions;
  private final Hash networkId;

  public DecisionRule(Genesis genesis, SignatureRule rule) {
    this.networkId = genesis.networkId();
    this.statements = new StatementVerifier(rule, networkId);
    this.actions = new ActionRule(genesis, statements);
  }

  /** What {@link #check} says. */
  public sealed interface Verdict {}

  /** It was taken. */
  public record Taken(ValidDecision decision) implements Verdict {}

  /** It was not, or cannot follow this state. */
  public record Refused(Refusal refusal) implements Verdict {}

  /** Why the action makes no proposal in this state. */
  public Optional<Refusal> refusal(Action action, GovernanceState state) {
    return actions.refusal(action, state);
  }

  /**
   * Opens a signed proposal. Fails with {@code proposal_too_large}, a code of {@link
   * StatementVerifier} or {@link Proposal#decode}, {@code wrong_epoch}, {@code unknown_proposer},
   * or that of the action's refusal.
   */
  public Proposal open(Bytes statement, GovernanceState state) throws DecodeException {
    if (statement.size() > MAX_PROPOSAL_BYTES) {
      throw new DecodeException(
          "proposal_too_large", statement.size() + " bytes, at most " + MAX_PROPOSAL_BYTES);
    }
    VerifiedStatement verified = statements.verify(statement, Proposal.TYP);
    Proposal proposal = Proposal.decode(verified.payload());
    if (proposal.epoch() != state.epoch()) {
      throw new DecodeException(
          "wrong_epoch", "a proposal of epoch " + proposal.epoch() + " in " + state.epoch());
    }
    if (!verified.signers().stream().allMatch(key -> actions.mayPropose(key, state))) {
      throw new DecodeException("unknown_proposer", "not signed by a member or a node");
    }
    Optional<Refusal> refusal = refusal(proposal.action(), state);
    if (refusal.isPresent()) {
      throw new DecodeException(refusal.get().code(), refusal.get().message());
    }
    return proposal;
  }

  /**
   * Judges the content of a DECISION entry. Codes: those of {@link Decision#decode}, {@link
   * BallotRule} and the actions, {@code ballot_count}, {@code ballot_order}, {@code wrong_round},
   * {@code ballot_for_other}.
   */
  public Verdict check(Bytes content, GovernanceState state) {
    try {
      Decision decision = Decision.decode(content);
      Optional<Refusal> refusal = chainRefusal(decision, state);
      if (refusal.isEmpty()) {
        refusal = ballotsRefusal(decision, state);
      }
      if (refusal.isEmpty()) {
        refusal = actions.refusal(decision.action(), state);
      }
      return refusal.isPresent()
          ? new Refused(refusal.get())
          : new Taken(
              new ValidDecision(
                  decision, content, decision.id(networkId), actions.enrolled(decision.action())));
    } catch (DecodeException e) {
      return new Refused(new Refusal(e.code(), String.valueOf(e.getMessage())));
    }
  }

  private static Optional<Refusal> chainRefusal(Decision decision, GovernanceState state) {
    if (decision.epoch() != state.epoch()) {
      return refused(
          "wrong_epoch", "a decision of epoch " + decision.epoch() + " in " + state.epoch());
    }
    return decision.previous().equals(state.lastDecision())
        ? Optional.empty()
        : refused("wrong_previous", "follows decision " + decision.previous());
  }

  private Optional<Refusal> ballotsRefusal(Decision decision, GovernanceState state)
      throws DecodeException {
    Electorate electorate = state.electorate();
    int needed = RoundRule.ballotsToDecide(electorate.size(), decision.round());
    if (decision.ballots().size() != needed) {
      return refused("ballot_count", decision.ballots().size() + " ballots, it takes " + needed);
    }
    Hash proposal = decision.proposal().id(networkId);
    String last = "";
    for (Bytes statement : decision.ballots()) {
      SignedBallot signed = SignedBallot.verify(statement, statements);
      if (signed.ballot().member().compareTo(last) <= 0) {
        return refused("ballot_order", "ballots must ascend by member");
      }
      last = signed.ballot().member();
      Optional<Refusal> refusal =
          BallotRule.refusal(signed, decision.epoch(), decision.previous(), electorate)
              .or(() -> decidingRefusal(signed.ballot(), decision.round(), proposal));
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }

  private static Optional<Refusal> decidingRefusal(Ballot ballot, int round, Hash proposal) {
    if (ballot.round() != round) {
      return refused("wrong_round", "a ballot of round " + ballot.round());
    }
    return ballot.stance().equals(RoundRule.deciding(round, proposal))
        ? Optional.empty()
        : refused("ballot_for_other", ballot.member() + " does not decide this");
  }

  /**
   * Does what was decided. Throws IllegalStateException if the decision does not follow this state:
   * our bug.
   */
  public void apply(ValidDecision valid, GovernanceState state) {
    if (chainRefusal(valid.decision(), state).isPresent()) {
      throw new IllegalStateException("a decision of another state");
    }
    valid.decision().action().handle(new Effects(valid, state));
    state.advance(valid.id());
  }

  private static final class Effects implements Action.Handler<Boolean> {
    private final ValidDecision valid;
    private final GovernanceState state;

    Effects(ValidDecision valid, GovernanceState state) {
      this.valid = valid;
      this.state = state;
    }

    @Override
    public Boolean submitEvidence(Action.SubmitEvidence action) {
      state.record(action);
      return true;
    }

    @Override
    public Boolean suspendNode(Action.SuspendNode action) {
      state.putStanding(action.node(), new NodeStanding.Suspended(valid.decision().epoch()));
      return true;
    }

    @Override
    public Boolean revokeNode(Action.RevokeNode action) {
      state.putStanding(
          action.node(), new NodeStanding.Revoked(valid.decision().epoch(), action.last()));
      action.taken().forEach(taken -> state.putTaken(action.node(), taken));
      return true;
    }

    @Override
    public Boolean readmitNode(Action.ReadmitNode action) {
      state.putStanding(action.node(), new NodeStanding.Active());
      if (action.vote()) {
        state.restoreVote(state.node(action.node()).orElseThrow().member());
      }
      return true;
    }

    @Override
    public Boolean approveIncarnation(Action.ApproveIncarnation action) {
      state.enrol(
          valid.enrolled().orElseThrow(),
          action.close(),
          new GovernanceState.Beginning(action.initialRoot(), action.minTickMillis()));
      return true;
    }

    @Override
    public Boolean setParameters(Action.SetParameters action) {
      state.putParameters(action.parameters());
      return true;
    }

    @Override
    public Boolean reassignWitnesses(Action.ReassignWitnesses action) {
      state.advanceRotation();
      return true;
    }
  }

  private static Optional<Refusal> refused(String code, String message) {
    return Optional.of(new Refusal(code, message));
  }
}
