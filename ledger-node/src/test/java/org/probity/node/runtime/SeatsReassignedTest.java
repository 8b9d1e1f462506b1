package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.runtime.SeatedBanks.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.ledger.client.Assurance;
import org.probity.ledger.client.ReceiptVerifier;
import org.probity.node.http.api.ApiClient;
import org.probity.node.testing.Generous;

/**
 * SPEC protocol.md §6.1, §10: the members draw all seats anew, or other numbers of them, while
 * nodes run. Named so that j and l witness h at first, and i and k after one witness.reassign.
 */
@Timeout(240)
class SeatsReassignedTest {
  private static final List<String> NAMES = List.of("h", "i", "j", "k", "l");
  private static final String WARD = "h";
  private static final List<String> FORMER = List.of("j", "l");
  private static final List<String> NEXT = List.of("i", "k");
  private static final Action REASSIGN = new Action.ReassignWitnesses();

  @TempDir Path directory;

  private SeatedBanks founded() throws Exception {
    SeatedBanks seated = new SeatedBanks(directory, WARD, NAMES);
    seated.banks.cosigning = Duration.ofMillis(100);
    assertEquals(FORMER, sorted(seated.seats()));
    assertEquals(NEXT, sorted(seated.seats(seated.after(REASSIGN))));
    return seated;
  }

  private static List<String> sorted(List<String> names) {
    return List.copyOf(new TreeSet<>(names));
  }

  /** Of the newest entry of the ward that has a receipt. */
  private static Bytes receipt(SeatedBanks seated, long index) throws Exception {
    return ApiClient.of(seated.banks.node(WARD).urls().client(), List.of(seated.banks.authority()))
        .receipt(index);
  }

  private static ReceiptVerifier.Valid worth(SeatedBanks seated, DecisionChain known, long index) {
    try {
      ReceiptVerifier.Verdict verdict = new ReceiptVerifier(known).verify(receipt(seated, index));
      return (ReceiptVerifier.Valid) verdict;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A transaction of the ward's. */
  private static long recorded(SeatedBanks seated) throws Exception {
    return seated
        .banks
        .submit(WARD, seated.plan.issues(WARD, seated.banks.crowns.id(), 1))
        .get(0)
        .recorded()
        .orElseThrow()
        .index();
  }

  @Test
  void allSeatsOfALogMoveWhilePaymentsRun() throws Exception {
    try (SeatedBanks seated = founded()) {
      for (String name : NAMES) {
        seated.banks.start(name);
      }
      seated.openAll();
      DecisionChain founding = seated.chain();
      AtomicBoolean enough = new AtomicBoolean();
      CompletableFuture<Integer> paying =
          CompletableFuture.supplyAsync(
              () -> {
                int round = 0;
                while (!enough.get() && round < SeatedBanks.ROUNDS) {
                  try {
                    seated.pay(round++);
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                }
                return round;
              });
      long before = seated.size() - 2;
      await(() -> seated.signedUpTo(before).containsAll(FORMER), "the former ones sign");

      seated.decide(REASSIGN);
      seated.awaitDecisions(NAMES.toArray(String[]::new));
      long moved = seated.size();
      await(
          () -> seated.signedUpTo(moved).containsAll(NEXT),
          () -> "the next ones sign for all of it: " + seated.signedUpTo(moved));
      for (String former : FORMER) {
        await(() -> !seated.follows(former), former + " ends");
      }
      enough.set(true);
      assertTrue(paying.get() > 0);

      // What the former ones have not: only the next ones can have cosigned it.
      long index = recorded(seated);
      await(() -> worth(seated, seated.chain(), index).isWitnessed(), "witnessed by the next ones");
      await(
          () -> worth(seated, seated.chain(), index).assurance() == Assurance.AUDITED,
          "audited by the next ones");
      assertEquals(
          Assurance.RECORDED,
          worth(seated, founding, index).assurance(),
          "whoever knows of no decision does not know the next ones");
      for (String former : FORMER) {
        assertTrue(seated.held(former) <= index, "nobody goes on serving more than it holds");
        assertFalse(seated.follows(former));
      }
      for (String name : NAMES) {
        assertEquals(List.of(), seated.banks.node(name).facade().evidenceFiles());
      }
    }
  }

  @Test
  void theFormerWitnessesGoOnUntilEnoughOfTheNextHaveSigned() throws Exception {
    try (SeatedBanks seated = founded()) {
      for (String name : List.of("h", "j", "l")) {
        seated.banks.start(name);
      }
      long first = seated.grow();
      await(() -> seated.signedUpTo(first).containsAll(FORMER), "the former ones sign");
      // Nobody who takes a seat is there.
      seated.decide(REASSIGN);
      seated.awaitDecisions("h", "j", "l");
      long second = seated.grow();
      await(
          () -> seated.signedUpTo(second).containsAll(FORMER),
          () -> "the former ones go on: " + seated.signedUpTo(second));

      // f of the next may lie: one is not enough.
      seated.banks.start("i");
      await(() -> seated.signedUpTo(second).contains("i"), "the first of the next signs");
      long third = seated.grow();
      await(
          () -> seated.signedUpTo(third).containsAll(List.of("i", "j", "l")),
          () -> "the former ones go on beside one of the next: " + seated.signedUpTo(third));
      assertTrue(seated.follows("j") && seated.follows("l"));

      seated.banks.start("k");
      await(() -> seated.signedUpTo(third).containsAll(NEXT), "both of the next sign");
      for (String former : FORMER) {
        await(() -> !seated.follows(former), former + " ends");
      }
    }
  }

  @Test
  void aFaultThatNobodyHadAuditedWhenTheSeatsMovedIsFoundByTheNext() throws Exception {
    try (SeatedBanks seated = founded()) {
      TestBanks banks = seated.banks;
      for (String name : List.of("i", "k")) {
        banks.start(name);
      }
      banks.start(WARD, Generous::new);
      // The former ones follow the log and are slow to look into it.
      banks.audits = new AuditSettings(Duration.ofHours(1), 1, 512, 75);
      for (String former : FORMER) {
        banks.start(former);
      }
      seated.grow();
      for (int round = 0; round < 3; round++) {
        seated.pay(round);
      }
      long faulty = seated.size();
      for (String former : FORMER) {
        await(() -> seated.held(former) >= faulty, former + " holds it");
      }
      seated.decide(REASSIGN);
      for (String next : NEXT) {
        await(() -> seated.hasProof(next), next + " has found it, or was shown it");
      }
      for (String former : FORMER) {
        await(() -> seated.hasProof(former), former + " is shown it");
        assertTrue(seated.follows(former), "nobody signs past a fault, so nobody is relieved");
      }
    }
  }

  @Test
  void aFaultAfterTheMoveIsFoundByTheNextAlone() throws Exception {
    try (SeatedBanks seated = founded()) {
      TestBanks banks = seated.banks;
      for (String name : NAMES) {
        banks.start(name, name.equals(WARD) ? Generous::new : program -> program);
      }
      long before = seated.grow();
      seated.decide(REASSIGN);
      await(() -> seated.signedUpTo(before).containsAll(NEXT), "the next ones sign");
      for (String former : FORMER) {
        await(() -> !seated.follows(former), former + " ends");
        banks.stop(former);
      }
      for (int round = 0; round < 3; round++) {
        seated.pay(round);
      }
      for (String next : NEXT) {
        await(() -> seated.hasProof(next), next + " has found it, or was shown it");
      }
    }
  }

  @Test
  void aSuspendedNodeIsGivenNoSeat() throws Exception {
    try (SeatedBanks seated = founded()) {
      for (String name : NAMES) {
        seated.banks.start(name);
      }
      seated.openAll();
      seated.decide(new Action.SuspendNode("i"));
      assertEquals(FORMER, sorted(seated.seats()), "it had none of these");
      seated.banks.stop("i");
      seated.decide(REASSIGN);
      List<String> seats = sorted(seated.seats());
      assertTrue(seats.contains("k") && !seats.contains("i"), seats.toString());
      seated.pay(0, "i");
      long index = recorded(seated);
      long size = seated.size();
      await(
          () -> seated.signedUpTo(size).containsAll(seats),
          () -> "the seats are filled: " + seated.signedUpTo(size));
      await(() -> worth(seated, seated.chain(), index).isWitnessed(), "witnessed by the next ones");
      // It is readmitted and takes the seat it was drawn for.
      seated.decide(new Action.ReadmitNode("i", false));
      assertEquals(NEXT, sorted(seated.seats()));
      seated.banks.start("i");
      long last = seated.grow();
      await(() -> seated.signedUpTo(last).containsAll(NEXT), "the one readmitted signs");
      for (String former : FORMER) {
        await(() -> !seated.follows(former), former + " ends");
      }
    }
  }

  @Test
  void oneMoreWitnessIsAskedForAsSoonAsThatIsDecided() throws Exception {
    try (SeatedBanks seated = founded()) {
      for (String name : NAMES) {
        seated.banks.start(name);
      }
      seated.grow();
      Action three = new Action.SetParameters(Parameters.of(1, 3));
      List<String> wider =
          seated.seats(new Polity(seated.banks.network).decide(seated.chain(), three));
      String third = wider.stream().filter(it -> !FORMER.contains(it)).findFirst().orElseThrow();
      seated.banks.stop(third);
      seated.decide(three);
      seated.awaitDecisions("h", "j", "l");
      // All three must cosign it now: f = 1, w = 3, q = 3.
      long index = recorded(seated);
      await(
          () -> worth(seated, seated.chain(), index).assurance() == Assurance.AUDITED,
          "f + 1 of the three have replayed it");
      assertFalse(worth(seated, seated.chain(), index).isWitnessed());
      seated.banks.start(third);
      await(() -> worth(seated, seated.chain(), index).isWitnessed(), "witnessed by all three");
    }
  }
}
