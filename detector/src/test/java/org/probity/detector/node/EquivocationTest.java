package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;

/** A node that shows different histories to different peers (protocol.md §5.2, §6.2, §6.3). */
class EquivocationTest {
  private final Court court = new Court();
  private final CheckpointVerifier checkpoints =
      CheckpointVerifier.founding(court.network().genesis());
  private final ByzantineLog common =
      court.log("alpha", 4).transaction(court.put("alpha", "delta/first=x")).endState();
  private final ByzantineLog left = branch("left");
  private final ByzantineLog right = branch("right");
  private final MemoryLog disk = new MemoryLog();
  private Node delta = node(Optional.empty());

  /** alpha, with a message for beta and one for delta, and something else besides. */
  private ByzantineLog branch(String name) {
    return common
        .fork(court.network(), common.size())
        .transaction(court.put("alpha", "name=" + name))
        .transaction(court.put("alpha", "beta/x=" + name))
        .transaction(court.put("alpha", "delta/x=" + name))
        .endState();
  }

  private Node node(Optional<Restore.Restored> restored) {
    Views views = new Views();
    try {
      for (Bytes view : disk.views()) {
        views.restore(view, checkpoints);
      }
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
    Node node =
        new Node(
            court.machine("delta"),
            CheckpointSigner.guarding(
                court.network().logKey("delta"), court.machine("delta").origin(), disk.mark()),
            restored.map(Restore.Restored::end).orElse(LogPosition.start(court.machine("delta"))),
            restored.map(Restore.Restored::published),
            disk,
            views,
            (exposed, evidence) -> {});
    commit(node);
    return node;
  }

  private void commit(Node node) {
    while (node.hasUnsealed()) {
      Commit commit = node.step(new Input.Seal()).commit().orElseThrow();
      try {
        node.step(new Input.CommitDurable(commit, disk.commit(commit)));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void twoHalvesOfOneSizeAreProvenAtOnce() {
    assertInstanceOf(
        Release.EnvelopeRefused.class,
        release(deliver(left, 0)).orElseGet(() -> release(deliver(right, 0)).orElseThrow()));

    List<Bytes> candidates = candidates(delta.step(arrived(right, 0)).effects());

    Evidence evidence =
        court
            .assertProven(candidates.get(0), "alpha", FaultKind.FORK, "fork", left.size())
            .evidence();
    List<Effect> effects = delta.step(new Input.EvidenceFound(evidence)).effects();
    assertTrue(effects.stream().anyMatch(Effect.Spread.class::isInstance));
    assertEquals(
        "sender_not_admitted",
        assertInstanceOf(Release.EnvelopeRefused.class, release(deliver(left, 0)).orElseThrow())
            .code());
  }

  @Test
  void aHalfInsideAReplicatedReceiveConvictsItsAuthor() {
    ByzantineLog beta = court.log("beta", 1);
    beta.receive(envelope(right, "beta")).endState();
    assertConvictedThrough(beta);
  }

  @Test
  void aHalfInsideAReplicatedAckConvictsItsAuthor() {
    ByzantineLog beta =
        court.log("beta", 1).transaction(court.put("beta", "alpha/y=hello")).endState();
    ByzantineLog acking = right.receive(beta.envelope(beta.sends().get(0))).endState();
    left.transaction(court.put("alpha", "more=x")).endState();
    left.transaction(court.put("alpha", "and=more")).endState();
    beta.acknowledge(acking.ackFor(beta.machine())).endState();
    // beta has the right half in its ACK and no other entry of alpha's.
    assertConvictedThrough(beta);
  }

  /**
   * delta is a witness of beta's, and replicates it. alpha's own witness holds the left half; beta
   * says nothing to it. The only trace of the right half is inside {@code beta}.
   */
  private void assertConvictedThrough(ByzantineLog beta) {
    MemoryLog held = new MemoryLog();
    Replica replica =
        new Replica(
            left.machine().origin(),
            court.network().node("alpha").logKey(),
            SignatureRule.fastest(),
            Frontier.EMPTY);
    Replica.Growth.Extends growth =
        assertInstanceOf(
            Replica.Growth.Extends.class,
            replica.grow(
                left.checkpoint(),
                LongStream.range(0, left.size()).mapToObj(left::entry).toList()));
    held.append(growth.append());
    replica.stored(growth);

    List<VerifiedCheckpoint> found = new ArrayList<>();
    for (long index = 0; index < beta.size(); index++) {
      EmbeddedCheckpoints.in(beta.entry(index), checkpoints).ifPresent(found::add);
    }
    Step step = delta.step(new Input.Overheard("gamma", found, 7));

    assertEquals(List.of(), candidates(step.effects()), "delta has no half of its own");
    List<SignedCheckpoint> shown = forwarded(step.effects(), "gamma");
    assertEquals(1, shown.size());
    Replica.Judged judged = replica.judge(shown.get(0), left.checkpoint(), held);
    assertEquals(Replica.Comparison.CONFLICT, judged.comparison());
    Evidence evidence =
        court
            .assertProven(
                judged.candidate().orElseThrow(),
                "alpha",
                FaultKind.FORK,
                "fork",
                shown.get(0).size() < left.size() ? shown.get(0).size() : left.size())
            .evidence();
    assertEquals(
        Optional.of(new Release.Overheard(7, true)),
        release(delta.step(new Input.EvidenceFound(evidence))));
  }

  @Test
  void whatIsOverheardIsShownUntilThatWitnessConfirmsIt() {
    VerifiedCheckpoint one = checkpoints.verify(left.checkpoint(4)).orElseThrow();
    VerifiedCheckpoint two = checkpoints.verify(left.checkpoint(6)).orElseThrow();
    Step first = delta.step(new Input.Overheard("gamma", List.of(one, two), 7));
    assertEquals(List.of(one.signed(), two.signed()), forwarded(first.effects(), "gamma"));
    assertEquals(List.of(), forwarded(first.effects(), "beta"));

    assertEquals(Optional.empty(), release(confirm(one, "gamma")));
    assertEquals(Optional.empty(), release(confirm(two, "beta")), "another witness");
    Step later = delta.step(new Input.Clock(court.machine("delta").genesis().hashCode(), 5_000));
    assertEquals(List.of(two.signed()), forwarded(later.effects(), "gamma"));
    assertEquals(Optional.of(new Release.Overheard(7, true)), release(confirm(two, "gamma")));
  }

  @Test
  void aHalfThatWasOverheardAndOneThatComesByItselfAreAProof() {
    VerifiedCheckpoint found = checkpoints.verify(right.checkpoint()).orElseThrow();
    delta.step(new Input.Overheard("gamma", List.of(found), 7));
    List<Bytes> candidates = candidates(deliver(left, 0).effects());
    court.assertProven(candidates.get(0), "alpha", FaultKind.FORK, "fork", left.size());
  }

  @Test
  void tooManyOverheardAreToBeHandedOverAgain() {
    VerifiedCheckpoint found = checkpoints.verify(left.checkpoint(4)).orElseThrow();
    for (int i = 0; i < Overhearing.MAX_PARTS; i++) {
      assertEquals(
          Optional.empty(), release(delta.step(new Input.Overheard("gamma", List.of(found), i))));
    }
    assertEquals(
        Optional.of(new Release.Overheard(9_999, false)),
        release(delta.step(new Input.Overheard("gamma", List.of(found), 9_999))));
  }

  @Test
  void aLogThatCannotBeLinkedIsRefusedVisibly() {
    deliver(left, 0);
    ByzantineLog chatter = left;
    for (int i = 0; i < Views.MAX_UNLINKED; i++) {
      chatter.transaction(court.put("alpha", "more" + i + "=x")).endState();
      assertEquals("wrong_base", refusal(deliver(chatter, 3)));
    }
    chatter.transaction(court.put("alpha", "last=x")).endState();

    Step step = deliver(chatter, 3);

    assertEquals("log_refused", refusal(step));
    assertEquals(
        List.of(new Effect.LogRefused("alpha", 1)),
        step.effects().stream().filter(Effect.LogRefused.class::isInstance).toList());
  }

  @Test
  void whatWasKnownBeforeACrashIsKnownAfterIt() throws Restore.RestoreException {
    deliver(common, 0);
    commit(delta);
    Step refused = deliver(right, 3);
    assertEquals("wrong_base", refusal(refused));
    assertTrue(delta.hasUnsealed(), "nothing would survive");
    commit(delta);

    // Nothing was shown to anybody. A new process on the same disk.
    delta =
        node(
            Optional.of(
                Restore.replay(
                    court.machine("delta"),
                    disk,
                    disk.newest().orElseThrow(),
                    0,
                    court.machine("delta").initialState())));
    List<Effect> effects = delta.step(new Input.Clock(0, 10_000)).effects();
    assertTrue(
        effects.stream()
            .anyMatch(
                effect ->
                    effect instanceof Effect.Forward forward
                        && forward.checkpoint().equals(right.checkpoint())));
    // The other half comes only now, of the same size.
    List<Bytes> candidates = candidates(delta.step(arrived(left, 3)).effects());
    court.assertProven(candidates.get(0), "alpha", FaultKind.FORK, "fork", left.size());
  }

  @Test
  void aForkThatWasHeldButNotToldIsProvenAfterTheCrash() throws Restore.RestoreException {
    deliver(left, 0);
    deliver(right, 0);
    commit(delta);
    delta =
        node(
            Optional.of(
                Restore.replay(
                    court.machine("delta"),
                    disk,
                    disk.newest().orElseThrow(),
                    0,
                    court.machine("delta").initialState())));

    List<Bytes> candidates = candidates(delta.step(new Input.Clock(0, 10_000)).effects());

    court.assertProven(candidates.get(0), "alpha", FaultKind.FORK, "fork", left.size());
    assertEquals(List.of(), candidates(delta.step(new Input.Clock(0, 20_000)).effects()));
  }

  private Step confirm(VerifiedCheckpoint checkpoint, String witness) {
    return delta.step(new Input.CheckpointConfirmed(checkpoint.signed(), witness));
  }

  private Step deliver(ByzantineLog from, long base) {
    return delta.step(arrived(from, base));
  }

  private Input arrived(ByzantineLog from, long base) {
    List<Hash> proof = base == 0 ? List.of() : MerkleProofs.consistency(from, base, from.size());
    Envelope envelope =
        new Envelope(
            envelope(from, "delta"), 0, court.network().genesis().networkId(), base, proof, 0);
    return new Input.EnvelopeArrived(checkpoints.envelope("alpha", envelope).orElseThrow(), 3);
  }

  private static ReceiveEntry envelope(ByzantineLog from, String to) {
    long[] sends =
        from.sends().stream()
            .filter(
                index -> {
                  try {
                    return Entry.decode(from.entry(index)).body() instanceof SendEntry send
                        && send.toNode().equals(to);
                  } catch (DecodeException e) {
                    throw new AssertionError(e);
                  }
                })
            .mapToLong(Long::longValue)
            .toArray();
    return from.envelope(sends);
  }

  private static Optional<Release> release(Step step) {
    return step.effects().stream()
        .filter(Release.class::isInstance)
        .map(Release.class::cast)
        .findFirst();
  }

  private static String refusal(Step step) {
    Release.EnvelopeRefused refused =
        assertInstanceOf(Release.EnvelopeRefused.class, release(step).orElseThrow());
    assertEquals(
        refused.code().equals("wrong_base"), !refused.heldSize().equals(OptionalLong.empty()));
    return refused.code();
  }

  private static List<Bytes> candidates(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Examine.class::isInstance)
        .map(effect -> ((Effect.Examine) effect).candidate())
        .toList();
  }

  private static List<SignedCheckpoint> forwarded(List<Effect> effects, String witness) {
    return effects.stream()
        .filter(Effect.Forward.class::isInstance)
        .map(Effect.Forward.class::cast)
        .filter(forward -> forward.witness().equals(witness))
        .map(Effect.Forward::checkpoint)
        .toList();
  }
}
