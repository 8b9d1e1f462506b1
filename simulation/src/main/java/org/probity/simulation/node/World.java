package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.probity.detector.codec.Memo;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.program.Program;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Costs;
import org.probity.simulation.world.Network;
import org.probity.simulation.world.Timeline;
import org.probity.simulation.world.Trace;

/** All there is in one simulation: time, chance, links, the founding, and the nodes. */
public final class World {
  /** Of one log: more than a round has under the stated load. */
  private static final int PREPARED_ENTRIES = 256;

  /** More than there are on their way at once. */
  private static final int PROVEN = 256;

  private final Trace trace;
  private final Timeline timeline;
  private final Costs costs = new Costs();
  private final Chance chance;
  private final Network network;
  private final Founding founding;
  private final Supplier<Program> programs;
  private final Observer observer;
  private final Pace pace;
  private final Map<String, Host> hosts = new LinkedHashMap<>();
  private final Map<String, Memo<Replay.Prepared>> prepared = new HashMap<>();
  private final Memo<Verification.Proven> proven =
      new Memo<>(PROVEN, proven -> proven.evidence().encoded());
  private final Map<String, Elector> electors = new TreeMap<>();
  private final Map<String, Succession> successions = new TreeMap<>();
  private final Set<String> unreliable = new TreeSet<>();
  private final MemberDesk memberDesk;
  private final Agenda agenda;
  private boolean isGoverned;
  private boolean isScored;

  public World(
      Chance chance,
      Trace trace,
      Timeline timeline,
      Founding founding,
      Supplier<Program> programs,
      Pace pace,
      Observer observer) {
    this.chance = chance;
    this.trace = trace;
    this.timeline = timeline;
    this.network = new Network(timeline, trace, chance.of("network"), costs);
    this.founding = founding;
    this.programs = programs;
    this.pace = pace;
    this.observer = observer;
    this.memberDesk = new MemberDesk(this);
    this.agenda = new Agenda(this);
  }

  /** Adds a host under its node's name and connects it. */
  public void add(Host host) {
    hosts.put(host.name(), host);
    network.place(host.name(), host);
  }

  /**
   * What replays of the log of a node have decoded and verified a short while ago: a result of the
   * bytes of an entry alone. Every other witness replays the same entries within a round.
   */
  Memo<Replay.Prepared> prepared(String node) {
    return prepared.computeIfAbsent(
        node, none -> new Memo<>(PREPARED_ENTRIES, Replay.Prepared::encoded));
  }

  /** What the verifier has found proven: the same bytes prove the same to everybody. */
  Memo<Verification.Proven> proven() {
    return proven;
  }

  /** Members vote from now on; before any node starts. */
  public void govern() {
    isGoverned = true;
  }

  public boolean isGoverned() {
    return isGoverned;
  }

  /** Models that know nothing say what is to be audited first; before any node starts. */
  public void score() {
    isScored = true;
  }

  public boolean isScored() {
    return isScored;
  }

  /** What members have agreed on beside the nodes. */
  public Agenda agenda() {
    return agenda;
  }

  /** What members find out before they vote. */
  MemberDesk memberDesk() {
    return memberDesk;
  }

  /**
   * Whoever runs the node sees to its next incarnation: its keys must not sign any more.
   *
   * @param lost its log, which nobody has any more
   */
  public void succeed(String node, StoredEntries lost) {
    if (succession(node).filter(waiting -> !waiting.isOver()).isEmpty()) {
      Succession next = new Succession(this, host(node));
      successions.put(node, next);
      next.begin(lost);
    }
  }

  /** The last one that was seen to, over or not. */
  public Optional<Succession> succession(String node) {
    return Optional.ofNullable(successions.get(node));
  }

  /** Whoever cheats, or will answer for others' logs with less than it has known of them. */
  public void unreliable(Set<String> nodes) {
    unreliable.addAll(nodes);
  }

  /**
   * SPEC protocol.md §11.1: whether a node that forgot all it has signed would hear of it: a quorum
   * of its witnesses has it, and no more of them are faulty than are tolerated. Who is put back
   * itself is one of these, and who loses its copies is not: it says so, and the gate waits. Nobody
   * tells a stopped node anything.
   */
  public boolean isWitnessed(SimulatedNode node) {
    List<NodeRecord> seats = node.seating().witnessesOf(node.name());
    long size = node.disk().log().size();
    long holding =
        seats.stream()
            .map(seat -> host(seat.node()).process().disk())
            .filter(disk -> disk.copied(node.machine().origin()) >= size)
            .count();
    long faulty = seats.stream().filter(seat -> unreliable.contains(seat.node())).count();
    boolean isAnswered =
        memberDesk.decisions().state().standing(node.name()) instanceof NodeStanding.Active;
    return isAnswered
        && holding >= node.seating().cosignatures()
        && faulty <= node.seating().faults();
  }

  /** Decisions that the members have taken. */
  public int decided() {
    return memberDesk.decisions().decisions().size();
  }

  /** The member that owns a node. */
  Elector elector(String node) {
    return electors.computeIfAbsent(
        founding.genesis().node(node).orElseThrow().member(),
        member -> new Elector(this, member, new ArrayList<>(hosts.keySet()).indexOf(node)));
  }

  public Host host(String node) {
    Host host = hosts.get(node);
    if (host == null) {
      throw new IllegalArgumentException("no node " + node);
    }
    return host;
  }

  public Collection<Host> hosts() {
    return hosts.values();
  }

  public Trace trace() {
    return trace;
  }

  public Timeline timeline() {
    return timeline;
  }

  public Costs costs() {
    return costs;
  }

  public Chance chance(String purpose) {
    return chance.of(purpose);
  }

  public Network network() {
    return network;
  }

  public Founding founding() {
    return founding;
  }

  /** A copy of its own for whoever runs it: what one has decoded saves another nothing. */
  public Program program() {
    return programs.get();
  }

  public Pace pace() {
    return pace;
  }

  public Observer observer() {
    return observer;
  }

  /** The provider that everything in it is signed with. */
  public Ed25519Provider provider() {
    return founding.genesis().signatures().provider();
  }
}
