package org.probity.node.runtime;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.probity.detector.audit.AuditLane;
import org.probity.node.http.ScheduleStatus;
import org.probity.node.http.ScoringStatus;
import org.probity.node.scoring.PeerScores;

/** Who is audited when and why, for people. Thread-safe. */
final class AuditRanking {
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
  }

  /** Empty without a model. */
  OptionalDouble score(String node) {
    return scores.status().trained()
        ? OptionalDouble.of(scores.score(node).score())
        : OptionalDouble.empty();
  }

  /** Of the last slot that the node's log was given. */
  String lane(String node) {
    return audits
        .standing(node)
        .lastLane()
        .map(lane -> lane.name().toLowerCase(Locale.ROOT))
        .orElse("");
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

  ScheduleStatus schedule() {
    return new ScheduleStatus(
        audits.rounds(),
        audits.boundRounds(),
        audits.slots(AuditLane.FLOOR),
        audits.slots(AuditLane.SCORE),
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
        ward.trouble().orElse(""));
  }
}
