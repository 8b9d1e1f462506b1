package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.runtime.SeatedBanks.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.governance.Action;
import org.probity.node.testing.Generous;

/** SPEC protocol.md §6.1: seats move by decision, and no log is without witnesses meanwhile. */
@Timeout(240)
class SeatMovesTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");
  private static final String WARD = "a";

  @TempDir Path directory;

  private SeatedBanks founded() {
    return new SeatedBanks(directory, WARD, NAMES);
  }

  /** Who takes the seat of another beside the one that stays. */
  private static String next(List<String> seats, String stays) {
    return seats.stream().filter(node -> !node.equals(stays)).findFirst().orElseThrow();
  }

  @Test
  void aSeatIsTakenAtOnceAndGivenUpOnlyWhenItIsHandedOver() throws Exception {
    try (SeatedBanks seated = founded()) {
      TestBanks banks = seated.banks;
      for (String name : NAMES) {
        banks.start(name);
      }
      long first = seated.grow();
      List<String> founding = seated.seats();
      await(() -> seated.signedUpTo(first).containsAll(founding), "the founding witnesses sign");

      // One witness stops, and the members suspend it: the next in the order takes the seat.
      String stopped = founding.get(0);
      String stays = founding.get(1);
      banks.stop(stopped);
      seated.decide(new Action.SuspendNode(stopped));
      List<String> interim = seated.seats();
      String next = next(interim, stays);
      assertTrue(interim.contains(stays));
      long second = seated.grow();
      await(
          () -> seated.signedUpTo(second).containsAll(interim),
          () -> "the next one signs for all of it: " + seated.signedUpTo(second));
      await(
          () -> witnessesToldBy(banks, stays).equals(interim.stream().sorted().toList()),
          "GET /v1/governance says who witnesses");

      // The seat goes back, and the one it goes back to is not there: nothing is left unwatched.
      seated.decide(new Action.ReadmitNode(stopped, false));
      assertEquals(founding, seated.seats());
      seated.awaitDecisions(next);
      long third = seated.grow();
      await(
          () -> seated.signedUpTo(third).containsAll(interim),
          () -> "the interim witness goes on: " + seated.signedUpTo(third));

      // Neither does a restart in between end it.
      banks.stop(next);
      banks.start(next);
      long fourth = seated.grow();
      await(
          () -> seated.signedUpTo(fourth).containsAll(interim),
          () -> "the interim witness goes on after a restart: " + seated.signedUpTo(fourth));
      assertTrue(seated.follows(next));

      // When the other is back and has signed for what was held, the interim one is relieved.
      banks.start(stopped);
      await(() -> seated.signedUpTo(fourth).contains(stopped), "the seat's holder signs");
      await(() -> !seated.follows(next), "the interim witness ends");
      long fifth = seated.grow();
      await(() -> seated.signedUpTo(fifth).containsAll(founding), "the holders go on");
      long stored = seated.held(next);
      assertTrue(stored >= fourth && stored < fifth, "what it holds it serves: " + stored);
      banks.stop(next);
      banks.start(next);
      assertEquals(stored, seated.held(next), "nothing came, and nothing is lost by a restart");
      assertTrue(!seated.follows(next));
      for (String name : NAMES) {
        assertEquals(List.of(), banks.node(name).facade().evidenceFiles());
      }
    }
  }

  @Test
  void aFaultAfterTheMoveIsFoundByTheNewWitness() throws Exception {
    try (SeatedBanks seated = founded()) {
      TestBanks banks = seated.banks;
      for (String name : NAMES) {
        banks.start(name, name.equals(WARD) ? Generous::new : program -> program);
      }
      seated.grow();
      String stopped = seated.seats().get(0);
      String stays = seated.seats().get(1);
      banks.stop(stopped);
      seated.decide(new Action.SuspendNode(stopped));
      String next = next(seated.seats(), stays);
      seated.awaitDecisions(next);
      // Nobody else looks: what comes to be known comes from the new witness.
      banks.stop(stays);
      // To the suspended node nothing can be paid, so more rounds than were issued for.
      for (int round = 0; round < 4; round++) {
        seated.pay(round, stopped);
      }
      await(() -> seated.hasProof(next), "the new witness has found it");
    }
  }

  @Test
  void aLogThatItsNodeDoesNotServeIsCopiedFromWhoeverHoldsIt() throws Exception {
    try (SeatedBanks seated = founded()) {
      TestBanks banks = seated.banks;
      for (String name : NAMES) {
        banks.start(name);
      }
      long size = seated.grow();
      String stopped = seated.seats().get(0);
      String stays = seated.seats().get(1);
      await(() -> seated.held(stays) >= size, "a witness holds it");
      Action suspension = new Action.SuspendNode(stopped);
      String next = next(seated.seats(seated.after(suspension)), stays);
      // The ward falls silent before the next witness has seen any of it.
      banks.stop(next);
      seated.decide(suspension);
      seated.awaitDecisions(stays);
      banks.stop(WARD);
      long left = seated.held(stays);
      banks.start(next);
      seated.awaitDecisions(next);
      await(
          () -> seated.held(next) == left,
          () -> "the copy is complete: " + seated.held(next) + " of " + left);
    }
  }

  private static List<String> witnessesToldBy(TestBanks banks, String node) {
    List<String> told = new ArrayList<>();
    banks
        .node(node)
        .facade()
        .governance()
        .status()
        .path("nodes")
        .path(WARD)
        .path("witnesses")
        .forEach(witness -> told.add(witness.asText()));
    return told.stream().sorted().toList();
  }
}
