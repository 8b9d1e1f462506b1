package org.probity.node.runtime;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.probity.detector.audit.AuditLane;
import org.probity.node.http.ScheduleStatus;
import org.probity.node.http.ScoringStatus;
import org.probity.node.scoring.PeerScore;
import org.probity.node.scoring.PeerScores;

/** Who is audited when and why, for people. Thread-safe. */
final class AuditRanking {
  /** Of one ward. */
  static final int MAX_TURNS = 8;

  private final Map<String, Deque<ScheduleStatus.Turn>> turns = new ConcurrentHashMap<>();
  private final PeerScores scores;
  private final AuditRounds audits;
  private final List<String> others;
  private final Supplier<Collection<Ward>> wards;

  /**
   * @param others all nodes but this one
   */
  AuditRanking(
      PeerScores scores,
      AuditRounds audits,
      List<String> others,
      Supplier<Collection<Ward>> wards) {
    this.scores = scores;
    this.audits = audits;
    this.others = others;
    this.wards = wards;
    audits.onGiven(this::remember);
  }

  /** With the score as it was then: it will be another one when somebody asks. */
  private void remember(AuditRounds.Given given) {
    String ward = given.slot().ward();
    String lane = given.asked() ? "asked" : label(given.slot().lane());
    PeerScore why = scores.score(ward);
    ScheduleStatus.Turn turn =
        new ScheduleStatus.Turn(
            given.round(),
            given.place(),
            given.places(),
            given.slot().fromIndex(),
            given.slot().toIndex(),
            lane,
            given.slot().waitedRounds(),
            given.boundRounds(),
            scores.status().trained() ? OptionalDouble.of(why.score()) : OptionalDouble.empty(),
            why);
    Deque<ScheduleStatus.Turn> last = turns.computeIfAbsent(ward, any -> new ArrayDeque<>());
    synchronized (last) {
      if (last.size() == MAX_TURNS) {
        last.removeFirst();
      }
      last.addLast(turn);
    }
  }

  private List<ScheduleStatus.Turn> turns(String ward) {
    Deque<ScheduleStatus.Turn> last = turns.get(ward);
    if (last == null) {
      return List.of();
    }
    synchronized (last) {
      return List.copyOf(last);
    }
  }

  private static String label(AuditLane lane) {
    return lane.name().toLowerCase(Locale.ROOT);
  }

  /** Empty without a model. */
  OptionalDouble score(String node) {
    return scores.status().trained()
        ? OptionalDouble.of(scores.score(node).score())
        : OptionalDouble.empty();
  }

  /** Of the last slot that the node's log was given. */
  String lane(String node) {
    return audits.standing(node).lastLane().map(AuditRanking::label).orElse("");
  }

  ScoringStatus scoring() {
    PeerScores.Status status = scores.status();
    List<ScoringStatus.Peer> peers =
        others.stream()
            .map(node -> new ScoringStatus.Peer(node, score(node), lane(node), scores.score(node)))
            .sorted(
                Comparator.comparingDouble((ScoringStatus.Peer peer) -> -peer.why().score())
                    .thenComparing(ScoringStatus.Peer::node))
            .toList();
    return new ScoringStatus(
        scores.settings().enabled(),
        status.trained(),
        status.rows(),
        status.epochs(),
        scores.settings().epoch().toMillis(),
        peers);
  }

  /**
   * Has a ward's log replayed before others.
   *
   * @param upTo how much of it; empty for all that is known to exist
   * @return up to where it will be; empty if it is no ward of this node
   */
  OptionalLong ask(String node, OptionalLong upTo) {
    for (Ward ward : wards.get()) {
      if (ward.node().equals(node)) {
        long known = ward.auditedSize() + Math.max(0, ward.lag());
        long goal = Math.min(upTo.orElse(known), known);
        if (goal > ward.auditedSize()) {
          audits.ask(node, goal);
        }
        return OptionalLong.of(goal);
      }
    }
    return OptionalLong.empty();
  }

  ScheduleStatus schedule() {
    return new ScheduleStatus(
        audits.rounds(),
        audits.boundRounds(),
        audits.slots(AuditLane.FLOOR),
        audits.slots(AuditLane.SCORE),
        audits.scoreThreshold(),
        wards.get().stream().map(this::status).toList());
  }

  private ScheduleStatus.Ward status(Ward ward) {
    AuditRounds.Standing standing = audits.standing(ward.node());
    return new ScheduleStatus.Ward(
        ward.node(),
        ward.auditedSize(),
        ward.lag(),
        standing.lag().entries(),
        standing.lag().chunks(),
        standing.lag().waitedRounds(),
        standing.lateRounds(),
        lane(ward.node()),
        ward.trouble().orElse(""),
        turns(ward.node()));
  }
}
