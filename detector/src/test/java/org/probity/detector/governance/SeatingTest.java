package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;

/** protocol.md §6.1: which decision moves which seats. */
class SeatingTest {
  private static final int CASES = 60;

  /** A consortium out of a seed, and its state after decisions; nobody votes here. */
  private static final class World {
    final Genesis genesis;
    final GovernanceState state;

    World(SplittableRandom random) {
      int members = 2 + random.nextInt(9);
      List<Member> owners = new ArrayList<>();
      List<NodeRecord> nodes = new ArrayList<>();
      TreeMap<String, Signer> keys = new TreeMap<>();
      for (int m = 0; m < members; m++) {
        Signer key = TestNetwork.signer("governance " + m);
        owners.add(new Member("m" + m, key.publicKey()));
        keys.put("m" + m, key);
        for (int n = random.nextInt(3); n >= 0; n--) {
          String name = "n" + n + "-" + m;
          nodes.add(
              new NodeRecord(
                  name,
                  "m" + m,
                  0,
                  TestNetwork.signer("log " + name).publicKey(),
                  TestNetwork.signer("cosigner " + name).publicKey()));
        }
      }
      int witnesses = 1 + random.nextInt(Math.min(4, members - 1));
      genesis =
          Genesis.found(
              "seats",
              TestNetwork.FOUNDED_MILLIS,
              Parameters.of(random.nextInt(witnesses), witnesses),
              Hash.sha256(),
              Bytes.EMPTY,
              owners,
              nodes,
              keys);
      state = new GovernanceState(new WorkingState(StateTree.EMPTY), genesis.networkId());
      state.found(genesis);
    }

    String anyNode(SplittableRandom random) {
      return genesis.nodes().get(random.nextInt(genesis.nodes().size())).node();
    }

    void stop(String node, SplittableRandom random) {
      state.putStanding(
          node,
          random.nextBoolean()
              ? new NodeStanding.Suspended(0)
              : new NodeStanding.Revoked(0, Polity.HEAD));
    }

    long membersThatMaySit(String ward) {
      String owner = genesis.node(ward).orElseThrow().member();
      return genesis.nodes().stream()
          .filter(node -> state.standing(node.node()) instanceof NodeStanding.Active)
          .map(NodeRecord::member)
          .filter(member -> !member.equals(owner))
          .distinct()
          .count();
    }

    Seating seating() {
      return Seating.of(state);
    }
  }

  private static List<String> seats(Seating seating, String ward) {
    return seating.witnessesOf(ward).stream().map(NodeRecord::node).toList();
  }

  @Test
  void startsAsGenesisSays() {
    Seeded.run(
        CASES,
        random -> {
          World world = new World(random);
          Seating founding = Seating.founding(world.genesis);
          assertEquals(founding, world.seating());
          assertEquals(founding.hashCode(), world.seating().hashCode());
          for (NodeRecord ward : world.genesis.nodes()) {
            assertEquals(
                Seats.witnessesOf(
                    ward.node(), 0, world.genesis.parameters().witnesses(), world.genesis.nodes()),
                founding.witnessesOf(ward.node()));
          }
        });
  }

  /** protocol.md §2.3: whoever answers at a start and whoever has cosigned. */
  @Test
  void bootAnswersMeetEveryQuorumInACorrectWitnessAlsoWhereSomeAreStopped() {
    Seeded.run(
        CASES,
        random -> {
          World world = new World(random);
          for (int i = random.nextInt(world.genesis.nodes().size() + 1); i > 0; i--) {
            world.stop(world.anyNode(random), random);
          }
          Seating seating = world.seating();
          for (NodeRecord ward : world.genesis.nodes()) {
            int seats = seating.witnessesOf(ward.node()).size();
            int answers = seating.bootAnswers(ward.node());
            assertTrue(answers <= seats);
            boolean isQuorumLeft = seating.cosignatures() <= seats;
            assertTrue(
                !isQuorumLeft || seating.cosignatures() + answers - seats > seating.faults(),
                () -> world.genesis.parameters() + " with " + seats + " seats: " + answers);
          }
        });
  }

  @Test
  void theWitnessesAreDifferentMembersNoneTheWardsAndNoneStopped() {
    Seeded.run(
        CASES,
        random -> {
          World world = new World(random);
          for (int i = random.nextInt(world.genesis.nodes().size() + 1); i > 0; i--) {
            world.stop(world.anyNode(random), random);
          }
          Seating seating = world.seating();
          assertEquals(seating, world.seating());
          for (NodeRecord ward : world.genesis.nodes()) {
            List<NodeRecord> seats = seating.witnessesOf(ward.node());
            long expected =
                Math.min(
                    world.genesis.parameters().witnesses(), world.membersThatMaySit(ward.node()));
            assertEquals(expected, seats.size());
            assertEquals(expected, seats.stream().map(NodeRecord::member).distinct().count());
            for (NodeRecord seat : seats) {
              assertNotEquals(ward.member(), seat.member());
              assertTrue(world.state.standing(seat.node()) instanceof NodeStanding.Active);
              assertTrue(seating.wardsOf(seat.node()).contains(ward));
              assertTrue(seating.isWitness(seat.node(), ward.node()));
            }
          }
        });
  }

  @Test
  void aStoppedNodeMovesOnlyTheSeatsItHeldAndIsStillAWard() {
    Seeded.run(
        CASES,
        random -> {
          World world = new World(random);
          for (int i = random.nextInt(3); i > 0; i--) {
            world.stop(world.anyNode(random), random);
          }
          Seating before = world.seating();
          String stopped = world.anyNode(random);
          world.stop(stopped, random);
          Seating after = world.seating();
          for (NodeRecord ward : world.genesis.nodes()) {
            List<String> had = seats(before, ward.node());
            List<String> has = seats(after, ward.node());
            if (!had.contains(stopped)) {
              assertEquals(had, has);
              continue;
            }
            List<String> stay = new ArrayList<>(had);
            stay.remove(stopped);
            assertTrue(has.containsAll(stay), had + " -> " + has);
            assertFalse(has.contains(stopped));
            assertTrue(has.size() <= had.size());
          }
          assertEquals(List.of(), after.wardsOf(stopped));

          world.state.putStanding(stopped, new NodeStanding.Active());
          Seating readmitted = world.seating();
          for (NodeRecord ward : world.genesis.nodes()) {
            if (seats(readmitted, ward.node()).contains(stopped)) {
              continue;
            }
            assertEquals(seats(after, ward.node()), seats(readmitted, ward.node()));
          }
        });
  }

  @Test
  void aMemberKeepsTheSeatWhileAnotherOfItsNodesCanTakeIt() {
    Seeded.run(
        CASES,
        random -> {
          World world = new World(random);
          Seating before = world.seating();
          String stopped = world.anyNode(random);
          String member = world.genesis.node(stopped).orElseThrow().member();
          world.stop(stopped, random);
          boolean hasOther =
              world.genesis.nodes().stream()
                  .anyMatch(node -> node.member().equals(member) && !node.node().equals(stopped));
          for (NodeRecord ward : before.wardsOf(stopped)) {
            boolean sits =
                world.seating().witnessesOf(ward.node()).stream()
                    .anyMatch(seat -> seat.member().equals(member));
            assertEquals(hasOther, sits);
          }
        });
  }

  @Test
  void onlyAReassignmentMovesEverything() {
    Seeded.run(
        CASES,
        random -> {
          World world = new World(random);
          Seating before = world.seating();
          world.state.advance(Hash.sha256(new byte[] {1}));
          assertEquals(before, world.seating(), "a decision that stops nobody");
          world.state.advanceRotation();
          Seating after = world.seating();
          assertNotEquals(before, after);
          assertEquals(1, after.rotation());
          for (NodeRecord ward : world.genesis.nodes()) {
            assertEquals(
                Seats.witnessesOf(
                    ward.node(), 1, world.genesis.parameters().witnesses(), world.genesis.nodes()),
                after.witnessesOf(ward.node()));
          }
        });
  }

  @Test
  void aNodeThatDoesNotExistHasNoWitnessesAndIsNone() {
    Seating seating = Seating.founding(new Polity("a", "b", "c").genesis);
    assertThrows(IllegalArgumentException.class, () -> seating.witnessesOf("z"));
    assertFalse(seating.isWitness("a", "z"));
    assertFalse(seating.isWitness("z", "a"));
    assertEquals(List.of(), seating.wardsOf("z"));
  }

  /** More nodes than one scan gives. */
  @Test
  void readsAllNodesHoweverMany() {
    WorkingState view = new WorkingState(StateTree.EMPTY);
    GovernanceState state = new GovernanceState(view, Hash.sha256(new byte[] {9}));
    Polity polity = new Polity("a", "b");
    state.found(polity.genesis);
    NodeRecord like = polity.genesis.nodes().get(0);
    for (int i = 0; i < 2_500; i++) {
      String name = "x" + i;
      view.put(
          Bytes.utf8("n" + name),
          new NodeRecord(name, "m-a", 0, like.logKey(), like.cosignerKey()).encode());
    }
    assertEquals(2_502, state.nodes().size());
    assertEquals(2_502, state.nodes().stream().map(NodeRecord::node).distinct().count());
  }
}
