package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.StatementVerifier;

/**
 * What is before the members in one epoch: the proposals, the ballots, and the decision once they
 * have taken one. Takes statements from anybody in any order, and gives them to anybody who lacks
 * them, so that all assemblies of one epoch come to hold the same.
 *
 * <pre>{@code
 * Assembly assembly = new Assembly(chain, action -> Optional.empty());
 * Assembly.Intake intake = assembly.cast(statement);
 * Optional<Decision> decision = assembly.decision();
 * }</pre>
 *
 * <p>Bounded whatever a faulty member or node sends: {@link #MAX_PROPOSALS}, {@link
 * #MAX_PROPOSALS_PER_SIGNER}, {@link #MAX_STANCES} in a round, and no ballot beyond the round after
 * the last open one. A ballot over the quota is taken all the same if one that waits cites it: else
 * a double voter could keep a correct member's ballot out by filling its own quota first. Not
 * thread-safe.
 */
public final class Assembly {
  public static final int MAX_PROPOSALS = 128;
  public static final int MAX_PROPOSALS_PER_SIGNER = 16;

  /** Different ballots of one member in one round; a correct member signs one. */
  public static final int MAX_STANCES = 4;

  private final DecisionChain chain;
  private final DecisionRule rule;
  private final StatementVerifier statements;
  private final Function<Action, Optional<Refusal>> more;
  private final GovernanceState state;
  private final Electorate electorate;
  private final Poll poll;
  private final SortedMap<Hash, Proposed> proposals = new TreeMap<>();

  /** Statements that are kept, with their keys: most come more than once. */
  private final Map<Bytes, Hash> kept = new HashMap<>();

  /** As {@link #items} gave them last, as long as nothing more is kept. */
  private @Nullable List<Item> items;

  private final Map<PublicKey, Integer> proposed = new HashMap<>();

  /** Whose late ballots have been looked at, of which epochs. */
  private final Set<Vote> compared = new HashSet<>();

  /**
   * The epoch after the last decision of {@code chain}.
   *
   * @param more why an action is not put to the vote although the rules allow it, if it is not
   */
  public Assembly(DecisionChain chain, Function<Action, Optional<Refusal>> more) {
    this.chain = chain;
    this.rule = new DecisionRule(chain.genesis(), chain.genesis().signatures());
    this.statements =
        new StatementVerifier(chain.genesis().signatures(), chain.genesis().networkId());
    this.more = more;
    this.state = chain.state();
    this.electorate = state.electorate();
    this.poll = new Poll(state.epoch(), state.lastDecision(), electorate);
  }

  /** A proposal and the statement that brought it. */
  public record Proposed(Hash id, Proposal proposal, Bytes statement) {}

  /** What became of a statement. */
  public sealed interface Intake {

    /**
     * A different ballot of the same member in the same round: with it this one proves
     * DOUBLE_BALLOT.
     */
    default Optional<DoubleBallot> conflict() {
      return Optional.empty();
    }

    /**
     * It is kept.
     *
     * @param key as in {@link Assembly#keys}
     */
    record Taken(Hash key, Optional<DoubleBallot> conflict) implements Intake {}

    /** The same is here already. */
    record Known(Hash key) implements Intake {}

    /** Not kept. What comes too late to count proves all the same what it proves. */
    record Refused(Refusal refusal, Optional<DoubleBallot> conflict) implements Intake {}
  }

  /** What one DOUBLE_BALLOT is about. */
  private record Vote(long epoch, String member) {}

  /** Two ballots that a correct member does not sign both. */
  public record DoubleBallot(SignedBallot one, SignedBallot other) {
    /** All that there are, one ballot of each pair from either side. */
    public static List<DoubleBallot> between(
        Collection<SignedBallot> some, Collection<SignedBallot> others) {
      return some.stream()
          .flatMap(
              one ->
                  others.stream()
                      .filter(other -> other.ballot().member().equals(one.ballot().member()))
                      .filter(other -> other.ballot().mark().conflictsWith(one.ballot().mark()))
                      .map(other -> new DoubleBallot(one, other)))
          .toList();
    }
  }

  public long epoch() {
    return state.epoch();
  }

  public Hash lastDecision() {
    return state.lastDecision();
  }

  public GovernanceState state() {
    return chain.state();
  }

  public Electorate electorate() {
    return electorate;
  }

  public Poll poll() {
    return poll;
  }

  /** By id. */
  public SortedMap<Hash, Proposed> proposals() {
    return Collections.unmodifiableSortedMap(proposals);
  }

  /**
   * Takes a signed proposal. Codes: those of {@link DecisionRule#open}, of {@code more}, and {@code
   * quota_exceeded}.
   */
  public Intake propose(Bytes statement) {
    Hash before = kept.get(statement);
    if (before != null) {
      return new Intake.Known(before);
    }
    try {
      Proposal proposal = rule.open(statement, state);
      Hash id = proposal.id(chain.genesis().networkId());
      if (proposals.containsKey(id)) {
        return new Intake.Known(id);
      }
      Optional<Refusal> refusal = more.apply(proposal.action());
      if (refusal.isPresent()) {
        return new Intake.Refused(refusal.get(), Optional.empty());
      }
      PublicKey signer = statements.verify(statement, Proposal.TYP).signers().get(0);
      int count = proposed.getOrDefault(signer, 0);
      if (proposals.size() >= MAX_PROPOSALS || count >= MAX_PROPOSALS_PER_SIGNER) {
        return refused("quota_exceeded", "too many proposals, or too many of this proposer");
      }
      proposed.put(signer, count + 1);
      proposals.put(id, new Proposed(id, proposal, statement));
      keep(statement, id);
      return new Intake.Taken(id, Optional.empty());
    } catch (DecodeException e) {
      return refused(e.code(), String.valueOf(e.getMessage()));
    }
  }

  /** Whether the action's proposal can be made now; the code of its refusal if not. */
  public Optional<Refusal> refusal(Action action) {
    return rule.refusal(action, state).or(() -> more.apply(action));
  }

  /**
   * Takes a ballot. Codes: those of {@link SignedBallot#verify} and {@link BallotRule}, {@code
   * round_ahead}, {@code quota_exceeded}. One of an epoch that is decided is refused, and compared
   * with what its member has signed there.
   */
  public Intake cast(Bytes statement) {
    Hash before = kept.get(statement);
    if (before != null) {
      return new Intake.Known(before);
    }
    SignedBallot signed;
    try {
      signed = SignedBallot.verify(statement, statements);
    } catch (DecodeException e) {
      return refused(e.code(), String.valueOf(e.getMessage()));
    }
    Ballot ballot = signed.ballot();
    Optional<Refusal> refusal =
        BallotRule.refusal(signed, state.epoch(), state.lastDecision(), electorate);
    if (refusal.isPresent()) {
      return new Intake.Refused(refusal.get(), withCounted(signed));
    }
    Hash key = signed.key();
    List<SignedBallot> others = poll.of(ballot.member(), ballot.round());
    if (others.stream().anyMatch(known -> known.key().equals(key))) {
      return new Intake.Known(key);
    }
    if (ballot.round() > poll.openRound() + 1) {
      return refused("round_ahead", "round " + ballot.round() + " is not open");
    }
    if (others.size() >= MAX_STANCES && !poll.isAwaited(ballot)) {
      return refused("quota_exceeded", "too many ballots of " + ballot.member() + " in a round");
    }
    Optional<SignedBallot> other =
        others.stream()
            .filter(known -> known.ballot().mark().conflictsWith(ballot.mark()))
            .findFirst();
    Poll.Intake intake = poll.add(signed);
    if (intake instanceof Poll.Intake.Counted || intake instanceof Poll.Intake.Waiting) {
      keep(statement, key);
    }
    return intake instanceof Poll.Intake.Counted || intake instanceof Poll.Intake.Waiting
        ? new Intake.Taken(key, other.map(first -> new DoubleBallot(first, signed)))
        : refused("quota_exceeded", "no room for more ballots");
  }

  /**
   * A ballot of a former epoch, and another one of its member that decided there. All ballots of a
   * decision say the same, so the first that says something else tells whether the member's is
   * among them: it is looked for once in an epoch, however many come.
   */
  private Optional<DoubleBallot> withCounted(SignedBallot late) {
    Ballot ballot = late.ballot();
    if (ballot.epoch() >= state.epoch() || !chain.keys().governs(ballot.member(), late.signer())) {
      return Optional.empty();
    }
    Decision taken = chain.decisions().get(Math.toIntExact(ballot.epoch())).decision();
    boolean isOther = taken.mark(chain.genesis().networkId()).conflictsWith(ballot.mark());
    return isOther && compared.add(new Vote(ballot.epoch(), ballot.member()))
        ? taken.signedBy(late.signer(), statements).map(counted -> new DoubleBallot(counted, late))
        : Optional.empty();
  }

  private void keep(Bytes statement, Hash key) {
    kept.put(statement, key);
    items = null;
  }

  /** The decision, once the ballots here take one and its proposal is here too. */
  public Optional<Decision> decision() {
    return poll.outcome()
        .flatMap(
            outcome ->
                Optional.ofNullable(proposals.get(outcome.proposal()))
                    .map(
                        chosen ->
                            Decision.of(
                                state.epoch(),
                                state.lastDecision(),
                                chosen.proposal().action(),
                                outcome)));
  }

  /**
   * Whoever's ballot in the decision of this epoch is another than the one that was cast here. To
   * be asked before the next epoch begins: the ballots of this one are dropped then. What is cast
   * later is compared by {@link #cast}.
   */
  public List<DoubleBallot> doubleBallots(Decision taken) {
    return DoubleBallot.between(poll.all(), taken.signed(statements));
  }

  /** A statement that is kept here. */
  public record Item(Hash key, boolean isBallot, Bytes statement) {}

  /** Everything kept, in an order in which another assembly can take it. */
  public List<Item> items() {
    List<Item> known = items;
    if (known == null) {
      List<Item> all = new ArrayList<>();
      proposals.values().forEach(it -> all.add(new Item(it.id(), false, it.statement())));
      poll.all().forEach(it -> all.add(new Item(it.key(), true, it.encoded())));
      known = List.copyOf(all);
      items = known;
    }
    return known;
  }

  /** What is kept here, by names that are the same everywhere. */
  public Set<Hash> keys() {
    Set<Hash> keys = new HashSet<>();
    items().forEach(item -> keys.add(item.key()));
    return keys;
  }

  /**
   * Faults that are to be put on record by proposals that another assembly of this epoch lacks. It
   * takes none of these before it has seen the proof, so who shows it the proposal shows it that
   * too: else members who know of different faults of one culprit vote for different records for
   * ever.
   *
   * @param held by the other, as in {@link #keys}
   */
  public Set<Hash> faultsLacking(Set<Hash> held) {
    Set<Hash> faults = new HashSet<>();
    for (Proposed proposed : proposals.values()) {
      if (proposed.proposal().action() instanceof Action.SubmitEvidence record
          && !held.contains(proposed.id())) {
        faults.add(record.fault());
      }
    }
    return faults;
  }

  private static Intake refused(String code, String message) {
    return new Intake.Refused(new Refusal(code, message), Optional.empty());
  }
}
