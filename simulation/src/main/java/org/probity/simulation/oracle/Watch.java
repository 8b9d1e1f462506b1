package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.Incident;
import org.probity.simulation.fault.Expectation;
import org.probity.simulation.node.Founding;
import org.probity.simulation.node.Observer;
import org.probity.simulation.node.Pace;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.oracle.Violation.Promise;

/** Sees what nodes conclude while a simulation runs, and holds it against who is faulty in it. */
public final class Watch implements Observer {
  private static final int MAX_VIOLATIONS = 20;

  /** Longer than any commit takes, and the one after it. */
  private static final long OPEN_BATCH_MICROS = 20_000;

  private final Genesis genesis;
  private final Set<String> faulty = new TreeSet<>();
  private final Set<String> losing = new TreeSet<>();
  private final Set<String> goingBack = new TreeSet<>();
  private final Map<String, Integer> incidents = new TreeMap<>();
  private final LongSupplier nowMicros;
  private final Rounds rounds;
  private final long roundMicros;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<Bytes, String> proofs = new LinkedHashMap<>();
  private final Map<String, Map<String, Long>> exposedAt = new TreeMap<>();
  private final Map<String, Map<String, Long>> suspectedSince = new TreeMap<>();
  private final Map<String, Map<String, List<TakenBack>>> takenBack = new TreeMap<>();
  private final Map<String, Settled> unsettled = new TreeMap<>();
  private final Set<String> forgetful = new TreeSet<>();

  /** By node, since when its own log has stopped others. */
  private final Map<String, Map<String, Long>> stoppedMicros = new TreeMap<>();

  private final Set<String> penitents = new TreeSet<>();
  private final Map<Excuse, Integer> excused = new EnumMap<>(Excuse.class);
  private int suspectedAndCleared;
  private boolean isUntroubled;
  private long healedMicros;
  private final List<Committed> committed = new ArrayList<>();
  private final Map<Incident, Long> struckMicros = new LinkedHashMap<>();
  private final Map<Incident, Standing> standings = new LinkedHashMap<>();
  private final Map<Incident, Standing> readings = new LinkedHashMap<>();
  private final Map<String, Set<FaultKind>> provenKinds = new TreeMap<>();
  private final Map<String, Map<String, Long>> membersProven = new TreeMap<>();
  private final Map<String, Integer> decisions = new TreeMap<>();
  private int mostDecisions;
  private long lastDecidedMicros;
  private final Map<Incident, ReplayDue> replayDues = new LinkedHashMap<>();
  private final List<Due> dues = new ArrayList<>();
  private final Map<String, Map<Long, Long>> closes = new TreeMap<>();
  private final Map<String, Long> begunMicros = new TreeMap<>();
  private final List<Opening> openings = new ArrayList<>();
  private final Map<Origin, Long> released = new HashMap<>();
  private final Map<String, List<StoredEntries>> histories = new TreeMap<>();
  private final Map<String, Long> aheadMillis = new TreeMap<>();

  /** By log, and the size that it was to be closed with: correct nodes that could show more. */
  private final Map<Origin, Map<Long, Map<String, Long>>> lostByClosing = new HashMap<>();

  private final Vouchers vouchers;

  /**
   * @param pace of every node
   */
  public Watch(Genesis genesis, LongSupplier nowMicros, Pace pace) {
    this.genesis = genesis;
    this.nowMicros = nowMicros;
    this.rounds = new Rounds(pace.budget());
    this.roundMicros = pace.roundMillis() * 1_000;
    this.vouchers = new Vouchers(genesis);
  }

  /** This node does, or may do, what no correct one would; once for each fault it has a part in. */
  public void faulty(String node) {
    faulty.add(node);
    incidents.merge(node, 1, Integer::sum);
  }

  /** In how many faults it is to have a part; what has come of them is in {@link Misdeeds}. */
  public int incidentsOf(String node) {
    return incidents.getOrDefault(node, 0);
  }

  /** Whose machine will lose what it has, or whom members stop: nobody owes it anything then. */
  public void losing(Set<String> nodes) {
    losing.addAll(nodes);
  }

  public boolean isLosing(String node) {
    return losing.contains(node);
  }

  /** Whose machine will show an older copy of what it has. */
  public void goingBack(Set<String> nodes) {
    goingBack.addAll(nodes);
  }

  /** Whether what it is shown and has in no log, it has as long as it runs. */
  public boolean isLasting(String node) {
    return !isLosing(node) && !goingBack.contains(node);
  }

  public boolean isFaulty(String node) {
    return faulty.contains(node);
  }

  public Set<String> faulty() {
    return new TreeSet<>(faulty);
  }

  /** It has done what it has done, and keeps to the rules from here on. */
  public void penitent(String node) {
    penitents.add(node);
  }

  /** Whether that is all it has done. */
  boolean isPenitent(String node) {
    return penitents.contains(node) && incidentsOf(node) == 1;
  }

  @Override
  public void history(String node, StoredEntries log) {
    histories.computeIfAbsent(node, none -> new ArrayList<>()).add(log);
  }

  /** Logs of a node beside those that its processes have in the end. */
  List<StoredEntries> histories(String node) {
    return List.copyOf(histories.getOrDefault(node, List.of()));
  }

  public void violated(Promise promise, String node, String what) {
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add(new Violation(promise, node, what));
    }
  }

  /** Something is no violation, for this reason alone. */
  public void excused(Excuse why) {
    excused.merge(why, 1, Integer::sum);
  }

  /** How often each excuse kept an oracle quiet. */
  public Map<Excuse, Integer> excused() {
    return new EnumMap<>(excused);
  }

  /** How often a correct node suspected a correct one, and trusts it again. */
  public int suspectedAndCleared() {
    return suspectedAndCleared;
  }

  /** Links, disks, clocks and processes work as they should from beginning to end. */
  public void untroubled() {
    isUntroubled = true;
  }

  public List<Violation> violations() {
    return List.copyOf(violations);
  }

  /** A node that has asked others about its log, and signs since then. */
  record Opening(String node, Asked asked, long openedMicros) {}

  List<Opening> openings() {
    return List.copyOf(openings);
  }

  /**
   * A fault that is done.
   *
   * @param towards the one node that it is done to, if only that and its witnesses can see it
   */
  public record Committed(
      String node,
      Incident incident,
      Expectation expectation,
      long sinceMicros,
      long atMicros,
      Optional<String> towards) {}

  /** A fault is done, and this is what is to come of it. */
  public void committed(String node, Incident incident, Expectation expectation) {
    committed(node, incident, expectation, nowMicros.getAsLong(), Optional.empty());
  }

  /** The same of one that began before, and that may be seen from one node only. */
  public void committed(
      String node,
      Incident incident,
      Expectation expectation,
      long sinceMicros,
      Optional<String> towards) {
    committed.add(
        new Committed(node, incident, expectation, sinceMicros, nowMicros.getAsLong(), towards));
  }

  /** A culprit turns to it. */
  public void struck(Incident incident) {
    struckMicros.put(incident, nowMicros.getAsLong());
  }

  /** Incidents of members that their culprits have turned to. */
  public List<Incident> struck() {
    return List.copyOf(struckMicros.keySet());
  }

  /** Whoever has so many entries of this log has what proves an incident. */
  public record Standing(Origin origin, StoredEntries log, long size) {}

  /** Where an incident can be read. */
  public void stands(Incident incident, Standing where) {
    standings.put(incident, where);
  }

  /** Where it can be read, in the log of whom it is done to or shown to, that there is a fault. */
  public void reads(Incident incident, Standing where) {
    readings.put(incident, where);
  }

  /** Where it can be read by those who have another's log. */
  Optional<Standing> reading(Incident incident) {
    return Optional.ofNullable(readings.get(incident));
  }

  /** Where incidents can be read. */
  List<Standing> standings() {
    return List.copyOf(standings.values());
  }

  /** Where an incident can be read, if that is in one log alone. */
  Optional<Standing> standing(Incident incident) {
    return Optional.ofNullable(standings.get(incident));
  }

  /** When its culprit turned to it. */
  public long struckMicros(Incident incident) {
    return struckMicros.getOrDefault(incident, nowMicros.getAsLong());
  }

  public List<Committed> committed() {
    return List.copyOf(committed);
  }

  /**
   * What must be the case in the end because of an incident.
   *
   * @param isMet by the correct nodes that run then: of the others nothing can be said
   */
  public record Due(
      String node, Incident incident, String what, Predicate<List<SimulatedNode>> isMet) {}

  /** Something must be the case in the end. */
  public void due(Due one) {
    dues.add(one);
  }

  public List<Due> dues() {
    return List.copyOf(dues);
  }

  /** Every accepted proof, and whom it names. */
  public Map<Bytes, String> proofs() {
    return new LinkedHashMap<>(proofs);
  }

  /** When {@code by} exposed {@code node}. */
  public Optional<Long> exposedAt(String by, String node) {
    return at(exposedAt, by, node);
  }

  /** Since when {@code by} has suspected {@code node} without a break. */
  public Optional<Long> suspectedSince(String by, String node) {
    return at(suspectedSince, by, node);
  }

  /** A node was suspected, and then it was not, somebody having been stopped in between. */
  record TakenBack(long sinceMicros, long atMicros) {}

  /** Nobody answers to whoever is stopped, so what that one has asked is not waited for. */
  List<TakenBack> takenBack(String by, String node) {
    return takenBack.getOrDefault(by, Map.of()).getOrDefault(node, List.of());
  }

  /** Every link, disk, clock and process of correct nodes is well from now on, and was not. */
  public void healed() {
    healedMicros = nowMicros.getAsLong();
  }

  public long healedMicros() {
    return healedMicros;
  }

  private static Optional<Long> at(Map<String, Map<String, Long>> times, String by, String node) {
    return Optional.ofNullable(times.get(by)).map(known -> known.get(node));
  }

  @Override
  public void examined(String by, Bytes candidate, Verification verification) {
    if (verification instanceof Verification.Proven proven) {
      String accused = proven.evidence().accused();
      proofs.putIfAbsent(candidate, accused);
      noteKind(proven.evidence());
      unsettled
          .computeIfAbsent(by, none -> new Settled())
          .proven(proven.evidence().node(), proven.evidence().fault(), nowMicros.getAsLong());
      if (proven.evidence().node().isEmpty()) {
        membersProven
            .computeIfAbsent(by, none -> new TreeMap<>())
            .putIfAbsent(accused, nowMicros.getAsLong());
      }
      boolean isDeserved =
          proven.evidence().node().map(faulty::contains).orElse(isFaultyMember(accused));
      if (!isDeserved) {
        violated(
            Promise.A1,
            accused,
            "a proof of " + proven.evidence().code() + " names a correct node, or its member");
      }
    }
  }

  /** Whether one of its nodes is faulty: it is whoever has the key of the member. */
  boolean isFaultyMember(String member) {
    return genesis.nodes().stream()
        .filter(node -> node.member().equals(member))
        .map(NodeRecord::node)
        .anyMatch(faulty::contains);
  }

  private void noteKind(Evidence evidence) {
    evidence
        .node()
        .ifPresent(
            node ->
                provenKinds
                    .computeIfAbsent(node, none -> EnumSet.noneOf(FaultKind.class))
                    .add(evidence.faultId().kind()));
  }

  /** Kinds of what is proven against nodes. */
  Map<String, Set<FaultKind>> provenKinds() {
    return new TreeMap<>(provenKinds);
  }

  /**
   * F: what is proven against a node, and what no readmission in its log has settled, keeps its
   * messages out of a correct node, once a batch that was open is done with.
   */
  @Override
  public void logged(String node, List<Bytes> entries) {
    if (faulty.contains(node)) {
      return;
    }
    Settled known = unsettled.computeIfAbsent(node, none -> new Settled());
    for (Bytes entry : entries) {
      known.logged(entry);
      Settled.decided(entry).ifPresent(action -> decided(node, action));
      if (Settled.decided(entry)
          .filter(action -> action instanceof Action.ReadmitNode it && it.node().equals(node))
          .isPresent()) {
        begunMicros.put(node, nowMicros.getAsLong());
      }
      if (Entry.typeOf(entry).equals(Optional.of(EntryType.RECEIVE))) {
        String sender = sender(entry);
        if (known
            .since(sender)
            .filter(since -> nowMicros.getAsLong() - since > OPEN_BATCH_MICROS)
            .isPresent()) {
          violated(
              Promise.F, node, "takes in a message of " + sender + ", which it has exposed before");
        }
      }
    }
  }

  /**
   * Since when something is proven at {@code by} against a node that no readmission has settled.
   */
  Optional<Long> unsettledSince(String by, String node) {
    return Optional.ofNullable(unsettled.get(by)).flatMap(known -> known.since(node));
  }

  /** Since when what members have done, and no node of theirs, is proven at {@code by}. */
  Map<String, Long> membersProvenAt(String by) {
    return new TreeMap<>(membersProven.getOrDefault(by, Map.of()));
  }

  /** When a correct node was the first to log a decision, for the last time. */
  long lastDecidedMicros() {
    return lastDecidedMicros;
  }

  private void decided(String by, Action action) {
    if (decisions.merge(by, 1, Integer::sum) > mostDecisions) {
      mostDecisions++;
      lastDecidedMicros = nowMicros.getAsLong();
    }
    Map<String, Long> stops = stoppedMicros.computeIfAbsent(by, none -> new TreeMap<>());
    if (action instanceof Action.SuspendNode suspended) {
      stops.put(suspended.node(), nowMicros.getAsLong());
    } else if (action instanceof Action.ReadmitNode readmitted) {
      stops.remove(readmitted.node());
    }
  }

  /** Since when the log of {@code by} has had {@code node} stopped. */
  Optional<Long> stoppedAt(String by, String node) {
    return at(stoppedMicros, by, node);
  }

  private static String sender(Bytes entry) {
    try {
      ReceiveEntry receive = (ReceiveEntry) Entry.decode(entry).body();
      return SignedCheckpoint.parse(receive.checkpoint()).origin().node();
    } catch (DecodeException e) {
      throw new IllegalStateException("a correct node has logged what cannot be read", e);
    }
  }

  @Override
  public void released(Origin log, long size) {
    released.merge(log, size, Math::max);
  }

  /** Since when the gate of a node is open. */
  long openedMicros(String node) {
    return openings.stream()
        .filter(opening -> opening.node().equals(node))
        .mapToLong(Opening::openedMicros)
        .max()
        .orElse(0L);
  }

  /** A1: whoever signs behind less than it has released signs a second history. */
  @Override
  public void opened(String node, Origin log, long size, Asked asked) {
    openings.add(new Opening(node, asked, nowMicros.getAsLong()));
    long before = released.getOrDefault(log, 0L);
    if (size < before && !faulty.contains(node)) {
      violated(Promise.A1, node, "signs behind " + size + " entries, and has released " + before);
    }
  }

  @Override
  public void acknowledged(String node, long index, long durableSize) {
    if (index >= durableSize && !faulty.contains(node)) {
      violated(Promise.D, node, "acknowledges entry " + index + " before it is on its disk");
    }
  }

  @Override
  public void audited(
      String by, String from, Bytes statement, Function<Origin, Optional<StoredEntries>> copies) {
    if (faulty.contains(from) && !faulty.contains(by)) {
      vouchers.take(by, from, statement, copies);
    }
  }

  /** What the faulty have vouched for, and to whom. */
  Vouchers vouchers() {
    return vouchers;
  }

  @Override
  public void exposed(String by, String node) {
    exposedAt.computeIfAbsent(by, none -> new TreeMap<>()).putIfAbsent(node, nowMicros.getAsLong());
    if (!faulty.contains(by) && !faulty.contains(node)) {
      violated(Promise.A1, node, by + " exposes a correct node");
    }
  }

  @Override
  public void suspected(String by, String node, String reason) {
    suspectedSince
        .computeIfAbsent(by, none -> new TreeMap<>())
        .putIfAbsent(node, nowMicros.getAsLong());
    if (isUntroubled && !faulty.contains(by) && !faulty.contains(node)) {
      violated(
          Promise.A2, node, by + " suspects it (" + reason + ") although nothing is ever wrong");
    }
  }

  @Override
  public void trusted(String by, String node) {
    Long since = suspectedSince.getOrDefault(by, new TreeMap<>()).remove(node);
    boolean isAskerStopped =
        since != null
            && stoppedMicros.getOrDefault(by, Map.of()).values().stream()
                .anyMatch(at -> at > since);
    if (isAskerStopped) {
      takenBack
          .computeIfAbsent(by, none -> new TreeMap<>())
          .computeIfAbsent(node, none -> new ArrayList<>())
          .add(new TakenBack(since, nowMicros.getAsLong()));
    }
    if (since != null && !faulty.contains(by) && !faulty.contains(node)) {
      suspectedAndCleared++;
    }
  }

  /** Culprits run the same software: what throws there throws elsewhere, or in their strategy. */
  @Override
  public void broken(String node, Throwable cause) {
    violated(Promise.X, node, cause + " at " + place(cause));
  }

  /** The simulation itself has thrown: whatever it was to find out, it has not. */
  public void broken(Throwable cause) {
    violated(Promise.X, Violation.ALL, cause + " at " + place(cause));
  }

  private static String place(Throwable cause) {
    return cause.getStackTrace().length == 0 ? "" : cause.getStackTrace()[0].toString();
  }

  /** What it knew is gone with its disk, and with that what it is held to. */
  @Override
  public void lost(String node, StoredEntries log) {
    history(node, log);
    forgotten(node);
  }

  @Override
  public void forgotten(String node) {
    unsettled.computeIfAbsent(node, none -> new Settled()).forgotten();
    membersProven.remove(node);
    exposedAt.remove(node);
    suspectedSince.remove(node);
    forgetful.add(node);
  }

  /** Whether it has lost what it knew of others, or may be about to. */
  public boolean mayForget(String node) {
    return isLosing(node) || forgetful.contains(node);
  }

  @Override
  public void clockSet(String node, long ahead) {
    aheadMillis.merge(node, ahead, Math::max);
  }

  /** Whether the clock of a node's machine may have shown a later time than this so far. */
  boolean mayHaveShown(String node, long millis) {
    long farthest = Math.max(0, aheadMillis.getOrDefault(node, 0L));
    return Founding.FOUNDED_MILLIS + nowMicros.getAsLong() / 1_000 + farthest > millis;
  }

  @Override
  public void closing(Origin log, long size, Map<String, Long> shown) {
    Map<String, Long> lost = new TreeMap<>(shown);
    lost.entrySet().removeIf(one -> faulty.contains(one.getKey()) || one.getValue() <= size);
    lostByClosing.computeIfAbsent(log, none -> new TreeMap<>()).put(size, lost);
  }

  /**
   * D, SPEC protocol.md §11.3: a log is closed at the highest position that anyone can
   * substantiate, so with no less than a correct node could show that ran when that was proposed. A
   * receipt that witnesses have answered for they hold.
   */
  private void closedWith(String node, long incarnation, long close) {
    lostByClosing.forEach(
        (log, lost) -> {
          if (log.node().equals(node) && log.incarnation() == incarnation) {
            lost.getOrDefault(close, Map.of())
                .forEach(
                    (by, seen) ->
                        violated(
                            Promise.D,
                            node,
                            "is closed with "
                                + close
                                + " entries, and "
                                + by
                                + " had seen "
                                + seen));
          }
        });
  }

  @Override
  public void begun(String node, long incarnation, long close) {
    closedWith(node, incarnation - 1, close);
    closes.computeIfAbsent(node, none -> new TreeMap<>()).put(incarnation - 1, close);
    decisions.remove(node);
    begunMicros.put(node, nowMicros.getAsLong());
  }

  /** Since when a node hears of everything: it has begun again, or was readmitted. */
  public long begunMicros(String node) {
    return begunMicros.getOrDefault(node, 0L);
  }

  /** Since when it takes part. */
  long thereMicros(String node) {
    return Math.max(begunMicros(node), openedMicros(node));
  }

  /** When the last incarnation of all began; 0 if there is none but the first ones. */
  public long lastBegunMicros() {
    return begunMicros.values().stream().mapToLong(Long::longValue).max().orElse(0L);
  }

  /** Whether what a node acknowledged in an incarnation is behind where that was closed. */
  public boolean isLost(Origin log, long index) {
    Long close = closes.getOrDefault(log.node(), new TreeMap<>()).get(log.incarnation());
    return close != null && index >= close;
  }

  /** A process suspects nobody before it has reasons of its own. */
  @Override
  public void witnessing(String by) {
    rounds.begin(by);
    suspectedSince.remove(by);
    vouchers.forget(by);
  }

  @Override
  public void round(String by, List<Progress> wards) {
    if (!faulty.contains(by)) {
      List<Progress> replaying = wards.stream().filter(ward -> !ward.isFaulty()).toList();
      long termMicros = rounds.term(replaying) * roundMicros;
      standings.forEach(
          (incident, where) ->
              wards.stream()
                  .filter(ward -> ward.ward().equals(where.origin()))
                  .filter(ward -> ward.stored() >= where.size())
                  .forEach(ward -> held(incident, by, ward.isFaulty() ? 0 : termMicros)));
      rounds
          .round(by, replaying)
          .ifPresent(
              late ->
                  violated(
                      Promise.C1,
                      late.ward(),
                      by + " has not replayed it up to " + late.size() + " in the rounds it has"));
    }
  }

  private void held(Incident incident, String by, long termMicros) {
    replayDues.putIfAbsent(incident, new ReplayDue(by, nowMicros.getAsLong() + termMicros));
  }

  /**
   * When the entries that prove an incident must have been replayed, by the first correct witness
   * that had as many of that log, or of another history of it (protocol.md §9).
   */
  record ReplayDue(String by, long atMicros) {}

  Optional<ReplayDue> replayDue(Incident incident) {
    return Optional.ofNullable(replayDues.get(incident));
  }

  /** That it runs in the end is judged then. */
  @Override
  public void stopped(String node, String why) {}

  @Override
  public void attended(String node) {
    healed();
  }
}
