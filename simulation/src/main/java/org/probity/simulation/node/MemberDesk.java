package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.probity.detector.audit.ClosedLog;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.FinalLog;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.log.UnreadableLogException;

/**
 * What members find out before they propose or vote, by asking the nodes that run: which copy of a
 * log is the longest, whether it is clean, and whether somebody shows that there was more of it
 * (protocol.md §11.3). Nobody is believed.
 */
final class MemberDesk {
  private final World world;

  /** What a replay came to, by what was replayed: everybody's comes to the same. */
  private final Map<TreeHead, ClosedLog.Outcome> replayed = new HashMap<>();

  /** What a log has taken in up to a head: who knows the same decisions reads the same. */
  private final Map<Ending, Action.RevokeNode> revocations = new HashMap<>();

  private record Ending(TreeHead head, int decisions) {}

  /** What is looked into once in an event, however many vote then. */
  private final Map<Question, Optional<Action.ApproveIncarnation>> approvals = new HashMap<>();

  private long answeredEvent;

  private record Question(Hash lastDecision, Bytes enrolment) {}

  MemberDesk(World world) {
    this.world = world;
  }

  /** A copy of a log up to a checkpoint of its node. */
  record Copy(StoredEntries log, SignedCheckpoint end) implements LogReader {
    /** Whether it goes on from there. */
    boolean isOf(TreeHead head) {
      return MerkleProofs.rootAt(log, head.size()).equals(head.root());
    }

    /** The first entries of it. */
    LogReader cutTo(long size) {
      return new LogReader() {
        @Override
        public long size() {
          return size;
        }

        @Override
        public Bytes entry(long index) {
          return log.entry(index);
        }

        @Override
        public Hash node(int level, long index) {
          return log.node(level, index);
        }
      };
    }

    List<Bytes> upTo(long size) {
      return LongStream.range(0, size).mapToObj(log::entry).toList();
    }

    @Override
    public long size() {
      return end.size();
    }

    @Override
    public Bytes entry(long index) {
      return log.entry(index);
    }

    @Override
    public Hash node(int level, long index) {
      return log.node(level, index);
    }
  }

  /** All decisions that a node that runs has. */
  DecisionChain decisions() {
    return running().stream()
        .map(SimulatedNode::chain)
        .max(Comparator.comparingInt(chain -> chain.decisions().size()))
        .orElseGet(
            () ->
                DecisionChain.of(
                    world.founding().genesis(), world.founding().genesis().signatures()));
  }

  /** Nodes that can be asked. */
  List<SimulatedNode> running() {
    return world.hosts().stream().map(Host::process).filter(SimulatedNode::isUp).toList();
  }

  /** Nodes that show logs: those whose gate is closed do, too. */
  private List<SimulatedNode> readable() {
    return world.hosts().stream().map(Host::process).filter(SimulatedNode::isRunning).toList();
  }

  /**
   * Whether there is a node whose log nobody can read now, so that nobody sees what it got of a log
   * that is to be closed; those that wait for another incarnation themselves do not count.
   */
  boolean isSomebodyAway() {
    GovernanceState state = decisions().state();
    return world.hosts().stream()
        .filter(host -> state.standing(host.name()) instanceof NodeStanding.Active)
        .map(Host::process)
        .anyMatch(process -> !process.isRunning() && !process.isAbandoned());
  }

  /** What is held of a log, the longest first. */
  List<Copy> copies(Origin log) {
    List<Copy> copies = new ArrayList<>();
    for (SimulatedNode node : readable()) {
      Optional.ofNullable(node.shown().get(log)).flatMap(MemberDesk::copy).ifPresent(copies::add);
    }
    copies.sort(Comparator.comparingLong(Copy::size).reversed());
    return copies;
  }

  /** The first of {@link #copies}, of every log: whoever asks for all of them asks once. */
  private Map<Origin, Copy> longestCopies() {
    Map<Origin, Copy> longest = new HashMap<>();
    for (SimulatedNode node : readable()) {
      node.shown()
          .forEach(
              (log, shown) ->
                  copy(shown).ifPresent(copy -> longest.merge(log, copy, MemberDesk::longer)));
    }
    return longest;
  }

  private static Copy longer(Copy before, Copy after) {
    return after.size() > before.size() ? after : before;
  }

  private static Optional<Copy> copy(StoredEntries log) {
    return log.newest().map(newest -> new Copy(log, newest));
  }

  /**
   * What an approval of these new keys has to fix; nothing if the log cannot be closed: nobody
   * holds it, it breaks a rule, or somebody shows that there was more of it, or another.
   *
   * @param enrolment of the next incarnation
   */
  Optional<Action.ApproveIncarnation> approval(DecisionChain decisions, Bytes enrolment) {
    Question question = new Question(decisions.state().lastDecision(), enrolment);
    if (answeredEvent != world.timeline().happened()) {
      answeredEvent = world.timeline().happened();
      approvals.clear();
    }
    Optional<Action.ApproveIncarnation> known = approvals.get(question);
    if (known == null) {
      known = lookInto(decisions, enrolment);
      approvals.put(question, known);
    }
    return known;
  }

  private Optional<Action.ApproveIncarnation> lookInto(DecisionChain decisions, Bytes enrolment) {
    Optional<Incarnations> before =
        enrolled(enrolment)
            .flatMap(
                next ->
                    Incarnations.of(decisions.state(), next.node())
                        .filter(log -> log.present().incarnation() + 1 == next.incarnation()));
    if (before.isEmpty()) {
      return Optional.empty();
    }
    Origin closed = world.founding().genesis().origin(before.get().present());
    try {
      return copies(closed).stream()
          .findFirst()
          .filter(copy -> isAllOfIt(decisions, before.get().present(), copy))
          .flatMap(copy -> clean(before.get(), copy))
          .map(clean -> clean.approval(enrolment));
    } catch (UnreadableLogException e) {
      // Somebody's disk is damaged: what it would show nobody knows until it is mended.
      return Optional.empty();
    }
  }

  private Optional<NodeRecord> enrolled(Bytes enrolment) {
    try {
      return Optional.of(
          NodeRecord.decode(
              new StatementVerifier(
                      world.founding().genesis().signatures(),
                      world.founding().genesis().networkId())
                  .verify(enrolment, NodeRecord.ENROLMENT_TYP)
                  .payload()));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private Optional<ClosedLog.Clean> clean(Incarnations writers, Copy copy) {
    ClosedLog.Outcome outcome =
        replayed.computeIfAbsent(
            copy.end().head(),
            head ->
                ClosedLog.replay(
                    new Machine(world.founding().genesis(), writers, world.program()), copy));
    return outcome instanceof ClosedLog.Clean clean ? Optional.of(clean) : Optional.empty();
  }

  /** SPEC protocol.md §11.3: the close is the highest position that anyone can substantiate. */
  private boolean isAllOfIt(DecisionChain decisions, NodeRecord closed, Copy copy) {
    Map<Long, Hash> roots = new HashMap<>();
    Predicate<SignedCheckpoint> isIn =
        shown ->
            shown.size() <= copy.size()
                && roots
                    .computeIfAbsent(shown.size(), size -> MerkleProofs.rootAt(copy, size))
                    .equals(shown.head().root());
    Map<Origin, Copy> longest = longestCopies();
    return world.founding().genesis().nodes().stream()
        .map(NodeRecord::node)
        .filter(peer -> !peer.equals(closed.node()))
        .flatMap(peer -> newest(decisions, peer, longest).stream())
        .flatMap(peers -> shown(peers, closed))
        .allMatch(isIn);
  }

  /** The log of a node in the newest incarnation that has begun anywhere. */
  private Optional<Copy> newest(DecisionChain decisions, String node, Map<Origin, Copy> longest) {
    return decisions.keys().log(node).stream()
        .flatMap(writers -> writers.parts().stream())
        .map(Incarnations.Part::record)
        .sorted(Comparator.comparingLong(NodeRecord::incarnation).reversed())
        .map(record -> longest.get(world.founding().genesis().origin(record)))
        .filter(Objects::nonNull)
        .findFirst();
  }

  /** What its node has not signed shows nothing, wherever it is logged. */
  private Stream<SignedCheckpoint> shown(Copy peers, NodeRecord closed) {
    Genesis genesis = world.founding().genesis();
    return peers
        .log()
        .shown(genesis.origin(closed), peers.size())
        .filter(it -> it.isSignedBy(genesis.signatures(), closed.logKey()));
  }

  // Revocations (protocol.md §13.4).

  /**
   * The revocation of a node at the end of the longest copy of its log that anybody shows; nothing
   * if nobody has one.
   *
   * @param isLong enough to look for more of it: what the node has acknowledged beyond stays
   *     pending for ever
   */
  Optional<Action.RevokeNode> revocation(DecisionChain decisions, String node, boolean isLong) {
    Incarnations writers = Incarnations.of(decisions.state(), node).orElseThrow();
    Origin log = world.founding().genesis().origin(writers.present());
    try {
      return copies(log).stream()
          .findFirst()
          .filter(copy -> isLong || isAllOfIt(decisions, writers.present(), copy))
          .map(copy -> revocation(decisions, writers, copy, copy.end().head()));
    } catch (UnreadableLogException e) {
      // Somebody's disk is damaged: what it would show nobody knows until it is mended.
      return Optional.empty();
    }
  }

  /** Whether a proposed revocation says what the log says up to its head. */
  boolean isTrue(DecisionChain decisions, Action.RevokeNode proposed) {
    Incarnations writers = Incarnations.of(decisions.state(), proposed.node()).orElseThrow();
    try {
      return copies(world.founding().genesis().origin(writers.present())).stream()
          .filter(copy -> copy.size() >= proposed.last().size() && copy.isOf(proposed.last()))
          .findFirst()
          .map(copy -> revocation(decisions, writers, copy, proposed.last()).equals(proposed))
          .orElse(false);
    } catch (UnreadableLogException e) {
      return false;
    }
  }

  private Action.RevokeNode revocation(
      DecisionChain decisions, Incarnations writers, Copy copy, TreeHead head) {
    return revocations.computeIfAbsent(
        new Ending(head, decisions.decisions().size()),
        end -> FinalLog.revocation(decisions, writers, copy.cutTo(head.size())));
  }

  /**
   * The member of a node that nobody talks to reads the vote at the others, and hands its ballot in
   * at all of them: some of these may keep it to themselves. And what is decided where it reads,
   * which is no secret (docs/governance.md).
   */
  void voteElsewhere(String node) {
    DecisionChain decisions = decisions();
    running().stream()
        .filter(other -> other.assembly().epoch() < decisions.decisions().size())
        .forEach(other -> other.told(decisions));
    List<SimulatedNode> others =
        running().stream()
            .filter(other -> !other.name().equals(node))
            .filter(
                other ->
                    !(decisions.state().standing(other.name()) instanceof NodeStanding.Revoked)
                        && other.assembly().epoch() == decisions.decisions().size())
            .toList();
    for (SimulatedNode other : others) {
      List<Bytes> ballots = world.elector(node).next(other.assembly(), other.chain());
      if (!ballots.isEmpty()) {
        others.forEach(each -> each.say(ballots, true));
      }
    }
  }

  /** Whether a member that has looked into it votes for this. */
  boolean supports(DecisionChain decisions, Action action) {
    return world.agenda().supports(decisions, action)
        || (action instanceof Action.ApproveIncarnation proposed
            && approval(decisions, proposed.enrolment()).equals(Optional.of(proposed)));
  }
}
