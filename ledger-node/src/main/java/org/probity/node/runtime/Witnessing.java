package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TlogPolicy;
import org.probity.node.http.Problems;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.WitnessService;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.store.NodeStore;

/**
 * Cosignatures in both directions: the desk where this node cosigns others' checkpoints, the one
 * that has its own cosigned, and the thread that both have.
 */
final class Witnessing implements AutoCloseable {
  private final Genesis genesis;
  private final NodeRecord self;
  private final WitnessSettings settings;
  private final PeerTransport transport;
  private final RuntimeMetrics metrics;
  private final Wards wards;
  private final WitnessDesk desk;
  private final WitnessService service;
  private final CosignDesk own;
  private final RejectedNotes rejected;
  private final Supplier<Seating> inForce;
  private final ExecutorService thread;

  private Witnessing(
      Genesis genesis,
      NodeRecord self,
      WitnessSettings settings,
      PeerTransport transport,
      RuntimeMetrics metrics,
      Wards wards,
      WitnessDesk desk,
      WitnessService service,
      CosignDesk own,
      RejectedNotes rejected,
      Supplier<Seating> inForce,
      ExecutorService thread) {
    this.genesis = genesis;
    this.self = self;
    this.settings = settings;
    this.transport = transport;
    this.metrics = metrics;
    this.wards = wards;
    this.desk = desk;
    this.service = service;
    this.own = own;
    this.rejected = rejected;
    this.inForce = inForce;
    this.thread = thread;
  }

  /** Where this node cosigns. */
  WitnessService service() {
    return service;
  }

  /**
   * SPEC protocol.md §11.1: it signs nothing before the gate is open, so no cosignatures either.
   */
  private record Gated(GatedSigner cosigner, WitnessDesk desk) implements WitnessService {
    @Override
    public Future<AddCheckpointResponse> add(String from, Bytes request) {
      return cosigner.isOpen()
          ? desk.add(from, request)
          : Future.failedFuture(Problems.notReady("this node cosigns nothing before it signs", 1));
    }

    @Override
    public Optional<SignedNote> cosigned(Hash originHash) {
      return desk.cosigned(originHash);
    }
  }

  /** Foreign logs of which both halves of a fork are here. */
  List<String> forked() {
    return rejected.forked();
  }

  /** Where the own checkpoints get their cosignatures. */
  CosignDesk own() {
    return own;
  }

  /** Cosigns, and has own checkpoints cosigned, from now on. */
  void start(Vertx vertx) {
    desk.start();
    own.tick();
    vertx.setPeriodic(settings.interval().toMillis(), timer -> own.tick());
  }

  /**
   * The same, and releases wait for that (protocol.md §11.4): whoever fails is asked again soon.
   */
  void startReleasing(Vertx vertx, LongConsumer witnessed) {
    own.releasing(witnessed);
    vertx.setPeriodic(CosignDesk.RELEASING_BACKOFF_MILLIS, timer -> own.tick());
    start(vertx);
  }

  /** One ward more, which this node has taken a seat for; before it starts. */
  void follow(Ward ward) {
    desk.follow(log(ward, wards));
    observe(metrics, desk, wards, ward.node());
  }

  private static void observe(RuntimeMetrics metrics, WitnessDesk desk, Wards wards, String node) {
    metrics.cosigned(
        node, () -> wards.ward(node).map(it -> desk.cosignedSize(it.stored().origin())).orElse(0L));
  }

  /** SPEC protocol.md §6.1: the seats are these from now on, for the own log as for all. */
  void seated(Seating next) {
    own.seated(
        witnesses(genesis, self, next, settings, transport),
        next.cosignatures(),
        () -> inForce.get().equals(next));
  }

  /** Finishes what was begun; before the store closes. */
  @Override
  public void close() {
    Endings.finish(thread);
  }

  /**
   * The names by which the consortium's cosigners sign: those of their own logs.
   *
   * @param node in its present incarnation
   */
  static NoteVerifierKey cosigner(Genesis genesis, NodeRecord node) {
    return NoteVerifierKey.ofCosigner(genesis.origin(node).format(), node.cosignerKey());
  }

  /**
   * Begins.
   *
   * @param cosigner signs cosignatures and nothing else
   * @param seating where the own log ends now
   * @param inForce the seats that the newest checkpoint has led to, or newer ones
   * @param started learns how to end its thread
   */
  static Witnessing open(
      Genesis genesis,
      NodeRecord self,
      NodeSettings settings,
      GatedSigner cosigner,
      NodeStore store,
      Wards wards,
      Seating seating,
      Supplier<Seating> inForce,
      PeerTransport transport,
      Supplier<Optional<PublishedLog>> newest,
      Clock clock,
      Executor verification,
      RuntimeMetrics metrics,
      Ward.Retry timer,
      Started started) {
    List<String> foreign =
        settings.witness().foreignLogs().stream().map(NoteVerifierKey::name).toList();
    RejectedNotes rejected =
        new RejectedNotes(settings.storage().data().resolve("rejected-checkpoints"), foreign);
    List<WitnessedLog> logs = new ArrayList<>();
    // Those not followed any more, too: what was promised of them is still asked for.
    wards.kept().forEach(ward -> logs.add(log(ward, wards)));
    settings.witness().foreignLogs().forEach(key -> logs.add(WitnessedLog.foreign(key, rejected)));
    ExecutorService thread =
        started.add(Executors.newSingleThreadExecutor(Endings.named("witness")), Endings::finish);
    Executor worker = metrics.counted("witness", thread);
    WitnessDesk desk =
        new WitnessDesk(
            cosigner,
            cosigner(genesis, self).name(),
            new CosignedHeads(CosignedHeads.Records.of(store.replicas())),
            logs,
            clock,
            verification,
            worker,
            timer);
    wards.present().forEach(ward -> observe(metrics, desk, wards, ward.node()));
    for (String log : foreign) {
      metrics.cosigned(log, () -> desk.cosignedSize(log));
      metrics.rejected(log, rejected);
    }
    metrics.answers(desk);
    CosignDesk own =
        new CosignDesk(
            newest,
            witnesses(genesis, self, seating, settings.witness(), transport),
            seating.cosignatures(),
            () -> inForce.get().equals(seating),
            foreignQuorum(genesis, self, settings.witness()),
            settings.witness().interval(),
            () -> System.nanoTime() / 1_000_000,
            worker);
    metrics.witnessed(own);
    return new Witnessing(
        genesis,
        self,
        settings.witness(),
        transport,
        metrics,
        wards,
        desk,
        new Gated(cosigner, desk),
        own,
        rejected,
        inForce,
        thread);
  }

  private static WitnessedLog log(Ward ward, Wards wards) {
    return WitnessedLog.of(
        ward,
        NoteVerifierKey.ofLog(ward.origin().format(), ward.record().logKey()),
        () -> wards.isBack(ward.node()));
  }

  /** SPEC protocol.md §6.1: the witnesses of this node by the seats, one per member. */
  private static List<CosignDesk.Witness> witnesses(
      Genesis genesis,
      NodeRecord self,
      Seating seating,
      WitnessSettings settings,
      PeerTransport transport) {
    List<CosignDesk.Witness> witnesses = new ArrayList<>();
    for (NodeRecord seat : seating.witnessesOf(self.node())) {
      witnesses.add(
          new CosignDesk.Witness(
              seat.node(),
              cosigner(genesis, seat),
              true,
              request -> transport.addCheckpoint(seat.node(), request)));
    }
    for (WitnessSettings.Foreign foreign : settings.foreignWitnesses()) {
      witnesses.add(
          new CosignDesk.Witness(
              foreign.witness().name(),
              foreign.witness().key(),
              false,
              request -> Future.fromCompletionStage(foreign.client().add(request))));
    }
    return witnesses;
  }

  private static Predicate<SignedNote> foreignQuorum(
      Genesis genesis, NodeRecord self, WitnessSettings settings) {
    if (settings.foreignPolicy().isEmpty()) {
      return note -> true;
    }
    TlogPolicy policy =
        settings
            .foreignPolicy()
            .get()
            .withLog(NoteVerifierKey.ofLog(genesis.origin(self).format(), self.logKey()));
    return note -> policy.evaluate(SignatureRule.fastest(), note) instanceof TlogPolicy.Accepted;
  }
}
