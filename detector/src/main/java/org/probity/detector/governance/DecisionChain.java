package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.log.Origin;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;

/**
 * Genesis and every decision since, in epoch order without gaps: all it takes to know whose word a
 * signature was, then and now (protocol.md §2.4). Immutable; each value shares its past.
 */
public final class DecisionChain {
  private final Genesis genesis;
  private final DecisionRule rule;
  private final StateTree tree;
  private final List<ValidDecision> decisions;

  /** The state before each of them. */
  private final List<StateTree> earlier;

  /** Made when it is first asked for; the same whoever makes it. */
  private volatile @Nullable KeyHistory keys;

  private DecisionChain(
      Genesis genesis,
      DecisionRule rule,
      StateTree tree,
      List<StateTree> earlier,
      List<ValidDecision> decisions) {
    this.genesis = genesis;
    this.rule = rule;
    this.tree = tree;
    this.earlier = List.copyOf(earlier);
    this.decisions = List.copyOf(decisions);
  }

  /** The consortium before its first decision. */
  public static DecisionChain of(Genesis genesis, SignatureRule rule) {
    WorkingState state = new WorkingState(StateTree.EMPTY);
    new GovernanceState(state, genesis.networkId()).found(genesis);
    return new DecisionChain(
        genesis, new DecisionRule(genesis, rule), state.tree(), List.of(), List.of());
  }

  /** The chain with one decision more; fails with a code of {@link DecisionRule#check}. */
  public DecisionChain append(Bytes content) throws DecodeException {
    WorkingState working = new WorkingState(tree);
    GovernanceState state = new GovernanceState(working, genesis.networkId());
    DecisionRule.Verdict verdict = rule.check(content, state);
    if (verdict instanceof DecisionRule.Refused refused) {
      throw new DecodeException(refused.refusal().code(), refused.refusal().message());
    }
    ValidDecision next = ((DecisionRule.Taken) verdict).decision();
    rule.apply(next, state);
    List<ValidDecision> all = new ArrayList<>(decisions);
    all.add(next);
    List<StateTree> states = new ArrayList<>(earlier);
    states.add(tree);
    return new DecisionChain(genesis, rule, working.tree(), states, all);
  }

  /** The chain as it was before the decision of {@code epoch}. Nothing is verified again. */
  public DecisionChain before(int epoch) {
    return epoch == decisions.size()
        ? this
        : new DecisionChain(
            genesis,
            rule,
            earlier.get(epoch),
            earlier.subList(0, epoch),
            decisions.subList(0, epoch));
  }

  /**
   * So many decisions were taken when this incarnation began, the last of which let it; 0 for a
   * founding one.
   */
  public int beganAt(NodeRecord incarnation) {
    for (int i = 0; i < decisions.size(); i++) {
      if (decisions.get(i).enrolled().equals(Optional.of(incarnation))) {
        return i + 1;
      }
    }
    return 0;
  }

  /**
   * The decisions that evidence has to bring along so that the keys of these logs are known: all up
   * to the last that enrols one of them; none for founding incarnations.
   */
  public List<Bytes> enrolling(Collection<Origin> logs) {
    int last = 0;
    for (int i = 0; i < decisions.size(); i++) {
      if (decisions.get(i).enrolled().map(genesis::origin).filter(logs::contains).isPresent()) {
        last = i + 1;
      }
    }
    return decisions.subList(0, last).stream().map(ValidDecision::encoded).toList();
  }

  /** Whose word a signature is, then and now. Costs {@link KeyHistory#of} once. */
  public KeyHistory keys() {
    KeyHistory known = keys;
    if (known == null) {
      known = KeyHistory.of(this);
      keys = known;
    }
    return known;
  }

  public Genesis genesis() {
    return genesis;
  }

  /** In epoch order. */
  public List<ValidDecision> decisions() {
    return decisions;
  }

  /** The state after the last decision; changes to it stay with the caller. */
  public GovernanceState state() {
    return new GovernanceState(new WorkingState(tree), genesis.networkId());
  }
}
