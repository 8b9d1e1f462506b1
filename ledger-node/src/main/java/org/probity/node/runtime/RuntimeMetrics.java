package org.probity.node.runtime;

import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.AuditLane;
import org.probity.node.http.PublishedLog;
import org.probity.node.identity.LiveRevocations;
import org.probity.node.identity.OwnCertificates;
import org.probity.node.identity.RevocationList;
import org.probity.node.metrics.NodeMetrics;
import org.probity.node.scoring.PeerScores;
import org.probity.node.store.NodeStore;

/** What only the running node can see of itself. docs/operator-guide.md explains every name. */
final class RuntimeMetrics {
  private static final double SECONDS_PER_DAY = 86_400;

  private final NodeMetrics metrics;
  private final Timer commits;
  private final Timer audits;

  RuntimeMetrics(NodeMetrics metrics) {
    this.metrics = metrics;
    this.commits =
        metrics.histogram("probity.store.commit", "From the hand-over to the disk until durable");
    this.audits = metrics.histogram("probity.audit.duration", "Replay of one chunk of a ward");
  }

  /** One commit, failed or not. */
  void committed(Duration took) {
    commits.record(took);
  }

  /** One chunk of a ward's log replayed. */
  void audited(Duration took) {
    audits.record(took);
  }

  void boot(Boot boot) {
    metrics.gauge(
        "probity.boot.waiting.nodes",
        "Nodes whose answers may let this one sign after its start",
        boot::waitingFor);
  }

  void stores(NodeStore store) {
    store("own", store.own()::usedBytes, store.own()::maxBytes);
    store("replicas", store.replicas()::usedBytes, store.replicas()::maxBytes);
    damage("own", store.own()::damagedReads);
    damage("replicas", store.replicas()::damagedReads);
    store("state", store.state()::usedBytes, store.state()::maxBytes);
    store("index", store.index()::usedBytes, store.index()::maxBytes);
  }

  private void damage(String name, Supplier<Number> reads) {
    metrics.counted(
        "probity.store.damaged.reads", "What was read failed its hash", reads, "store", name);
  }

  private void store(String name, Supplier<Number> used, Supplier<Number> max) {
    metrics.gauge("probity.store.used.bytes", "Of the LMDB map", used, "store", name);
    metrics.gauge("probity.store.max.bytes", "Size limit of the map", max, "store", name);
  }

  void certificates(OwnCertificates certificates, Clock clock) {
    for (String use : certificates.ends().keySet()) {
      metrics.gauge(
          "probity.certificate.left.days",
          "Until it expires, negative afterwards",
          () -> daysLeft(certificates.ends().get(use), clock),
          "use",
          use);
    }
  }

  /** Of a node that has a revocation list. */
  void revocations(LiveRevocations revocations, Clock clock) {
    revocation(
        "left.days",
        "Until the next list is due, negative afterwards",
        revocations,
        list -> daysLeft(list.nextUpdate(), clock));
    revocation(
        "left.ratio",
        "Of the list's time: 1 just signed, 0 when the next one is due",
        revocations,
        list -> list.leftRatio(clock.instant()));
    revocation("number", "Of the list in force", revocations, list -> list.number().doubleValue());
    revocation("revoked.certificates", "In the list", revocations, list -> (double) list.size());
  }

  private void revocation(
      String name, String help, LiveRevocations revocations, Function<RevocationList, Double> of) {
    metrics.gauge(
        "probity.revocation.list." + name,
        help,
        () -> revocations.inForce().map(of).orElse(Double.NaN));
  }

  void actions(ActionDesk actions) {
    metrics.gauge(
        "probity.operators.log.entries",
        "In the log of operators' actions, of all times; less than before means that it was cut",
        actions::entries);
    metrics.counted(
        "probity.operators.unrecorded.actions", "That are not in that log", actions::lost);
  }

  private static double daysLeft(@Nullable Instant end, Clock clock) {
    return end == null ? 0 : Duration.between(clock.instant(), end).toSeconds() / SECONDS_PER_DAY;
  }

  void queue(String name, Supplier<Number> depth) {
    metrics.gauge("probity.queue.depth.items", "What waits", depth, "queue", name);
  }

  /** A queue that turns away what is beyond {@code limit}. */
  void queue(String name, int limit, Supplier<Number> depth) {
    queue(name, depth);
    metrics.gauge("probity.queue.limit.items", "How much may wait", () -> limit, "queue", name);
  }

  /** The same executor, its waiting tasks counted as a queue. */
  Executor counted(String queue, Executor executor) {
    CountedExecutor counted = new CountedExecutor(executor);
    queue(queue, counted::waiting);
    return counted;
  }

  /**
   * @param wards asked at each scrape: a node that begins another incarnation is another ward
   */
  void ward(String node, Function<String, Optional<Ward>> wards) {
    metrics.gauge(
        "probity.audit.checkpoint.age.seconds",
        "Since a newer checkpoint of the peer was stored here",
        () -> wards.apply(node).map(ward -> ward.checkpointAge().toMillis() / 1e3).orElse(0.0),
        "peer",
        node);
    metrics.gauge(
        "probity.audit.missing.entries",
        "Entries that the ward has signed and that are not stored here",
        () -> wards.apply(node).map(Ward::missing).orElse(0L),
        "peer",
        node);
    metrics.counted(
        "probity.audit.failed.attempts",
        "How often the audit of the ward has thrown",
        () -> wards.apply(node).map(Ward::auditFailures).orElse(0L),
        "peer",
        node);
    metrics.gauge(
        "probity.relay.behind.entries",
        "Entries whose checkpoints of other logs some witness has not confirmed",
        () -> wards.apply(node).map(Ward::relayBehind).orElse(0L),
        "peer",
        node);
  }

  void audits(AuditDesk desk, String node) {
    metrics.gauge(
        "probity.audit.signed.entries",
        "Entries of the ward that this node has signed to be as they must be",
        () -> desk.signedSize(node),
        "peer",
        node);
  }

  void audits(AuditDesk desk) {
    metrics.counted(
        "probity.audit.false.statements",
        "Auditors proven here to have signed what is not so",
        desk::falseAudits);
  }

  void rounds(AuditRounds audits) {
    metrics.gauge(
        "probity.audit.bound.rounds",
        "Within so many rounds is audited what has arrived by now",
        audits::boundRounds);
    metrics.counted("probity.audit.rounds", "Rounds of audits", audits::rounds);
    for (AuditLane lane : AuditLane.values()) {
      metrics.counted(
          "probity.audit.slots",
          "Chunks given to be replayed",
          () -> audits.slots(lane),
          "lane",
          lane.name().toLowerCase(Locale.ROOT));
    }
  }

  void rounds(AuditRounds audits, String node) {
    metrics.gauge(
        "probity.audit.waited.rounds",
        "Rounds that gave no slot to the oldest chunk of the ward",
        () -> audits.standing(node).lag().waitedRounds(),
        "peer",
        node);
    metrics.gauge(
        "probity.audit.late.rounds",
        "Rounds by which the oldest chunk of the ward has outlived the bound",
        () -> audits.standing(node).lateRounds(),
        "peer",
        node);
  }

  /**
   * @param log a ward's node, or the origin of a foreign log
   */
  void cosigned(String log, Supplier<Number> size) {
    metrics.gauge(
        "probity.witness.cosigned.size",
        "Entries under the newest checkpoint cosigned here",
        size,
        "peer",
        log);
  }

  void witnessed(CosignDesk own) {
    metrics.gauge(
        "probity.witness.own.size",
        "Own entries under the newest checkpoint that enough witnesses have cosigned",
        () -> own.witnessed().map(PublishedLog::size).orElse(0L));
    metrics.gauge(
        "probity.witness.own.age.seconds",
        "Since that checkpoint became witnessed, or since the start",
        () -> own.age().toMillis() / 1e3);
    metrics.gauge(
        "probity.witness.own.unwitnessed.entries",
        "Durable own entries that no witnessed checkpoint covers",
        own::unwitnessed);
  }

  /** What others' requests for cosignatures are answered. */
  void answers(WitnessDesk desk) {
    for (int status : WitnessDesk.STATUSES) {
      metrics.counted(
          "probity.witness.answers",
          "Answers to requests for a cosignature",
          () -> desk.answers(status),
          "status",
          Integer.toString(status));
    }
  }

  /** Checkpoints of a foreign log that were signed by it and not cosigned. */
  void rejected(String log, RejectedNotes rejected) {
    for (RejectedNotes.Kind kind : RejectedNotes.Kind.values()) {
      metrics.counted(
          "probity.witness.rejected.checkpoints",
          "Signed by a foreign log, and not consistent with what is cosigned of it",
          () -> rejected.count(log, kind),
          "log",
          log,
          "kind",
          kind.label());
    }
  }

  /**
   * @param witness by its name, whether or not it is one now
   */
  void unwilling(CosignDesk own, String witness) {
    metrics.gauge(
        "probity.witness.unwilling.witnesses",
        "1 while this witness does not cosign the own checkpoints",
        () -> own.isUnwilling(witness) ? 1 : 0,
        "witness",
        witness);
  }

  void scores(PeerScores scores) {
    metrics.gauge(
        "probity.scoring.model.trained",
        "1 if peers are scored by a model",
        () -> scores.status().trained() ? 1 : 0);
    metrics.gauge(
        "probity.scoring.training.rows",
        "Measurements that the next model is trained on",
        () -> scores.status().rows());
    metrics.counted(
        "probity.scoring.failures",
        "Epochs, looks and trainings that have failed",
        scores::failures);
  }

  void refused(String peer, Supplier<Number> messages) {
    metrics.counted(
        "probity.peer.refused.messages",
        "Turned away because too much of the peer's log could not be linked",
        messages,
        "peer",
        peer);
  }
}
