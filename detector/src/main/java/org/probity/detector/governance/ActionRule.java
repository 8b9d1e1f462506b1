package org.probity.detector.governance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;

/**
 * Whether an action can be done in a state, asked when it is proposed and again when it is decided.
 * An action that is refused changes nothing. Codes are stable.
 */
final class ActionRule {
  private final Genesis genesis;
  private final StatementVerifier statements;

  ActionRule(Genesis genesis, StatementVerifier statements) {
    this.genesis = genesis;
    this.statements = statements;
  }

  Optional<Refusal> refusal(Action action, GovernanceState state) {
    return action.handle(new Checks(state));
  }

  /** Whether it is a member's governance key or the log key of a node that nothing has stopped. */
  boolean mayPropose(PublicKey key, GovernanceState state) {
    return state.members().containsValue(key)
        || genesis.nodes().stream().anyMatch(node -> isPresent(key, node.node(), state))
        || state.keyUse(key).filter(use -> isPresent(key, use.node(), state)).isPresent();
  }

  private static boolean isPresent(PublicKey key, String node, GovernanceState state) {
    return state.node(node).filter(record -> record.logKey().equals(key)).isPresent()
        && state.standing(node).equals(new NodeStanding.Active());
  }

  /** Whose keys an action brings in. Empty for other actions. */
  Optional<NodeRecord> enrolled(Action action) throws DecodeException {
    return action instanceof Action.ApproveIncarnation approval
        ? Optional.of(NodeRecord.decode(enrolment(approval).payload()))
        : Optional.empty();
  }

  private VerifiedStatement enrolment(Action.ApproveIncarnation approval) throws DecodeException {
    return statements.verify(approval.enrolment(), NodeRecord.ENROLMENT_TYP);
  }

  private final class Checks implements Action.Handler<Optional<Refusal>> {
    private final GovernanceState state;

    Checks(GovernanceState state) {
      this.state = state;
    }

    @Override
    public Optional<Refusal> submitEvidence(Action.SubmitEvidence action) {
      if (state.governanceKey(action.member()).isEmpty()) {
        return refused("unknown_member", action.member());
      }
      Subject subject = new Subject.OfMember(genesis.networkId(), action.member());
      if (action.log().isPresent()) {
        Action.LogName log = action.log().get();
        Optional<NodeRecord> node = state.node(log.node());
        if (node.isEmpty()) {
          return refused("unknown_node", log.node());
        }
        if (log.incarnation() > node.get().incarnation()) {
          return refused("unknown_incarnation", log.node() + " has no " + log.incarnation());
        }
        if (!node.get().member().equals(action.member())) {
          return refused("wrong_member", log.node() + " belongs to " + node.get().member());
        }
        subject = new Subject.OfLog(new Origin(genesis.networkId(), log.node(), log.incarnation()));
      }
      if (!action.fault().equals(subject.fault(action.kind(), action.position()))) {
        return refused("fault_id_differs", "another fault id than its parts give");
      }
      if (state.isRecorded(action.fault())) {
        return refused("fault_known", "this fault is on record");
      }
      Electorate electorate = state.electorate();
      return electorate.size() == 1 && electorate.has(action.member())
          ? refused("no_elector_left", "nobody else could decide anything")
          : Optional.empty();
    }

    @Override
    public Optional<Refusal> suspendNode(Action.SuspendNode action) {
      if (state.node(action.node()).isEmpty()) {
        return refused("unknown_node", action.node());
      }
      return state.standing(action.node()).equals(new NodeStanding.Active())
          ? Optional.empty()
          : refused("node_not_active", action.node() + " is stopped already");
    }

    @Override
    public Optional<Refusal> revokeNode(Action.RevokeNode action) {
      if (state.node(action.node()).isEmpty()) {
        return refused("unknown_node", action.node());
      }
      // SPEC protocol.md §13.4: the submission period is the suspension.
      if (!(state.standing(action.node()) instanceof NodeStanding.Suspended)) {
        return refused("node_not_suspended", action.node() + " must be suspended first");
      }
      for (Action.Taken taken : action.taken()) {
        if (state.node(taken.peer().node()).isEmpty()
            || taken.peer().node().equals(action.node())) {
          return refused("unknown_node", taken.peer().node() + " is no peer of " + action.node());
        }
      }
      return emptyLog(action.last());
    }

    @Override
    public Optional<Refusal> readmitNode(Action.ReadmitNode action) {
      Optional<NodeRecord> node = state.node(action.node());
      if (node.isEmpty()) {
        return refused("unknown_node", action.node());
      }
      NodeStanding standing = state.standing(action.node());
      if (standing instanceof NodeStanding.Revoked) {
        return refused("node_revoked", action.node() + " is revoked for good");
      }
      boolean hasLostVote = state.named(node.get().member()).isPresent();
      if (action.vote() && !hasLostVote) {
        return refused("vote_not_lost", node.get().member() + " has its vote");
      }
      return standing.equals(new NodeStanding.Active()) && !action.vote()
          ? refused("node_not_suspended", action.node() + " is active")
          : Optional.empty();
    }

    @Override
    public Optional<Refusal> approveIncarnation(Action.ApproveIncarnation action) {
      try {
        VerifiedStatement enrolment = enrolment(action);
        NodeRecord next = NodeRecord.decode(enrolment.payload());
        Optional<Refusal> refusal =
            enrolmentRefusal(next, enrolment.signers())
                .or(() -> closeRefusal(action.close(), next.node()));
        if (refusal.isPresent()) {
          return refusal;
        }
      } catch (DecodeException e) {
        return refused(e.code(), String.valueOf(e.getMessage()));
      }
      if (action.minTickMillis() < genesis.foundedMillis()) {
        return refused("tick_before_founding", "ledger time starts at the founding");
      }
      for (Action.Beyond channel : action.beyond()) {
        if (state.node(channel.peer().node()).isEmpty()) {
          return refused("unknown_node", channel.peer().node());
        }
      }
      return Optional.empty();
    }

    /** What is closed is at least the GENESIS of the present incarnation. */
    private Optional<Refusal> closeRefusal(TreeHead close, String node) {
      long first = Incarnations.of(state, node).orElseThrow().first();
      return emptyLog(close)
          .or(
              () ->
                  close.size() <= first
                      ? refused("close_too_low", "the present incarnation begins at " + first)
                      : Optional.empty());
    }

    private Optional<Refusal> enrolmentRefusal(NodeRecord next, List<PublicKey> signers) {
      Optional<NodeRecord> present = state.node(next.node());
      if (present.isEmpty()) {
        return refused("unknown_node", next.node());
      }
      if (!present.get().member().equals(next.member())) {
        return refused("wrong_member", next.node() + " belongs to " + present.get().member());
      }
      // SPEC protocol.md §2.4: no decision puts a key under a member's name without its signature.
      if (!signers.equals(state.governanceKey(next.member()).stream().toList())) {
        return refused("enrolment_invalid", "the enrolment is not signed by " + next.member());
      }
      if (next.incarnation() != present.get().incarnation() + 1) {
        return refused("wrong_incarnation", "the next is " + (present.get().incarnation() + 1));
      }
      if (state.standing(next.node()) instanceof NodeStanding.Revoked) {
        return refused("node_revoked", next.node() + " is revoked for good");
      }
      return keysRefusal(next);
    }

    /** SPEC protocol.md §2.2: no key does another's work. A node may keep its own keys. */
    private Optional<Refusal> keysRefusal(NodeRecord next) {
      boolean free =
          !next.logKey().equals(next.cosignerKey())
              && isFree(next.logKey(), next.node(), GovernanceState.KeyUse.LOG)
              && isFree(next.cosignerKey(), next.node(), GovernanceState.KeyUse.COSIGNER);
      return free
          ? Optional.empty()
          : refused("duplicate_key", "a key of " + next.node() + " has another use");
    }

    private boolean isFree(PublicKey key, String node, int role) {
      GovernanceState.KeyUse use = new GovernanceState.KeyUse(node, role);
      return !state.members().containsValue(key)
          && genesis.members().stream().noneMatch(member -> member.governanceKey().equals(key))
          && foundingUses(key).stream().allMatch(use::equals)
          && state.keyUse(key).stream().allMatch(use::equals);
    }

    private List<GovernanceState.KeyUse> foundingUses(PublicKey key) {
      return genesis.nodes().stream()
          .filter(node -> node.logKey().equals(key) || node.cosignerKey().equals(key))
          .map(
              node ->
                  new GovernanceState.KeyUse(
                      node.node(),
                      node.logKey().equals(key)
                          ? GovernanceState.KeyUse.LOG
                          : GovernanceState.KeyUse.COSIGNER))
          .toList();
    }

    @Override
    public Optional<Refusal> setParameters(Action.SetParameters action) {
      if (action.parameters().equals(state.parameters())) {
        return refused("nothing_changes", "these are the parameters");
      }
      return asksForMore(state.parameters(), action.parameters())
              && membersThatMaySit() <= action.parameters().witnesses()
          ? refused(
              "too_few_members",
              "witnesses come from other members, and only "
                  + membersThatMaySit()
                  + " have a node that is not stopped")
          : Optional.empty();
    }

    /**
     * As at genesis, every seat must find a member. Whoever asks for no more is never worse off.
     */
    private static boolean asksForMore(Parameters now, Parameters next) {
      return next.faults() > now.faults()
          || next.witnesses() > now.witnesses()
          || next.cosignatures() > now.cosignatures();
    }

    /**
     * Who has which node is in the genesis document, and what decisions stopped in one scan: what
     * is disclosed of the state in a proof does not grow with the consortium.
     */
    private long membersThatMaySit() {
      Map<String, NodeStanding> stopped = state.stopped();
      return genesis.nodes().stream()
          .filter(node -> !stopped.containsKey(node.node()))
          .map(NodeRecord::member)
          .distinct()
          .count();
    }

    @Override
    public Optional<Refusal> reassignWitnesses(Action.ReassignWitnesses action) {
      return Optional.empty();
    }

    private static Optional<Refusal> emptyLog(TreeHead head) {
      return head.size() == 0
          ? refused("log_empty", "a log has at least its GENESIS")
          : Optional.empty();
    }

    private static Optional<Refusal> refused(String code, String message) {
      return Optional.of(new Refusal(code, message));
    }
  }
}
