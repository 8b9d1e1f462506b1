package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Views.Verdict;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/** protocol.md §5.2: one stored view per log, and what cannot be linked to it. */
class ViewsTest {
  private final Court court = new Court();
  private final ByzantineLog log = court.log("alpha", 20);
  private final Origin origin = log.machine().origin();
  private final CheckpointVerifier verifier =
      CheckpointVerifier.founding(court.network().genesis());
  private final Views views = new Views();

  @Test
  void supersedesAfterAProofBetweenExactlyTheseTwo() {
    assertEquals(Verdict.LINKED, offer(4, 0));
    assertEquals(Verdict.LINKED, offer(8, 4));
    assertEquals(8, views.heldSize(origin));
    assertEquals(Verdict.LINKED, offer(6, 6), "older, and proven its prefix");
    assertEquals(8, views.heldSize(origin));
    assertEquals(Verdict.WRONG_BASE, offer(12, 4), "a proof from what is no longer the view");
    assertEquals(List.of(verified(log.checkpoint(12))), views.unlinked(origin));
    assertEquals(Verdict.LINKED, offer(12, 8));
    assertEquals(List.of(), views.unlinked(origin));
  }

  @Test
  void aProofThatDoesNotHoldLinksNothing() {
    offer(4, 0);
    Views.Offer offer =
        views.offer(verified(log.checkpoint(8)), 4, MerkleProofs.consistency(log, 4, 9));
    assertEquals(Verdict.UNPROVEN, offer.verdict());
    assertEquals(4, views.heldSize(origin));
    assertEquals(1, views.unlinked(origin).size());
  }

  @Test
  void anotherTreeOfTheSameSizeIsACompleteFork() {
    for (SignedCheckpoint first : List.of(log.checkpoint(4), other(4))) {
      Views fresh = new Views();
      SignedCheckpoint second = first.equals(other(4)) ? log.checkpoint(4) : other(4);
      fresh.offer(verified(first), 0, List.of());
      assertForks(fresh.offer(verified(second), 0, List.of()), 4);
    }
  }

  @Test
  void twoThatWaitToBeLinkedMayBeACompleteForkToo() {
    offer(4, 0);
    assertEquals(Optional.empty(), views.offer(verified(other(8)), 0, List.of()).fork());
    assertForks(views.offer(verified(log.checkpoint(8)), 4, proof(4, 8)), 8);
  }

  @Test
  void aLaterOneLinkedToOneThatWaitsTakesItsPlace() {
    offer(4, 0);
    offer(8, 4);
    // As acks do that cross with envelopes: each names a base the view has moved on from.
    offer(10, 4);
    for (long size = 12; size < 40; size += 2) {
      assertEquals(size - 2, views.wantedBase(origin));
      assertEquals(Verdict.WRONG_BASE, offer(size, views.wantedBase(origin)));
      assertEquals(List.of(verified(log.checkpoint(size))), views.unlinked(origin));
    }
    views.confirmed(log.checkpoint(38));
    assertEquals(8, views.wantedBase(origin));
  }

  @Test
  void beyondTheCapTheLogIsRefusedAndCounted() {
    fill();
    assertTrue(views.isRefused(origin));
    assertEquals(0, views.refusals(origin));

    assertEquals(Verdict.LOG_REFUSED, offer(8, 4), "also what would link");
    assertEquals(Verdict.LOG_REFUSED, views.offer(verified(other(5)), 0, List.of()).verdict());
    assertEquals(2, views.refusals(origin));
    assertEquals(4, views.heldSize(origin));
    assertEquals(Views.MAX_UNLINKED, views.unlinked(origin).size());
  }

  @Test
  void aForkIsProvenBeyondTheCapAsWell() {
    fill();
    assertForks(views.offer(verified(other(4)), 0, List.of()), 4);
  }

  @Test
  void aRefusedLogIsHeardAgainWhenWitnessesConfirm() {
    fill();
    views.confirmed(views.unlinked(origin).get(3).signed());
    assertFalse(views.isRefused(origin));
    assertEquals(Verdict.LINKED, offer(8, 4));
  }

  @Test
  void aRefusedLogIsHeardWhenItLinksWhatWaits() {
    fill();
    SignedCheckpoint waiting = views.unlinked(origin).get(0).signed();
    assertEquals(
        Verdict.LINKED,
        views.offer(verified(waiting), 4, proof(4, waiting.size())).verdict(),
        "the answer to the question that is open");
    assertFalse(views.isRefused(origin));
    assertEquals(waiting.size(), views.heldSize(origin));
  }

  @Test
  void otherLogsAreNotTouchedByARefusedOne() {
    fill();
    ByzantineLog beta = court.log("beta", 4);
    assertEquals(Verdict.LINKED, views.offer(verified(beta.checkpoint(4)), 0, List.of()).verdict());
  }

  @Test
  void everythingHeldOutlivesTheProcess() throws DecodeException {
    offer(4, 0);
    offer(12, 3);
    views.offer(verified(other(12)), 0, List.of());
    assertTrue(views.isLosingAny());

    Views restored = new Views();
    for (Bytes view : views.drainChanges().values()) {
      restored.restore(view, verifier);
    }

    assertFalse(views.isLosingAny());
    assertEquals(views.newest(origin), restored.newest(origin));
    assertEquals(views.unlinked(origin), restored.unlinked(origin));
    assertForks(new Views.Offer(Verdict.CONFLICT, Optional.of(restored.forks().get(0))), 12);
  }

  @Test
  void onlyNewsAskForACommitOfTheirOwn() {
    offer(4, 0);
    offer(12, 3);
    views.drainChanges();
    offer(4, 0);
    offer(12, 3);
    assertFalse(views.isLosingAny(), "nothing new");
    assertTrue(views.drainChanges().isEmpty());
    views.confirmed(log.checkpoint(12));
    assertFalse(views.isLosingAny(), "to show it again harms nobody");
    assertEquals(1, views.drainChanges().size());
  }

  @Test
  void whatIsNotAViewIsNotTakenBack() throws DecodeException {
    offer(4, 0);
    Bytes stored = views.drainChanges().values().iterator().next();
    byte[] damaged = stored.toArray();
    damaged[damaged.length - 10] ^= 1;
    assertThrows(DecodeException.class, () -> new Views().restore(Bytes.wrap(damaged), verifier));
    CheckpointVerifier stranger =
        CheckpointVerifier.founding(new Court(Parameters.of(1, 3)).network().genesis());
    assertThrows(DecodeException.class, () -> new Views().restore(stored, stranger));
    new Views().restore(stored, verifier);
  }

  private void fill() {
    offer(4, 0);
    for (int i = 0; i < Views.MAX_UNLINKED; i++) {
      assertFalse(views.isRefused(origin));
      assertEquals(Verdict.WRONG_BASE, offer(10 + i, 3));
    }
  }

  private Verdict offer(long size, long base) {
    return views.offer(verified(log.checkpoint(size)), base, proof(base, size)).verdict();
  }

  /** From {@code base} to {@code size}, or to the view if that is larger. */
  private List<Hash> proof(long base, long size) {
    long to = Math.max(size, views.heldSize(origin));
    return base == 0 || base >= to ? List.of() : MerkleProofs.consistency(log, base, to);
  }

  private SignedCheckpoint other(long size) {
    return log.sign(new TreeHead(size, Hash.sha256()));
  }

  private VerifiedCheckpoint verified(SignedCheckpoint checkpoint) {
    return verifier.verify(checkpoint).orElseThrow();
  }

  private void assertForks(Views.Offer offer, long size) {
    assertEquals(Verdict.CONFLICT, offer.verdict());
    Views.Fork fork = offer.fork().orElseThrow();
    court.assertProven(
        court.builder().fork(fork.one(), fork.other()), "alpha", FaultKind.FORK, "fork", size);
  }
}
