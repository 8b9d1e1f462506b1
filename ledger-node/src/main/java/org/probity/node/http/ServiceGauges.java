package org.probity.node.http;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.challenge.ChallengeKind;
import org.probity.node.metrics.NodeMetrics;

/** What a {@link NodeService} knows, as metrics. Thread-safe. */
final class ServiceGauges {
  private static final List<String> VERDICTS = List.of("trusted", "suspected", "exposed");

  private final NodeService service;
  private final MultiGauge peers;
  private final MultiGauge audited;
  private final MultiGauge lag;
  private final MultiGauge score;
  private final MultiGauge challenges;

  ServiceGauges(NodeService service, NodeMetrics metrics) {
    this.service = service;
    metrics.gauge(
        "probity.log.head.entries", "Own log, durable entries", () -> service.ownLog().size());
    metrics.gauge(
        "probity.node.ready", "1 if it takes transactions", () -> service.health().ready() ? 1 : 0);
    metrics.gauge("probity.evidence.files", "Proofs held", () -> service.evidenceFiles().size());
    metrics.gauge(
        "probity.node.warnings", "In /readyz now", () -> service.health().warnings().size());
    for (NodeHealth.Phase phase : NodeHealth.Phase.values()) {
      metrics.gauge(
          "probity.node.phase",
          "1 for the phase it is in",
          () -> service.health().phase() == phase ? 1 : 0,
          "phase",
          phase.name().toLowerCase(Locale.ROOT));
    }
    peers = multi(metrics, "probity.peers.nodes", "Other nodes by verdict");
    audited = multi(metrics, "probity.audit.audited.entries", "Entries of a ward replayed here");
    lag =
        multi(
            metrics,
            "probity.audit.unaudited.entries",
            "Entries that a ward has signed and that are not replayed here");
    score = multi(metrics, "probity.audit.suspicion.score", "Priority hint; never a verdict");
    challenges = multi(metrics, "probity.challenges.open", "Not answered yet, by target and kind");
  }

  private static MultiGauge multi(NodeMetrics metrics, String name, String description) {
    return MultiGauge.builder(name).description(description).register(metrics.registry());
  }

  /** Brings the series that come and go up to date; call before a scrape. */
  synchronized void refresh() {
    Map<String, Integer> byVerdict = new TreeMap<>();
    VERDICTS.forEach(verdict -> byVerdict.put(verdict, 0));
    List<MultiGauge.Row<?>> auditedRows = new ArrayList<>();
    List<MultiGauge.Row<?>> lagRows = new ArrayList<>();
    List<MultiGauge.Row<?>> scoreRows = new ArrayList<>();
    for (PeerStatus peer : service.peers()) {
      Tags tags = Tags.of("peer", peer.node());
      byVerdict.merge(peer.verdict(), 1, Integer::sum);
      auditedRows.add(MultiGauge.Row.of(tags, peer.auditedSize()));
      lagRows.add(MultiGauge.Row.of(tags, peer.lag()));
      peer.score().ifPresent(value -> scoreRows.add(MultiGauge.Row.of(tags, value)));
    }
    List<MultiGauge.Row<?>> verdictRows = new ArrayList<>();
    byVerdict.forEach(
        (verdict, count) -> verdictRows.add(MultiGauge.Row.of(Tags.of("verdict", verdict), count)));
    peers.register(verdictRows, true);
    audited.register(auditedRows, true);
    lag.register(lagRows, true);
    score.register(scoreRows, true);
    challenges.register(challengeRows(), true);
  }

  private List<MultiGauge.Row<?>> challengeRows() {
    Map<Tags, Integer> open = new LinkedHashMap<>();
    for (PeerStatus peer : service.peers()) {
      for (ChallengeKind kind : ChallengeKind.values()) {
        open.put(Tags.of("target", peer.node(), "kind", kind.label()), 0);
      }
    }
    for (ChallengeStatus challenge : service.challenges()) {
      open.merge(Tags.of("target", challenge.target(), "kind", challenge.kind()), 1, Integer::sum);
    }
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    open.forEach((tags, count) -> rows.add(MultiGauge.Row.of(tags, count)));
    return rows;
  }
}
