package org.probity.detector.node;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.probity.detector.challenge.ChallengeKind;
import org.probity.detector.challenge.Challenges;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.trust.Trust;

/**
 * Challenges that are open here, our own and others' (protocol.md §7.2): each is put to its target
 * by ourselves, again and again, and to one other node each time, which may have the answer or
 * hears of the challenge. Each node asks the others in an order of its own, so that whoever has
 * lost what was open hears of it soon, however many they are. Whoever leaves one open for too long
 * is suspected until nothing is overdue any more.
 *
 * <p>Nothing here touches the log or the state (protocol.md §7.4).
 */
final class Holding {
  static final long FIRST_PAUSE_MILLIS = 1_000;
  static final long LAST_PAUSE_MILLIS = 15_000;

  /**
   * What a target has for one more part of a promise that it was first asked about long ago. Slow
   * is not withheld: a correct node takes a few reads of its disk for it.
   */
  static final long PART_MILLIS = 2_000;

  /** Challenges under way to one target at once. */
  static final int MAX_UNDER_WAY = 8;

  private final Machine machine;
  private final Trust trust;
  private final Containment containment;
  private final long overdueMillis;
  private final Predicate<String> isStopped;
  private final Challenges challenges = new Challenges();
  private final Map<Hash, Delivery> deliveries = new LinkedHashMap<>();
  private final List<String> others = new ArrayList<>();
  private final Roster roster;
  private final Set<String> suspects = new TreeSet<>();
  private final Set<String> owing = new TreeSet<>();
  private final PromisesAsked promises = new PromisesAsked();

  /** How one challenge is carried around. */
  private static final class Delivery {
    private final Set<String> underWay = new TreeSet<>();
    private final Set<String> confirmed = new TreeSet<>();
    private long nextElapsed = Long.MIN_VALUE;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private int nextOther;
  }

  /**
   * @param isStopped whether a decision in our log has suspended or revoked a node
   */
  Holding(
      Machine machine,
      Roster roster,
      Trust trust,
      Containment containment,
      Patience patience,
      Predicate<String> isStopped) {
    this.machine = machine;
    this.trust = trust;
    this.containment = containment;
    this.isStopped = isStopped;
    this.overdueMillis = patience.overdueMillis();
    this.roster = roster;
    for (NodeRecord node : roster.nodes()) {
      if (!node.node().equals(machine.self().node())) {
        others.add(node.node());
      }
    }
    // Each begins with the one after itself. All hear of a challenge at the same time: were they to
    // ask one another in the same order, all would go to one node, and to the next one a pause
    // later.
    int after =
        (int) others.stream().filter(other -> other.compareTo(machine.self().node()) < 0).count();
    Collections.rotate(others, -after);
  }

  /**
   * SPEC protocol.md §7.2: a decision makes moot what an incarnation that is closed asks or is
   * asked: the next one neither knows of it nor has the key. It is told what stays open, which it
   * may have lost: it need not wait until whoever holds it has told all others.
   */
  void closed(NodeRecord incarnation, long elapsedMillis, List<Effect> effects) {
    challenges.closed(incarnation).forEach(moot -> deliveries.remove(moot.id()));
    owing.remove(incarnation.node());
    review(elapsedMillis);
    String node = incarnation.node();
    if (others.contains(node) && !isExposed(node)) {
      for (Challenges.Open one : challenges.open()) {
        Delivery delivery = deliveries.get(one.challenge().id());
        if (delivery != null) {
          put(node, one.challenge(), delivery, effects);
        }
      }
    }
  }

  List<Challenges.Open> open() {
    return challenges.open();
  }

  /**
   * Whether a challenge of ours of this kind waits for {@code target}.
   *
   * @param sender of the messages it is about; empty for other kinds
   */
  boolean isOpen(ChallengeKind kind, String target, Optional<String> sender) {
    return challenges.open().stream()
        .map(Challenges.Open::challenge)
        .filter(challenge -> challenge.challenger().equals(machine.self()))
        .filter(challenge -> challenge.kind() == kind && challenge.sender().equals(sender))
        .anyMatch(challenge -> challenge.target().node().equals(target));
  }

  /** A challenge of ours: everybody is to hear of it at once. */
  void raised(ValidChallenge challenge, long elapsedMillis, List<Effect> effects) {
    if (refusal(challenge).isEmpty()
        && hasRoomForClients(challenge)
        && challenges.open(challenge) == Challenges.Admission.OPENED) {
      Delivery delivery = begin(challenge, elapsedMillis, effects);
      // The target has its turn: more than it is to be asked at once would go there by this way.
      others.stream()
          .filter(other -> !other.equals(challenge.target().node()))
          .forEach(other -> put(other, challenge, delivery, effects));
    }
  }

  /**
   * Half of our own quota, against a node and in all, is for what clients hand over: the rest stays
   * ours.
   */
  private boolean hasRoomForClients(ValidChallenge challenge) {
    if (challenge.kind() != ChallengeKind.CLIENT) {
      return true;
    }
    List<ValidChallenge> ofClients =
        challenges.open().stream()
            .map(Challenges.Open::challenge)
            .filter(one -> one.kind() == ChallengeKind.CLIENT)
            .filter(one -> one.challenger().equals(machine.self()))
            .toList();
    long againstTarget =
        ofClients.stream().filter(one -> one.target().equals(challenge.target())).count();
    return againstTarget < Challenges.MAX_PER_PAIR / 2
        && ofClients.size() < Challenges.MAX_PER_CHALLENGER / 2;
  }

  /** A challenge to somebody else. */
  void arrived(Input.ChallengeArrived arrived, long elapsedMillis, List<Effect> effects) {
    ValidChallenge challenge = arrived.challenge();
    long ticket = arrived.ticket();
    Optional<String> refusal = refusal(challenge);
    if (refusal.isPresent()) {
      effects.add(new Release.ChallengeRefused(ticket, refusal.get()));
      return;
    }
    switch (challenges.open(challenge)) {
      case OPENED -> {
        begin(challenge, elapsedMillis, effects);
        effects.add(new Release.ChallengeHeld(ticket));
      }
      case KNOWN, CONFIRMED -> effects.add(new Release.ChallengeHeld(ticket));
      case ANSWERED ->
          effects.add(
              new Release.ChallengeAnswered(
                  ticket, challenges.answer(challenge.id()).orElseThrow()));
      case CHALLENGER_QUOTA ->
          effects.add(new Release.ChallengeRefused(ticket, "challenger_quota"));
      case TARGET_QUOTA -> effects.add(new Release.ChallengeRefused(ticket, "target_quota"));
    }
  }

  /** Why a challenge is not open, whoever holds it out: evidence or a decision has settled it. */
  private Optional<String> refusal(ValidChallenge challenge) {
    boolean isOfClosedSender =
        challenge.claim() instanceof Claim.Message message
            && !roster.isPresent(message.sender())
            && message.sender().incarnation()
                < roster.node(message.sender().node()).map(NodeRecord::incarnation).orElse(0L);
    if (!roster.isPresent(challenge.challenger())
        || !roster.isPresent(challenge.target())
        || isOfClosedSender) {
      return Optional.of("incarnation_closed");
    }
    if (isExposed(challenge.challenger().node())) {
      return Optional.of("challenger_exposed");
    }
    if (isExposed(challenge.target().node())) {
      return Optional.of("target_exposed");
    }
    Optional<String> exposed = challenge.sender().filter(this::isExposed);
    return exposed.isPresent() ? Optional.of("sender_exposed") : stopped(challenge);
  }

  /**
   * SPEC protocol.md §7.2: a decision makes moot what a stopped node asks or is asked, and what is
   * asked in its name: nobody may receive from it, so nobody could answer.
   */
  private Optional<String> stopped(ValidChallenge challenge) {
    if (isStopped.test(challenge.challenger().node())) {
      return Optional.of("challenger_stopped");
    }
    if (isStopped.test(challenge.target().node())) {
      return Optional.of("target_stopped");
    }
    return challenge.sender().filter(isStopped).map(sender -> "sender_stopped");
  }

  /** Whether challenges between this node and another make no sense now. */
  boolean isMoot(String other) {
    return isExposed(other) || isStopped.test(other) || isStopped.test(machine.self().node());
  }

  /** A decision was logged: what it makes moot is not open any more. */
  void decided(long elapsedMillis) {
    for (NodeRecord node : roster.nodes()) {
      if (isStopped.test(node.node())) {
        exposed(node.node(), elapsedMillis);
      }
    }
  }

  private boolean isExposed(String node) {
    return containment.isContained(node);
  }

  private Delivery begin(ValidChallenge challenge, long elapsedMillis, List<Effect> effects) {
    Delivery delivery = new Delivery();
    deliveries.put(challenge.id(), delivery);
    deliver(challenge, delivery, false, elapsedMillis, effects);
    return delivery;
  }

  /**
   * @param isAgain whether the target has had it; if not, it waits for its first turn only, and
   *     nobody else is asked meanwhile
   */
  private void deliver(
      ValidChallenge challenge,
      Delivery delivery,
      boolean isAgain,
      long elapsedMillis,
      List<Effect> effects) {
    String target = challenge.target().node();
    boolean isRoom = underWay(target) < MAX_UNDER_WAY;
    if (!isRoom && !isAgain) {
      return;
    }
    // Also without room: a target that lets requests hang must not set the pace at which others ask
    // one another.
    delivery.nextElapsed = elapsedMillis + delivery.pauseMillis;
    delivery.pauseMillis = Math.min(2 * delivery.pauseMillis, LAST_PAUSE_MILLIS);
    if (isRoom) {
      put(target, challenge, delivery, effects);
      challenges.put(challenge.id(), elapsedMillis);
      promises.put(challenge, elapsedMillis);
    }
  }

  private long underWay(String target) {
    return deliveries.values().stream()
        .filter(delivery -> delivery.underWay.contains(target))
        .count();
  }

  private static void put(
      String to, ValidChallenge challenge, Delivery delivery, List<Effect> effects) {
    if (delivery.underWay.add(to)) {
      effects.add(new Effect.Put(to, challenge));
    }
  }

  void unanswered(Input.ChallengeUnanswered input) {
    Delivery delivery = deliveries.get(input.challenge());
    if (delivery != null) {
      delivery.underWay.remove(input.from());
    }
  }

  /**
   * SPEC protocol.md §7.1: non-witnesses accept confirmations of f+1 witnesses. One of them is
   * correct, so the target has produced what is asked for, and it will be audited. A witness itself
   * needs the entries.
   */
  void confirmed(Input.ChallengeConfirmed input, long elapsedMillis) {
    ValidChallenge challenge = input.confirmation().challenge();
    Delivery delivery = deliveries.get(challenge.id());
    if (delivery == null) {
      return;
    }
    delivery.underWay.remove(input.from());
    input.confirmation().cosigners().forEach(node -> delivery.confirmed.add(node.node()));
    String target = challenge.target().node();
    boolean isEnough = confirmations(target, delivery) > roster.seating().faults();
    if (isEnough && !roster.seating().isWitness(machine.self().node(), target)) {
      challenges.confirmed(challenge.id());
      deliveries.remove(challenge.id());
      promises.confirmed(challenge);
      review(elapsedMillis);
    }
  }

  /**
   * Our own copy of a ward's log has got what we asked the ward for by another way, such as from
   * another witness, and ends there. The question is settled here, as it is for others by our word:
   * else a ward that never answers it could not be asked for anything that it signs later.
   *
   * @param size of the copy
   */
  void outgrown(String ward, long size) {
    for (Challenges.Open one : challenges.open()) {
      ValidChallenge challenge = one.challenge();
      boolean isOurs =
          challenge.challenger().equals(machine.self()) && challenge.target().node().equals(ward);
      if (isOurs
          && challenge.claim() instanceof Claim.Audit audit
          && audit.from() + audit.count() <= size) {
        challenges.confirmed(challenge.id());
        deliveries.remove(challenge.id());
        if (audit.checkpoint().size() <= size) {
          promises.confirmed(challenge);
        }
      }
    }
  }

  /** Whose word counts: those that witness the target now, one per member, and no known liars. */
  private long confirmations(String target, Delivery delivery) {
    return roster.seating().witnessesOf(target).stream()
        .filter(seat -> delivery.confirmed.contains(seat.node()) && !isExposed(seat.node()))
        .count();
  }

  /**
   * The target has answered.
   *
   * @return whether the challenge was open here
   */
  boolean answered(VerifiedAnswer answer, long elapsedMillis) {
    boolean wasOpen = challenges.answered(answer);
    if (wasOpen) {
      promises.answered(answer, elapsedMillis);
      deliveries.remove(answer.challenge().id());
      review(elapsedMillis);
    }
    return wasOpen;
  }

  /** There is evidence against a node, or a decision: nothing it is part of is open any more. */
  void exposed(String node, long elapsedMillis) {
    challenges.exposed(node).forEach(moot -> deliveries.remove(moot.id()));
    review(elapsedMillis);
  }

  /** Puts what is due once more, and sees who has had too much time. */
  void clock(long elapsedMillis, List<Effect> effects) {
    for (Challenges.Open one : challenges.open()) {
      Delivery delivery = deliveries.get(one.challenge().id());
      if (delivery != null && elapsedMillis >= delivery.nextElapsed) {
        boolean isAgain = one.firstPutElapsed().isPresent();
        deliver(one.challenge(), delivery, isAgain, elapsedMillis, effects);
        if (isAgain) {
          putToOther(one.challenge(), delivery, effects);
          putToWitnesses(one.challenge(), delivery, effects);
        }
      }
    }
    review(elapsedMillis);
  }

  /** All that may confirm and have not; what they say is small. */
  private void putToWitnesses(ValidChallenge challenge, Delivery delivery, List<Effect> effects) {
    String target = challenge.target().node();
    String self = machine.self().node();
    if (challenge.kind() == ChallengeKind.AUDIT && !roster.seating().isWitness(self, target)) {
      roster.seating().witnessesOf(target).stream()
          .map(NodeRecord::node)
          .filter(seat -> !delivery.confirmed.contains(seat) && !isExposed(seat))
          .forEach(seat -> put(seat, challenge, delivery, effects));
    }
  }

  /** One after the other: each may have the answer, or hears of the challenge. */
  private void putToOther(ValidChallenge challenge, Delivery delivery, List<Effect> effects) {
    for (int i = 0; i < others.size(); i++) {
      String other = others.get(delivery.nextOther % others.size());
      delivery.nextOther++;
      if (!other.equals(challenge.target().node()) && !isExposed(other)) {
        put(other, challenge, delivery, effects);
        return;
      }
    }
  }

  /** A ward of ours has had its time for all that it has signed, or has produced it. */
  void owes(Input.EntriesOverdue owed, long elapsedMillis) {
    if (owed.isOverdue()) {
      owing.add(owed.node());
    } else {
      owing.remove(owed.node());
    }
    review(elapsedMillis);
  }

  /** SPEC protocol.md §7.2: suspected while an answer is overdue, and no longer. */
  private void review(long elapsedMillis) {
    Map<String, String> overdue = overdue(elapsedMillis);
    for (String suspect : List.copyOf(suspects)) {
      if (!overdue.containsKey(suspect)) {
        suspects.remove(suspect);
        trust.clear(suspect);
      }
    }
    overdue.forEach(
        (target, reason) -> {
          if (suspects.add(target)) {
            trust.suspect(target, reason);
          }
        });
  }

  /**
   * By node, why it is to be suspected. While this node is stopped nobody talks to it, so whatever
   * it waits for is nobody's fault.
   */
  private Map<String, String> overdue(long elapsedMillis) {
    Map<String, String> overdue = new LinkedHashMap<>();
    if (isStopped.test(machine.self().node())) {
      return overdue;
    }
    for (Challenges.Open one : challenges.open()) {
      if (isOverdue(one, elapsedMillis)) {
        overdue.putIfAbsent(one.challenge().target().node(), reason(one.challenge()));
      }
    }
    owing.stream()
        .filter(node -> !isStopped.test(node))
        .forEach(node -> overdue.putIfAbsent(node, "its log has not come as far as it has signed"));
    return overdue;
  }

  /** A part of what is promised is due soon once the whole of it would have been. */
  private boolean isOverdue(Challenges.Open one, long elapsedMillis) {
    return one.isOverdue(elapsedMillis, overdueMillis)
        || (promises.isOverdue(one.challenge(), elapsedMillis, overdueMillis)
            && one.isOverdue(elapsedMillis, Math.min(PART_MILLIS, overdueMillis)));
  }

  private static String reason(ValidChallenge challenge) {
    return challenge.kind().label()
        + " challenge "
        + challenge.id().toHex().substring(0, 16)
        + " of "
        + challenge.challenger().node()
        + " is not answered";
  }
}
