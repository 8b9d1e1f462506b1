package org.probity.detector.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeKind;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;

/**
 * When this node challenges others by itself: messages that stay unacknowledged, checkpoints that
 * stay unlinked, entries that are promised and do not come, decisions that others do not log. One
 * challenge of a kind against a node at a time, and no more than one attempt every {@value
 * #PAUSE_MILLIS} ms.
 */
final class Raising {
  static final long PAUSE_MILLIS = 1_000;

  private final Machine machine;
  private final Views views;
  private final Holding holding;
  private final Patience patience;
  private final Map<String, Long> nextElapsed = new TreeMap<>();
  private final Map<String, Unlinked> unlinked = new TreeMap<>();

  /** The oldest checkpoint of a log that could not be linked, and since when it has been that. */
  private record Unlinked(TreeHead head, long sinceElapsed) {}

  Raising(Machine machine, Views views, Holding holding, Patience patience) {
    this.machine = machine;
    this.views = views;
    this.holding = holding;
    this.patience = patience;
  }

  /** SPEC protocol.md §5.4: no acknowledgement, a message challenge. */
  void messages(
      Outbound outbound, Outbound.Durable durable, long elapsedMillis, List<Effect> effects) {
    for (NodeRecord peer : machine.genesis().nodes()) {
      if (outbound.isOverdue(peer.node(), elapsedMillis, patience.unacknowledgedMillis())
          && isTime(ChallengeKind.MESSAGE, peer.node(), elapsedMillis)) {
        outbound
            .unacknowledged(peer.node(), durable)
            .ifPresent(body -> raise(peer, body, elapsedMillis, effects));
      }
    }
  }

  /** SPEC protocol.md §5.2: what cannot be linked is asked for. */
  void links(long elapsedMillis, List<Effect> effects) {
    for (NodeRecord author : machine.genesis().nodes()) {
      Origin origin = machine.genesis().origin(author);
      List<VerifiedCheckpoint> waiting = views.unlinked(origin);
      if (waiting.isEmpty() || author.equals(machine.self())) {
        unlinked.remove(author.node());
        continue;
      }
      VerifiedCheckpoint oldest = waiting.get(0);
      Unlinked known = unlinked.get(author.node());
      if (known == null || !known.head().equals(oldest.head())) {
        unlinked.put(author.node(), new Unlinked(oldest.head(), elapsedMillis));
      } else if (elapsedMillis - known.sinceElapsed() >= patience.unlinkedMillis()
          && isTime(ChallengeKind.CONSISTENCY, author.node(), elapsedMillis)) {
        link(oldest, views.newest(origin).orElseThrow())
            .ifPresent(body -> raise(author, body, elapsedMillis, effects));
      }
    }
  }

  /** Nothing for two of one size: they contradict each other, and that is proven elsewhere. */
  private static Optional<Challenge.Body> link(VerifiedCheckpoint one, VerifiedCheckpoint other) {
    if (one.size() == other.size()) {
      return Optional.empty();
    }
    boolean isInOrder = one.size() < other.size();
    return Optional.of(
        isInOrder
            ? new Challenge.Consistency(one.bytes(), other.bytes())
            : new Challenge.Consistency(other.bytes(), one.bytes()));
  }

  /** A ward's entries do not come. */
  void entries(Input.EntriesMissing missing, long elapsedMillis, List<Effect> effects) {
    VerifiedCheckpoint promised = missing.promised();
    String ward = promised.author().node();
    boolean isPromised = missing.from() >= 0 && missing.from() < promised.size();
    if (isPromised
        && !promised.author().equals(machine.self())
        && isTime(ChallengeKind.AUDIT, ward, elapsedMillis)) {
      long count = Math.min(Challenge.MAX_ENTRIES, promised.size() - missing.from());
      raise(
          promised.author(),
          new Challenge.Audit(promised.bytes(), missing.from(), (int) count),
          elapsedMillis,
          effects);
    }
  }

  /**
   * SPEC protocol.md §7.1: what the members have decided every node must log.
   *
   * @param ownEpoch of our own log
   */
  void decision(
      Input.DecisionMissing missing, long ownEpoch, long elapsedMillis, List<Effect> effects) {
    Optional<NodeRecord> target =
        machine.genesis().node(missing.node()).filter(node -> !node.equals(machine.self()));
    if (target.isPresent()
        && missing.decision().decision().epoch() < ownEpoch
        && isTime(ChallengeKind.DECISION, missing.node(), elapsedMillis)) {
      Challenge.Body body = new Challenge.Decided(missing.decision().encoded());
      raise(target.get(), body, elapsedMillis, effects);
    }
  }

  private boolean isTime(ChallengeKind kind, String target, long elapsedMillis) {
    return !holding.isMoot(target)
        && elapsedMillis >= nextElapsed.getOrDefault(key(kind, target), Long.MIN_VALUE)
        && !holding.isOpen(kind, target);
  }

  private void raise(
      NodeRecord target, Challenge.Body body, long elapsedMillis, List<Effect> effects) {
    nextElapsed.put(key(body.kind(), target.node()), elapsedMillis + PAUSE_MILLIS);
    effects.add(
        new Effect.Raise(new Challenge(Challenge.Target.of(target), machine.self().node(), body)));
  }

  private static String key(ChallengeKind kind, String target) {
    return kind.label() + "/" + target;
  }
}
