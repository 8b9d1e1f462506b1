package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.ValidDecision;

/**
 * What the members have agreed on beside the nodes: it is proposed at whichever nodes run, epoch
 * after epoch, and every member votes for it, until it is decided or makes no sense any more. And
 * what becomes of a node that is suspended for what is proven: nothing, until members make it their
 * policy to revoke such nodes, or to readmit those whose log breaks no rule.
 */
public final class Agenda {
  private static final long TRY_MILLIS = 2_000;

  private static final long TURN_SECONDS = 20;

  private static final long TURN_SECONDS_PER_NODE = 2;

  /** A suspended node is heard, and whoever has more of its log shows it (protocol.md §13.4). */
  private static final long SUBMISSION_MILLIS = 8_000;

  /** As long as members wait for entries that somebody has seen and nobody shows. */
  private static final long LONGEST_MILLIS = 60_000;

  private final World world;
  private final List<Item> items = new ArrayList<>();

  /** Since when nodes are suspended, as members have seen. */
  private final Map<String, Long> suspendedMillis = new TreeMap<>();

  /** Since when a proposal that is wanted could be made. */
  private final Map<Action, Long> wantedMicros = new LinkedHashMap<>();

  private @Nullable Drafts drafts;
  private boolean isRevoking;
  private boolean isForgiving;
  private boolean isLooking;

  /**
   * Something that is wanted.
   *
   * @param node what becomes of which is agreed on, whatever is the policy; empty if it is about
   *     none
   * @param draft what is to be proposed as things are now, if anything
   * @param isOver whether it is decided
   */
  private record Item(
      Optional<String> node,
      Function<DecisionChain, Optional<Action>> draft,
      Predicate<DecisionChain> isOver) {}

  Agenda(World world) {
    this.world = world;
  }

  /**
   * In which members who get on have decided something. The more nodes there are, the longer until
   * a ballot has come around: each asks one after another.
   */
  public long turnMicros() {
    return (TURN_SECONDS + TURN_SECONDS_PER_NODE * world.hosts().size()) * 1_000_000;
  }

  /** What members want to decide, and could have since then. */
  public Map<Action, Long> wanted() {
    return new LinkedHashMap<>(wantedMicros);
  }

  /** One thing more. */
  public void put(Action action) {
    add(Optional.empty(), action.name(), decisions -> Optional.of(action), action::equals);
  }

  /** A node is stopped, whatever it has done or has not. */
  public void suspend(String node) {
    put(new Action.SuspendNode(node));
  }

  /**
   * It may go on, when it is suspended and not before this holds; its member gets back the vote
   * that it has lost.
   */
  public void readmit(String node, BooleanSupplier isTime) {
    add(
        Optional.of(node),
        "the readmission of " + node,
        decisions ->
            Optional.<Action>of(
                    new Action.ReadmitNode(
                        node, decisions.state().named(member(decisions, node)).isPresent()))
                .filter(readmission -> isSuspended(node, decisions) && isTime.getAsBoolean()),
        taken -> taken instanceof Action.ReadmitNode other && other.node().equals(node));
  }

  /** It is at an end, when it is suspended. */
  public void revoke(String node) {
    add(
        Optional.of(node),
        "the revocation of " + node,
        decisions -> revocation(node, decisions),
        taken -> taken instanceof Action.RevokeNode other && other.node().equals(node));
  }

  /** From now on a node that is suspended for what is proven is revoked. */
  public void revokeCulprits() {
    isRevoking = true;
    begin();
  }

  /** The same, but who has broken no rule in its log is readmitted the first time. */
  public void forgiveCulprits() {
    isForgiving = true;
    revokeCulprits();
  }

  private record Drafts(long atMicros, List<Bytes> after, List<Action> actions) {}

  private void add(
      Optional<String> node,
      String what,
      Function<DecisionChain, Optional<Action>> draft,
      Predicate<Action> isIt) {
    long since = world.memberDesk().decisions().decisions().size();
    items.add(
        new Item(
            node,
            draft,
            decisions ->
                decisions.decisions().stream()
                    .skip(since)
                    .anyMatch(taken -> isIt.test(taken.decision().action()))));
    world.trace().tell("members", "want " + what);
    begin();
  }

  private void begin() {
    if (!isLooking) {
      isLooking = true;
      world.timeline().after(0, "agenda", this::look);
    }
  }

  /** Whether a member that has looked into it votes for this. */
  boolean supports(DecisionChain decisions, Action action) {
    if (action instanceof Action.RevokeNode proposed) {
      return isToBeRevoked(proposed.node(), decisions)
          && world.memberDesk().isTrue(decisions, proposed);
    }
    return drafts(decisions).contains(action);
  }

  private void look() {
    DecisionChain decisions = world.memberDesk().decisions();
    note(decisions);
    Collection<SimulatedNode> running = world.memberDesk().running();
    running.stream()
        .filter(node -> decisions.state().standing(node.name()) instanceof NodeStanding.Active)
        .filter(node -> node.assembly().epoch() == decisions.decisions().size())
        .findFirst()
        .ifPresent(
            node -> {
              List<Action> wanted =
                  drafts(decisions).stream()
                      .filter(action -> node.assembly().refusal(action).isEmpty())
                      .toList();
              wantedMicros.keySet().retainAll(wanted);
              for (Action action : wanted) {
                wantedMicros.putIfAbsent(action, world.timeline().nowMicros());
                propose(action, decisions, node, running);
              }
            });
    decisions.state().stopped().keySet().forEach(world.memberDesk()::voteElsewhere);
    world.timeline().afterMillis(TRY_MILLIS, "agenda", this::look);
  }

  private void note(DecisionChain decisions) {
    suspendedMillis.keySet().removeIf(node -> !isSuspended(node, decisions));
    decisions
        .state()
        .stopped()
        .forEach(
            (node, standing) -> {
              if (standing instanceof NodeStanding.Suspended) {
                suspendedMillis.putIfAbsent(node, world.timeline().nowMillis());
              }
            });
  }

  private void propose(
      Action action,
      DecisionChain decisions,
      SimulatedNode proposer,
      Collection<SimulatedNode> running) {
    Bytes proposal =
        new Proposal(decisions.decisions().size(), action)
            .sign(
                world.founding().genesis().networkId(),
                world.founding().memberKey(proposer.machine().self().member()))
            .encoded();
    running.forEach(node -> node.say(List.of(proposal), false));
  }

  /** All that is to be proposed now. Looked into once at an instant, whoever votes then. */
  private List<Action> drafts(DecisionChain decisions) {
    Drafts known = drafts;
    long now = world.timeline().nowMicros();
    List<Bytes> after = decisions.decisions().stream().map(ValidDecision::encoded).toList();
    if (known == null || known.atMicros() != now || !known.after().equals(after)) {
      known = new Drafts(now, after, draft(decisions));
      drafts = known;
    }
    return known.actions();
  }

  private List<Action> draft(DecisionChain decisions) {
    List<Action> drafts = new ArrayList<>();
    // None is ever struck off: the one node that knows of its decision may lose all it has.
    items.stream()
        .filter(item -> !item.isOver().test(decisions))
        .forEach(item -> item.draft().apply(decisions).ifPresent(drafts::add));
    if (isRevoking) {
      for (String node : suspendedMillis.keySet()) {
        boolean isAgreed =
            items.stream()
                .filter(item -> !item.isOver().test(decisions))
                .anyMatch(item -> item.node().equals(Optional.of(node)));
        if (!isAgreed && isProven(node, decisions)) {
          sentence(node, decisions).ifPresent(drafts::add);
        }
      }
    }
    return drafts;
  }

  // Nodes that are suspended.

  private Optional<Action> sentence(String node, DecisionChain decisions) {
    if (!hasBeenSuspendedFor(SUBMISSION_MILLIS, node)) {
      return Optional.empty();
    }
    return isForgiven(node, decisions)
        ? Optional.of(
            new Action.ReadmitNode(
                node, decisions.state().named(member(decisions, node)).isPresent()))
        : revocation(node, decisions);
  }

  private boolean isToBeRevoked(String node, DecisionChain decisions) {
    return drafts(decisions).stream()
        .anyMatch(draft -> draft instanceof Action.RevokeNode other && other.node().equals(node));
  }

  /** Who has more of the log than anybody shows may be away for a while, and is waited for. */
  private Optional<Action> revocation(String node, DecisionChain decisions) {
    return isSuspended(node, decisions) && hasBeenSuspendedFor(SUBMISSION_MILLIS, node)
        ? world
            .memberDesk()
            .revocation(decisions, node, hasBeenSuspendedFor(LONGEST_MILLIS, node))
            .map(Action.class::cast)
        : Optional.empty();
  }

  private boolean hasBeenSuspendedFor(long millis, String node) {
    Long since = suspendedMillis.get(node);
    return since != null && world.timeline().nowMillis() - since >= millis;
  }

  private static boolean isSuspended(String node, DecisionChain decisions) {
    return decisions.state().standing(node) instanceof NodeStanding.Suspended;
  }

  private static String member(DecisionChain decisions, String node) {
    return decisions.state().node(node).orElseThrow().member();
  }

  private static boolean isProven(String node, DecisionChain decisions) {
    return !kinds(node, decisions).isEmpty();
  }

  /** Whether all that is on record against it leaves its log one that can be gone on with. */
  private boolean isForgiven(String node, DecisionChain decisions) {
    boolean isFirst =
        decisions.decisions().stream()
            .noneMatch(
                taken ->
                    taken.decision().action() instanceof Action.ReadmitNode before
                        && before.node().equals(node));
    return isForgiving
        && isFirst
        && kinds(node, decisions).stream()
            .allMatch(
                kind -> kind == FaultKind.FORK.code() || kind == FaultKind.FALSE_AUDIT.code());
  }

  private static List<Integer> kinds(String node, DecisionChain decisions) {
    List<Integer> kinds = new ArrayList<>();
    decisions
        .decisions()
        .forEach(
            taken -> {
              if (taken.decision().action() instanceof Action.SubmitEvidence recorded
                  && recorded.log().filter(log -> log.node().equals(node)).isPresent()) {
                kinds.add(recorded.kind());
              }
            });
    return kinds;
  }
}
