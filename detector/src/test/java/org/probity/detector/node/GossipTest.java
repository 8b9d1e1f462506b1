package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.trust.Trust;

/** SPEC protocol.md §6.2: the newest view once per interval, a conflict at once. */
class GossipTest {
  private final Court court = new Court();
  private final CheckpointVerifier verifier =
      CheckpointVerifier.founding(court.network().genesis());
  private final ByzantineLog beta = court.log("beta", 12);
  private final Views views = new Views();
  private final Polity polity = new Polity(court.network());
  private final Roster roster = new Roster(court.network().genesis());
  private final Decisions decisions = new Decisions(court.machine("alpha"), polity.chain());
  private final Gossip gossip = new Gossip(roster, decisions, views);
  private final List<Effect> effects = new ArrayList<>();
  private long held;

  private static String shown(String witness, long size) {
    return witness + " " + size;
  }

  /** To whom, and a checkpoint of which size, since the last call; in alphabetical order. */
  private List<String> forwarded() {
    List<String> told = new ArrayList<>();
    for (Effect effect : effects) {
      Effect.Forward forward = (Effect.Forward) effect;
      assertEquals("beta", forward.checkpoint().origin().node());
      told.add(shown(forward.witness(), forward.checkpoint().size()));
    }
    effects.clear();
    return told.stream().sorted().toList();
  }

  private List<String> toEveryWitness(long... sizes) {
    TreeSet<String> expected = new TreeSet<>();
    for (String witness : witnesses()) {
      for (long size : sizes) {
        expected.add(shown(witness, size));
      }
    }
    return List.copyOf(expected);
  }

  private List<String> witnesses() {
    return Seats.witnessesOf("beta", 0, 2, court.network().genesis().nodes()).stream()
        .map(NodeRecord::node)
        .toList();
  }

  private VerifiedCheckpoint verified(SignedCheckpoint checkpoint) {
    return verifier.verify(checkpoint).orElseThrow();
  }

  /** A message of beta's with a checkpoint of this size has been handled. */
  private void hears(long size) {
    List<Hash> proof = held == 0 ? List.of() : MerkleProofs.consistency(beta, held, size);
    Views.Offer offer = views.offer(verified(beta.checkpoint(size)), held, proof);
    assertEquals(Views.Verdict.LINKED, offer.verdict());
    held = size;
    gossip.forwardOpen("beta", effects);
  }

  /** What its witness has not confirmed when it loses the seat, somebody else is to be shown. */
  @Test
  void whatAMovedSeatHasNotConfirmedIsNotSettled() {
    Containment open = new Containment(new Trust(), decisions, () -> polity.chain().state());
    Overhearing overhearing = new Overhearing(court.machine("alpha"), gossip, views, open);
    String witness = witnesses().get(0);
    List<Effect> told = new ArrayList<>();
    overhearing.overheard(
        new Input.Overheard(witness, List.of(verified(beta.checkpoint(4))), 7), told);
    DecisionChain chain = polity.decide(polity.chain(), new Action.SuspendNode(witness));
    told.clear();
    overhearing.seated(Seating.of(chain.state()), told);
    assertEquals(List.of(new Release.Overheard(7, false)), told);
  }

  /** SPEC protocol.md §11.3: nothing more of a closed log comes, so nobody may ever compare it. */
  @Test
  void whatCouldNotBeLinkedOfAClosedLogIsKeptWhateverWitnessesConfirm() {
    hears(5);
    SignedCheckpoint other = beta.sign(new TreeHead(9, Hash.sha256(new byte[] {1})));
    views.offer(verified(other), 0, List.of());
    NodeRecord next = Polity.next(court.network().node("beta"));
    DecisionChain chain =
        polity.decide(
            polity.chain(),
            new Action.ApproveIncarnation(
                polity.enrolment(next, Polity.signer(next.member())),
                beta.checkpoint(5).head(),
                Polity.ROOT,
                TestNetwork.FOUNDED_MILLIS,
                List.of()));
    roster.seated(Seating.of(chain.state()));
    gossip.seated(Set.of("beta"));
    for (String seat : witnesses()) {
      gossip.confirmed(new Input.CheckpointConfirmed(other, seat));
    }
    assertEquals(List.of(verified(other)), views.unlinked(other.origin()));
    // Of a log that goes on it is settled by that.
    roster.seated(Seating.founding(court.network().genesis()));
    gossip.seated(Set.of());
    for (String seat : witnesses()) {
      gossip.confirmed(new Input.CheckpointConfirmed(other, seat));
    }
    assertEquals(List.of(), views.unlinked(other.origin()));
  }

  @Test
  void theNewestViewGoesOncePerInterval() {
    hears(2);
    gossip.forward(0, effects);
    assertEquals(toEveryWitness(2), forwarded());

    for (long millis = 50; millis < Gossip.INTERVAL_MILLIS; millis += 50) {
      hears(held + 1);
      gossip.forward(millis, effects);
    }
    assertEquals(List.of(), forwarded(), "a witness is flooded with every message");

    gossip.forward(Gossip.INTERVAL_MILLIS, effects);
    assertEquals(toEveryWitness(held), forwarded());
    gossip.forward(Gossip.INTERVAL_MILLIS + 1, effects);
    assertEquals(List.of(), forwarded());
  }

  @Test
  void aWitnessThatHasConfirmedIsNotShownItAgain() {
    hears(5);
    gossip.forward(0, effects);
    forwarded();
    String confirming = witnesses().get(0);
    gossip.confirmed(new Input.CheckpointConfirmed(beta.checkpoint(5), confirming));

    gossip.forward(Gossip.INTERVAL_MILLIS, effects);
    assertEquals(List.of(shown(witnesses().get(1), 5)), forwarded());
  }

  @Test
  void aConflictGoesAtOnceWithBothHalvesAndOnlyOnce() {
    hears(5);
    gossip.forward(0, effects);
    gossip.confirmed(new Input.CheckpointConfirmed(beta.checkpoint(5), witnesses().get(0)));
    gossip.confirmed(new Input.CheckpointConfirmed(beta.checkpoint(5), witnesses().get(1)));
    hears(6);
    effects.clear();

    TreeHead other = new TreeHead(9, Hash.sha256(new byte[] {1}));
    views.offer(verified(beta.sign(other)), 0, List.of());
    gossip.forwardOpen("beta", effects);
    assertEquals(toEveryWitness(6, 9), forwarded());

    for (int message = 0; message < 20; message++) {
      gossip.forwardOpen("beta", effects);
    }
    assertEquals(List.of(), forwarded(), "once per interval, however much arrives");
    gossip.forward(Gossip.INTERVAL_MILLIS, effects);
    assertEquals(toEveryWitness(6, 9), forwarded(), "until it is confirmed");
  }

  @Test
  void aWitnessIsShownSoMuchOfOneLogInAnIntervalAndTheRestInTheNext() {
    for (int i = 0; i < Gossip.MAX_SHOWN + 5; i++) {
      TreeHead one = new TreeHead(9, Hash.sha256(new byte[] {(byte) i}));
      gossip.forwardOnce(verified(beta.sign(one)), effects);
    }
    assertEquals(Gossip.MAX_SHOWN * witnesses().size(), forwarded().size());

    gossip.forward(Gossip.INTERVAL_MILLIS, effects);
    hears(5);
    gossip.forward(2 * Gossip.INTERVAL_MILLIS, effects);
    assertEquals(toEveryWitness(5), forwarded());
  }

  /** SPEC protocol.md §5.2: of f+1 witnesses one is correct; f may all be in the plot. */
  @Test
  void whatCannotBeLinkedIsKeptUntilOneMoreWitnessThanMayBeFaultyConfirmsIt() {
    hears(5);
    SignedCheckpoint other = beta.sign(new TreeHead(9, Hash.sha256(new byte[] {1})));
    views.offer(verified(other), 0, List.of());
    List<VerifiedCheckpoint> kept = List.of(verified(other));
    NodeRecord noWitness =
        court.network().genesis().nodes().stream()
            .filter(node -> !node.node().equals("beta") && !witnesses().contains(node.node()))
            .findFirst()
            .orElseThrow();

    gossip.confirmed(new Input.CheckpointConfirmed(other, witnesses().get(0)));
    assertEquals(kept, views.unlinked(beta.machine().origin()), "f of them");
    gossip.confirmed(new Input.CheckpointConfirmed(other, witnesses().get(0)));
    assertEquals(kept, views.unlinked(beta.machine().origin()), "the same one twice");
    gossip.confirmed(new Input.CheckpointConfirmed(other, noWitness.node()));
    assertEquals(kept, views.unlinked(beta.machine().origin()), "one that is no witness");
    gossip.confirmed(new Input.CheckpointConfirmed(other, witnesses().get(1)));
    assertEquals(List.of(), views.unlinked(beta.machine().origin()));
  }

  /** SPEC protocol.md §6.1: views and what could not be linked are handed over to new witnesses. */
  @Test
  void whoTakesASeatIsShownAtOnceWhatTheOthersHaveConfirmed() {
    hears(5);
    gossip.forward(0, effects);
    List<String> former = witnesses();
    former.forEach(
        seat -> gossip.confirmed(new Input.CheckpointConfirmed(beta.checkpoint(5), seat)));
    SignedCheckpoint other = beta.sign(new TreeHead(9, Hash.sha256(new byte[] {1})));
    views.offer(verified(other), 0, List.of());
    gossip.confirmed(new Input.CheckpointConfirmed(other, former.get(0)));
    effects.clear();

    DecisionChain chain = polity.chain();
    List<String> next = former;
    while (next.equals(former)) {
      chain = polity.decide(chain, new Action.ReassignWitnesses());
      next = Seating.of(chain.state()).witnessesOf("beta").stream().map(NodeRecord::node).toList();
    }
    roster.seated(Seating.of(chain.state()));
    gossip.seated(Set.of());
    gossip.forward(1, effects);
    TreeSet<String> expected = new TreeSet<>();
    for (String seat : next) {
      if (!former.contains(seat)) {
        expected.add(shown(seat, 5));
      }
      if (!seat.equals(former.get(0))) {
        expected.add(shown(seat, 9));
      }
    }
    assertEquals(List.copyOf(expected), forwarded());

    // What those say who have lost their seat counts no more.
    List<VerifiedCheckpoint> kept = List.of(verified(other));
    for (String seat : former) {
      if (!next.contains(seat)) {
        gossip.confirmed(new Input.CheckpointConfirmed(other, seat));
      }
    }
    assertEquals(kept, views.unlinked(beta.machine().origin()));
    next.forEach(seat -> gossip.confirmed(new Input.CheckpointConfirmed(other, seat)));
    assertEquals(List.of(), views.unlinked(beta.machine().origin()));
  }
}
