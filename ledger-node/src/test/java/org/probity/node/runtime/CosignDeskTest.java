package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.Entry;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TreeHead;
import org.probity.detector.log.WitnessRule;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.PublishedLog;

/**
 * SPEC protocol.md §10: a checkpoint is witnessed when q members have cosigned this one checkpoint,
 * whatever else witnesses say. Witnesses, clock and order of tasks are the test's.
 */
class CosignDeskTest {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Court court = new Court();
  private final ByzantineLog log = court.log("beta", 30);
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Player> witnesses = new ArrayList<>();
  private long nowMillis = 1_000_000;
  private boolean areInForce = true;
  private long size = checkpointSize(5);

  /** A witness as the test wants it. */
  private static final class Player {
    private final Signer signer;
    private final NoteVerifierKey key;
    private final boolean isMember;
    private final List<AddCheckpointRequest> asked = new ArrayList<>();
    private TreeHead held = new TreeHead(0, Rfc6962.EMPTY_ROOT);
    private Optional<AddCheckpointResponse> always = Optional.empty();
    private boolean isDown;
    private Optional<Promise<AddCheckpointResponse>> slow = Optional.empty();

    Player(String name, boolean isMember) {
      this.signer = TestNetwork.signer("cosigner " + name);
      this.key = NoteVerifierKey.ofCosigner(name, signer.publicKey());
      this.isMember = isMember;
    }

    CosignDesk.Witness witness() {
      return new CosignDesk.Witness(key.name(), key, isMember, this::add);
    }

    private Future<AddCheckpointResponse> add(Bytes body) {
      try {
        AddCheckpointRequest request = AddCheckpointRequest.parse(body);
        asked.add(request);
        if (isDown) {
          return Future.failedFuture("no answer");
        }
        if (slow.isPresent()) {
          return slow.get().future();
        }
        return Future.succeededFuture(always.isPresent() ? always.get() : answer(request));
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }

    /** What a correct one answers. */
    AddCheckpointResponse answer(AddCheckpointRequest request) throws DecodeException {
      TreeHead offered = Checkpoint.parse(request.checkpoint().text()).head();
      return switch (WitnessRule.judge(held, request.oldSize(), offered, request.consistency())) {
        case ADVANCE, SAME -> {
          held = offered;
          yield new AddCheckpointResponse.Cosigned(List.of(line(request.checkpoint())));
        }
        case WRONG_OLD_SIZE -> new AddCheckpointResponse.WrongOldSize(held.size());
        case OLD_ABOVE_NEW -> new AddCheckpointResponse.Malformed();
        case FORK, UNLINKED -> new AddCheckpointResponse.Inconsistent();
      };
    }

    NoteSignature line(SignedNote checkpoint) {
      return Cosignature.sign(signer, key.name(), checkpoint.textBytes(), 1_800_000_000L);
    }
  }

  private Player member(String name) {
    Player player = new Player(name, true);
    witnesses.add(player);
    return player;
  }

  private CosignDesk desk(int quorum) {
    return desk(quorum, note -> true);
  }

  private CosignDesk desk(int quorum, Predicate<SignedNote> foreign) {
    return new CosignDesk(
        () -> Optional.of(PublishedLog.of(log.checkpoint(size), log)),
        witnesses.stream().map(Player::witness).toList(),
        quorum,
        () -> areInForce,
        foreign,
        INTERVAL,
        () -> nowMillis,
        tasks::add);
  }

  private void tick(CosignDesk desk) {
    nowMillis += INTERVAL.toMillis();
    desk.tick();
    runAll();
  }

  private void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Of the log after so many batches. */
  private long checkpointSize(int batches) {
    long found = 0;
    for (long candidate = 1, seen = 0; candidate <= log.size() && seen < batches; candidate++) {
      try {
        if (Entry.decode(log.entry(candidate - 1)).type().completesBatch()) {
          seen++;
          found = candidate;
        }
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }
    return found;
  }

  private static long witnessedSize(CosignDesk desk) {
    return desk.witnessed().map(PublishedLog::size).orElse(0L);
  }

  private TlogPolicy policy(int quorum) {
    return TlogPolicy.of(
        List.of(
            NoteVerifierKey.ofLog(log.machine().origin().format(), log.machine().self().logKey())),
        witnesses.stream().map(player -> player.key).toList(),
        quorum);
  }

  @Test
  void tellsWhoDoesNotCosignAndHowMuchIsNotWitnessed() {
    member("willing");
    Player other = member("other");
    other.isDown = true;
    CosignDesk desk = desk(2);
    tick(desk);
    assertFalse(desk.isUnwilling("other"), "once is not much");
    for (int i = 0; i < 10; i++) {
      tick(desk);
    }
    assertTrue(desk.isUnwilling("other"));
    assertFalse(desk.isUnwilling("willing"));
    assertEquals(size, desk.unwitnessed());

    other.isDown = false;
    for (int i = 0; i < 70; i++) {
      tick(desk);
    }
    assertFalse(desk.isUnwilling("other"));
    assertEquals(0, desk.unwitnessed());
    long before = size;
    size = log.size();
    assertEquals(size - before, desk.unwitnessed());
  }

  @Test
  void theNewestCheckpointWithAQuorumIsKeptWithItsLines() {
    member("x");
    member("y");
    CosignDesk desk = desk(2);

    tick(desk);

    assertEquals(size, witnessedSize(desk));
    SignedNote note = desk.witnessed().orElseThrow().note();
    assertTrue(policy(2).evaluate(SignatureRule.fastest(), note) instanceof TlogPolicy.Accepted);
    size = checkpointSize(9);
    tick(desk);
    assertEquals(size, witnessedSize(desk));
    // With the consistency proof from where each witness was, at the first attempt.
    assertEquals(2, witnesses.get(0).asked.size());
  }

  @Test
  void aWitnessThatHoldsMoreThanWeKnowTellsItAndIsAskedFromThere() throws Exception {
    Player x = member("x");
    x.answer(new AddCheckpointRequest(0, List.of(), log.checkpoint(checkpointSize(3)).note()));
    CosignDesk desk = desk(1);

    tick(desk);

    assertEquals(List.of(0L, checkpointSize(3)), olds(x));
    assertEquals(size, witnessedSize(desk));
  }

  private static List<Long> olds(Player player) {
    return player.asked.stream().map(AddCheckpointRequest::oldSize).toList();
  }

  @Test
  void afterARestartTheSameHeadIsCosignedAgain() {
    member("x");
    tick(desk(1));

    CosignDesk restarted = desk(1);
    tick(restarted);

    assertEquals(size, witnessedSize(restarted));
  }

  @Test
  void lessThanTheQuorumIsNotEnough() {
    member("x");
    Player y = member("y");
    y.isDown = true;
    CosignDesk desk = desk(2);

    tick(desk);
    tick(desk);

    assertEquals(0, witnessedSize(desk));
    y.isDown = false;
    tick(desk);
    tick(desk);
    tick(desk);
    assertEquals(size, witnessedSize(desk));
  }

  /** SPEC protocol.md §11.4: rounds follow the log, and not the clock. */
  @Test
  void whereReleasesWaitTheNextRoundBeginsAtOnce() {
    Player x = member("x");
    Player y = member("y");
    CosignDesk desk = desk(2);
    List<Long> released = new ArrayList<>();
    desk.releasing(released::add);
    y.slow = Optional.of(Promise.promise());
    tick(desk);
    long first = size;
    // What is logged meanwhile shares the next round, however much it is.
    for (int batches = 6; batches <= 9; batches++) {
      size = checkpointSize(batches);
      desk.grown();
      runAll();
    }
    assertEquals(List.of(), released);
    assertEquals(List.of("y"), desk.missing().orElseThrow().notYet().stream().toList());
    assertEquals(1, desk.missing().orElseThrow().needed());

    Promise<AddCheckpointResponse> answer = y.slow.orElseThrow();
    y.slow = Optional.empty();
    answer.complete(cosigned(y, y.asked.get(0)));
    runAll();
    assertEquals(List.of(first, size), released);
    assertEquals(2, x.asked.size());
    assertEquals(2, y.asked.size());
    assertEquals(Optional.empty(), desk.missing());
  }

  private static AddCheckpointResponse cosigned(Player player, AddCheckpointRequest request) {
    try {
      return player.answer(request);
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whereReleasesWaitNobodyWaitsForWitnessesOutsideOfTheConsortium() {
    member("x");
    CosignDesk desk = desk(1, note -> false);
    List<Long> released = new ArrayList<>();
    desk.releasing(released::add);
    tick(desk);
    assertEquals(List.of(size), released);
  }

  /** A minute's pause would be a minute in which nobody gets an answer. */
  @Test
  void whereReleasesWaitAWitnessThatComesBackIsAskedWithinASecond() {
    Player x = member("x");
    x.isDown = true;
    CosignDesk desk = desk(1);
    List<Long> released = new ArrayList<>();
    desk.releasing(released::add);
    for (int i = 0; i < 30; i++) {
      tick(desk);
    }
    x.isDown = false;
    tick(desk);
    assertEquals(List.of(size), released);
  }

  /** SPEC protocol.md §6.1, §10: seats move, and no quorum is made of seats of two epochs. */
  @Test
  void seatsOfTwoEpochsMakeNoQuorumTogether() {
    Player x = member("x");
    Player y = member("y");
    CosignDesk desk = desk(2);
    tick(desk);
    long before = size;
    assertEquals(before, witnessedSize(desk));
    size = checkpointSize(9);
    y.isDown = true;
    tick(desk);
    long signedByOne = size;

    // x has signed it and goes; z takes its seat while y is away.
    Player z = member("z");
    witnesses.remove(x);
    desk.seated(List.of(y.witness(), z.witness()), 2, () -> areInForce);
    runAll();
    tick(desk);
    assertEquals(before, witnessedSize(desk), "what the former ones have witnessed stands");
    y.isDown = false;
    for (int i = 0; i < 4; i++) {
      tick(desk);
    }
    assertEquals(signedByOne, witnessedSize(desk));
    SignedNote note = desk.witnessed().orElseThrow().note();
    assertTrue(policy(2).evaluate(SignatureRule.fastest(), note) instanceof TlogPolicy.Accepted);
    assertEquals(3, note.signatures().size(), "of the log, y and z");
    int asked = x.asked.size();
    size = checkpointSize(12);
    tick(desk);
    assertEquals(asked, x.asked.size(), "nobody asks who has no seat");
  }

  /**
   * SPEC protocol.md §11.1: who is put back to behind the decision does not ask the former ones.
   */
  @Test
  void theFormerSeatsAreNotAskedForWhatTheLogHasComeToSince() {
    Player x = member("x");
    Player y = member("y");
    CosignDesk desk = desk(1);
    tick(desk);
    long before = size;
    int asked = x.asked.size();
    size = checkpointSize(9);
    areInForce = false;
    tick(desk);
    tick(desk);
    assertEquals(asked, x.asked.size());
    assertEquals(before, witnessedSize(desk));

    desk.seated(List.of(y.witness()), 1, () -> true);
    runAll();
    tick(desk);
    assertEquals(asked, x.asked.size());
    assertEquals(size, witnessedSize(desk));
  }

  @Test
  void aQuorumThatIsLoweredIsReachedAtOnce() {
    Player x = member("x");
    Player y = member("y");
    y.isDown = true;
    CosignDesk desk = desk(2);
    tick(desk);
    assertEquals(0, witnessedSize(desk));
    desk.seated(List.of(x.witness(), y.witness()), 1, () -> areInForce);
    runAll();
    assertEquals(size, witnessedSize(desk));
    assertEquals(1, x.asked.size(), "who keeps its seat is not asked again");
  }

  @Test
  void aLineThatIsNotTheWitnesssCountsForNothing() {
    Player x = member("x");
    Player y = member("y");
    // The other witness's line, a line for another checkpoint, and nonsense.
    SignedNote now = log.checkpoint(size).note();
    SignedNote other = log.checkpoint(checkpointSize(2)).note();
    y.always = Optional.of(new AddCheckpointResponse.Cosigned(List.of(x.line(now), y.line(other))));
    CosignDesk desk = desk(2);

    tick(desk);

    assertEquals(0, witnessedSize(desk));
  }

  @Test
  void ofSeveralLinesTheValidOneIsKept() {
    Player x = member("x");
    SignedNote now = log.checkpoint(size).note();
    Signer stranger = TestNetwork.signer("stranger");
    NoteSignature unknown = Cosignature.sign(stranger, "z", now.textBytes(), 1);
    x.always = Optional.of(new AddCheckpointResponse.Cosigned(List.of(unknown, x.line(now))));
    CosignDesk desk = desk(1);

    tick(desk);

    assertEquals(now.with(List.of(x.line(now))), desk.witnessed().orElseThrow().note());
  }

  @Test
  void oneRequestPerWitnessIsUnderWayAndTheOthersDoNotWaitForIt() {
    member("x");
    Player y = member("y");
    y.slow = Optional.of(Promise.promise());
    CosignDesk desk = desk(1);

    tick(desk);
    long first = size;
    assertEquals(first, witnessedSize(desk));
    size = checkpointSize(9);
    tick(desk);

    assertEquals(size, witnessedSize(desk));
    assertEquals(1, y.asked.size());
  }

  @Test
  void witnessesOfDifferentSpeedMeetAtOneCheckpoint() {
    Player x = member("x");
    Player y = member("y");
    CosignDesk desk = desk(2);
    // One of them is always still busy with the question of the round before.
    Runnable overdue = () -> {};
    for (int round = 0; round < 8; round++) {
      Player late = round % 2 == 0 ? x : y;
      Promise<AddCheckpointResponse> promise = Promise.promise();
      late.slow = Optional.of(promise);
      int before = late.asked.size();
      tick(desk);
      late.slow = Optional.empty();
      overdue.run();
      runAll();
      overdue = late.asked.size() > before ? () -> answerLast(late, promise) : () -> {};
      size = checkpointSize(6 + round);
    }

    assertTrue(witnessedSize(desk) > checkpointSize(5), "they never meet");
  }

  private static void answerLast(Player player, Promise<AddCheckpointResponse> promise) {
    try {
      promise.complete(player.answer(player.asked.get(player.asked.size() - 1)));
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCheckpointThatTooFewCanStillSignIsReplaced() throws Exception {
    Player x = member("x");
    CosignDesk desk = desk(1);
    x.isDown = true;
    tick(desk);
    // Somebody else has shown it a later one.
    long later = checkpointSize(9);
    x.answer(new AddCheckpointRequest(0, List.of(), log.checkpoint(later).note()));
    x.isDown = false;
    size = checkpointSize(12);

    tick(desk);
    tick(desk);

    assertEquals(size, witnessedSize(desk));
  }

  @Test
  void aWitnessThatClaimsMoreThanThereIsIsNotBelieved() {
    Player x = member("x");
    member("y");
    x.always = Optional.of(new AddCheckpointResponse.WrongOldSize(1_000_000));
    CosignDesk desk = desk(1);

    tick(desk);

    assertEquals(size, witnessedSize(desk));
    assertEquals(1, x.asked.size());
  }

  @Test
  void whoGoesOnFailingIsAskedLessAndLess() {
    Player x = member("x");
    x.isDown = true;
    CosignDesk desk = desk(1);
    for (int i = 0; i < 300; i++) {
      tick(desk);
    }

    assertTrue(x.asked.size() < 20, x.asked.size() + " attempts");
    assertTrue(x.asked.size() > 5, x.asked.size() + " attempts");
  }

  @Test
  void foreignWitnessesAreWaitedForButNotForEver() {
    member("x");
    Player foreign = new Player("far.example/w", false);
    witnesses.add(foreign);
    foreign.isDown = true;
    TlogPolicy policy = policy(2);
    CosignDesk desk =
        desk(
            1,
            note -> policy.evaluate(SignatureRule.fastest(), note) instanceof TlogPolicy.Accepted);

    tick(desk);
    assertFalse(desk.witnessed().isPresent());
    for (int i = 0; i <= CosignDesk.FOREIGN_INTERVALS; i++) {
      tick(desk);
    }
    assertEquals(size, witnessedSize(desk));

    foreign.isDown = false;
    size = checkpointSize(9);
    for (int i = 0; i < 20; i++) {
      tick(desk);
    }
    assertEquals(size, witnessedSize(desk));
    assertEquals(3, desk.witnessed().orElseThrow().note().signatures().size());
  }
}
