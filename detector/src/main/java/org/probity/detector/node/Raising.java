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
 * stay unlinked, entries that are promised and do not come, decisions that others do not log, what
 * wards keep back. One challenge of a kind against a node at a time, and no more than one attempt
 * every {@value #PAUSE_MILLIS} ms.
 */
final class Raising {
  static final long PAUSE_MILLIS = 1_000;

  private final Machine machine;
  private final Roster roster;
  private final Views views;
  private final Holding holding;
  private final Patience patience;
  private final Map<String, Long> nextElapsed = new TreeMap<>();
  private final Map<String, Unlinked> unlinked = new TreeMap<>();

  /** The oldest checkpoint of a log that could not be linked, and since when it has been that. */
  private record Unlinked(TreeHead head, long sinceElapsed) {}

  Raising(Machine machine, Roster roster, Views views, Holding holding, Patience patience) {
    this.machine = machine;
    this.roster = roster;
    this.views = views;
    this.holding = holding;
    this.patience = patience;
  }

  /** SPEC protocol.md §5.4: no acknowledgement, a message challenge. */
  void messages(
      Outbound outbound, Outbound.Durable durable, long elapsedMillis, List<Effect> effects) {
    for (NodeRecord peer : roster.nodes()) {
      if (outbound.isOverdue(peer.node(), elapsedMillis, patience.unacknowledgedMillis())
          && isTime(ours(peer), elapsedMillis)) {
        outbound
            .unacknowledged(peer.node(), durable)
            .ifPresent(body -> raise(ours(peer), body, elapsedMillis, effects));
      }
    }
  }

  /** SPEC protocol.md §5.2: what cannot be linked is asked for. */
  void links(long elapsedMillis, List<Effect> effects) {
    for (NodeRecord author : roster.nodes()) {
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
          && isTime(of(ChallengeKind.CONSISTENCY, author), elapsedMillis)) {
        link(oldest, views.newest(origin).orElseThrow())
            .ifPresent(
                body -> raise(of(ChallengeKind.CONSISTENCY, author), body, elapsedMillis, effects));
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
    Question question = of(ChallengeKind.AUDIT, promised.author());
    boolean isPromised = missing.from() >= 0 && missing.from() < promised.size();
    holding.outgrown(promised.author().node(), missing.from());
    if (isPromised
        && !promised.author().equals(machine.self())
        && isTime(question, elapsedMillis)) {
      long count = Math.min(Challenge.MAX_ENTRIES, promised.size() - missing.from());
      raise(
          question,
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
    if (missing.decision().decision().epoch() < ownEpoch) {
      other(missing.node())
          .map(target -> of(ChallengeKind.DECISION, target))
          .filter(question -> isTime(question, elapsedMillis))
          .ifPresent(
              question ->
                  raise(
                      question,
                      new Challenge.Decided(missing.decision().encoded()),
                      elapsedMillis,
                      effects));
    }
  }

  /** SPEC protocol.md §6.5: any witness that sees a SEND without ACK delivers it. */
  void undelivered(Input.MessagesUndelivered seen, long elapsedMillis, List<Effect> effects) {
    if (holding.isMoot(seen.sender())) {
      return;
    }
    other(seen.receiver())
        .map(target -> new Question(ChallengeKind.MESSAGE, target, Optional.of(seen.sender())))
        .filter(question -> isTime(question, elapsedMillis))
        .ifPresent(question -> raise(question, seen.body(), elapsedMillis, effects));
  }

  private Optional<NodeRecord> other(String node) {
    return roster.node(node).filter(record -> !record.equals(machine.self()));
  }

  /** What is asked once at a time. */
  private record Question(ChallengeKind kind, NodeRecord target, Optional<String> sender) {
    String key() {
      return kind.label() + "/" + target.node() + "/" + sender.orElse("");
    }
  }

  private static Question of(ChallengeKind kind, NodeRecord target) {
    return new Question(kind, target, Optional.empty());
  }

  /** About our own messages. */
  private Question ours(NodeRecord receiver) {
    return new Question(ChallengeKind.MESSAGE, receiver, Optional.of(machine.self().node()));
  }

  private boolean isTime(Question question, long elapsedMillis) {
    String target = question.target().node();
    return !holding.isMoot(target)
        && elapsedMillis >= nextElapsed.getOrDefault(question.key(), Long.MIN_VALUE)
        && !holding.isOpen(question.kind(), target, question.sender());
  }

  private void raise(
      Question question, Challenge.Body body, long elapsedMillis, List<Effect> effects) {
    nextElapsed.put(question.key(), elapsedMillis + PAUSE_MILLIS);
    effects.add(
        new Effect.Raise(
            new Challenge(Challenge.Target.of(question.target()), machine.self().node(), body)));
  }
}
