package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.probity.node.http.NodeHealth;
import org.probity.node.ledger.TransferHistory;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StateFlusher;

/**
 * Whether the node takes transactions now, and what its operator should know beside: its phase, the
 * checks that keep transactions out and the warnings that do not, as {@code /readyz} tells them.
 * Thread-safe.
 */
final class NodeCondition {
  private final NodeStore store;
  private final StateFlusher flusher;
  private final TransferHistory history;
  private final Supplier<Collection<Ward>> wards;
  private final Function<String, Optional<String>> lateAudit;
  private final Supplier<List<String>> forkedLogs;
  private final Supplier<Optional<String>> closedGate;
  private final Supplier<Optional<String>> unreleased;
  private final Supplier<List<NodeHealth.Warning>> certificates;
  private final Supplier<List<NodeHealth.Warning>> revocations;
  private volatile NodeHealth.Phase phase = NodeHealth.Phase.STARTING;
  private volatile String fatalReason = "";

  /**
   * @param wards asked at each look
   * @param lateAudit why a ward's audit is later than it may be, if it is
   * @param forkedLogs foreign logs of which both halves of a fork are here
   * @param closedGate why nothing is signed yet, if so
   * @param unreleased whose cosignatures others wait for, if they have for long
   * @param certificates what is to be said about the node's certificates
   * @param revocations and about those that are revoked
   */
  NodeCondition(
      NodeStore store,
      StateFlusher flusher,
      TransferHistory history,
      Supplier<Collection<Ward>> wards,
      Function<String, Optional<String>> lateAudit,
      Supplier<List<String>> forkedLogs,
      Supplier<Optional<String>> closedGate,
      Supplier<Optional<String>> unreleased,
      Supplier<List<NodeHealth.Warning>> certificates,
      Supplier<List<NodeHealth.Warning>> revocations) {
    this.store = store;
    this.flusher = flusher;
    this.history = history;
    this.wards = wards;
    this.lateAudit = lateAudit;
    this.forkedLogs = forkedLogs;
    this.closedGate = closedGate;
    this.unreleased = unreleased;
    this.certificates = certificates;
    this.revocations = revocations;
  }

  /** The boot gate is open, and all that a node does has begun. */
  void running() {
    phase = NodeHealth.Phase.RUNNING;
  }

  /** Nothing new is taken in. */
  void draining() {
    phase = NodeHealth.Phase.DRAINING;
  }

  /** Nothing is signed any more. */
  void latched(Throwable cause) {
    fatalReason = String.valueOf(cause);
    phase = NodeHealth.Phase.LATCHED;
  }

  boolean isLatched() {
    return phase == NodeHealth.Phase.LATCHED;
  }

  /** A look at everything. */
  NodeHealth health() {
    List<NodeHealth.Check> checks = new ArrayList<>();
    checks.add(new NodeHealth.Check("store", phase != NodeHealth.Phase.LATCHED, fatalReason));
    Optional<String> closed = closedGate.get();
    checks.add(new NodeHealth.Check("gate", closed.isEmpty(), closed.orElse("")));
    // What was there at the start is not shown to anybody before it is witnessed.
    String held =
        phase == NodeHealth.Phase.STARTING && closed.isEmpty() ? unreleased.get().orElse("") : "";
    checks.add(new NodeHealth.Check("release", held.isEmpty(), held));
    boolean full = store.own().isFull();
    checks.add(
        new NodeHealth.Check(
            "space", !full, full ? "the store is full: enlarge storage.logMib and restart" : ""));
    return new NodeHealth(phase, checks, warnings());
  }

  private List<NodeHealth.Warning> warnings() {
    List<NodeHealth.Warning> found = new ArrayList<>();
    for (Ward ward : wards.get()) {
      ward.keepTrouble()
          .ifPresent(why -> found.add(warning("log of " + ward.node() + " cannot be kept", why)));
      ward.trouble().ifPresent(why -> found.add(warning("audit of " + ward.node(), why)));
      lateAudit
          .apply(ward.node())
          .ifPresent(why -> found.add(warning("lag of " + ward.node(), why)));
      ward.memoryFailure()
          .ifPresent(why -> found.add(warning("audited state of " + ward.node(), why)));
    }
    for (String log : forkedLogs.get()) {
      found.add(warning("foreign log " + log, "it has forked: rejected-checkpoints has the proof"));
    }
    unreleased.get().ifPresent(why -> found.add(warning("release", why)));
    store.own().damage().ifPresent(why -> found.add(warning("own log", why)));
    if (store.replicas().isFull()) {
      String remedy = "full: enlarge storage.replicaMib and restart; nothing of wards is taken in";
      found.add(warning("logs of wards", remedy));
    }
    store.replicas().damage().ifPresent(why -> found.add(warning("logs of wards", why)));
    history.failure().ifPresent(why -> found.add(warning("index of transfers", why)));
    flusher
        .failure()
        .ifPresent(why -> found.add(warning("flush of the state", String.valueOf(why))));
    found.addAll(certificates.get());
    found.addAll(revocations.get());
    return found;
  }

  private static NodeHealth.Warning warning(String part, String why) {
    return new NodeHealth.Warning(part, why);
  }
}
