package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.MemoryLog;

/** protocol.md §6.3: extends what I hold, is a prefix of it, or is half of a FORK. */
class ReplicaTest {
  private final Court court = new Court();
  private final ByzantineLog log = court.log("alpha", 4);
  private final MemoryLog held = new MemoryLog();
  private final Replica replica =
      new Replica(
          log.machine().origin(),
          court.network().node("alpha").logKey(),
          SignatureRule.fastest(),
          Frontier.EMPTY);

  @Test
  void growsByWhatTheCheckpointCommitsTo() {
    grow(log, 4);
    grow(log, log.size());
    assertEquals(log.size(), replica.size());
    assertEquals(log.checkpoint(), held.newest().orElseThrow());
  }

  @Test
  void takesNoEntriesThatTheCheckpointDoesNotCommitTo() {
    List<Bytes> entries = entries(log, 0, 4);
    for (int i = 0; i < entries.size(); i++) {
      List<Bytes> other = new ArrayList<>(entries);
      other.set(i, Bytes.utf8("another"));
      assertWrongData("root_differs", log.checkpoint(4), other);
    }
    assertWrongData("range_unexpected", log.checkpoint(4), entries.subList(0, 3));
    assertWrongData("range_unexpected", log.checkpoint(4), entries(log, 0, 5));
    assertWrongData("range_unexpected", log.checkpoint(4), List.of());
    assertEquals(0, replica.size());
    grow(log, 4);
    assertWrongData("range_unexpected", log.checkpoint(4), entries);
  }

  @Test
  void takesNoCheckpointOfAnybodyElse() {
    ByzantineLog beta = court.log("beta", 4);
    assertWrongData("checkpoint_invalid", beta.checkpoint(4), entries(beta, 0, 4));
    ByzantineLog forged = new ByzantineLog(court.machine("alpha"), court.network().logKey("beta"));
    forged.genesis();
    assertWrongData("checkpoint_invalid", forged.checkpoint(), entries(forged, 0, 1));
    grow(log, 4);
    assertEquals(
        new Replica.Judged(Replica.Comparison.REFUSED, Optional.empty()),
        judge(beta.checkpoint(4)));
    assertEquals(
        new Replica.Judged(Replica.Comparison.REFUSED, Optional.empty()),
        judge(forged.checkpoint()));
  }

  @Test
  void whatIsGenuineLendsNothingToAnotherOfItsSize() throws DecodeException {
    SignedCheckpoint genuine = log.checkpoint(4);
    assertTrue(replica.isGenuine(genuine));
    byte[] bytes = genuine.bytes().toArray();
    // A character in the middle of the signature; another of the alphabet.
    int at = bytes.length - 20;
    bytes[at] = (byte) (bytes[at] == 'A' ? 'B' : 'A');
    SignedCheckpoint forged = SignedCheckpoint.parse(Bytes.wrap(bytes));

    assertFalse(replica.isGenuine(forged));
    assertTrue(replica.isGenuine(SignedCheckpoint.parse(genuine.bytes())));
    assertFalse(replica.isGenuine(forged));
  }

  /** SPEC protocol.md §11.3: what the members fixed decides, whoever brings the entries. */
  @Test
  void theRestUpToACloseIsWhatWasClosed() {
    grow(log, 4);
    TreeHead close = log.checkpoint(8).head();
    for (int i = 0; i < 4; i++) {
      List<Bytes> other = new ArrayList<>(entries(log, 4, 8));
      other.set(i, Bytes.utf8("another"));
      assertEquals(Optional.empty(), replica.rest(close, other));
    }
    assertEquals(Optional.empty(), replica.rest(close, entries(log, 4, 7)));
    assertEquals(Optional.empty(), replica.rest(close, entries(log, 4, 9)));
    assertEquals(Optional.empty(), replica.rest(close, List.of()));
    assertEquals(Optional.empty(), replica.rest(log.checkpoint(4).head(), List.of()));
    assertEquals(Replica.Comparison.AHEAD, judge(log.checkpoint(6)).comparison());
    SignedCheckpoint bad = log.sign(new TreeHead(7, Hash.sha256()));
    assertEquals(Replica.Comparison.AHEAD, judge(bad).comparison());
    assertEquals(List.of(log.checkpoint(6), bad), replica.waiting());

    Replica.Produced.Continues rest = replica.rest(close, entries(log, 4, 8)).orElseThrow();
    assertEquals(4, rest.firstIndex());
    assertEquals(4, replica.size(), "nothing before it is stored");
    replica.kept(rest);
    assertEquals(8, replica.size());
    assertEquals(4, replica.coveredSize(), "no checkpoint is over it");
  }

  @Test
  void aPrefixIsConsistent() {
    grow(log, log.size());
    for (long size : new long[] {1, 4, 6, 8, log.size()}) {
      assertEquals(
          new Replica.Judged(Replica.Comparison.CONSISTENT, Optional.empty()),
          judge(log.checkpoint(size)));
    }
  }

  @Test
  void anotherPastIsAForkAtEverySize() {
    grow(log, log.size());
    for (long size = 1; size <= log.size(); size++) {
      Replica.Judged judged = judge(log.sign(new TreeHead(size, Hash.sha256())));
      assertEquals(Replica.Comparison.CONFLICT, judged.comparison());
      court.assertProven(judged.candidate().orElseThrow(), "alpha", FaultKind.FORK, "fork", size);
    }
  }

  @Test
  void aCheckpointAheadIsComparedWhenTheReplicaGetsThere() {
    grow(log, 4);
    SignedCheckpoint good = log.checkpoint(6);
    SignedCheckpoint bad = log.sign(new TreeHead(8, Hash.sha256()));
    assertEquals(Replica.Comparison.AHEAD, judge(good).comparison());
    assertEquals(Replica.Comparison.AHEAD, judge(bad).comparison());

    List<SignedCheckpoint> reached = grow(log, log.size());

    assertEquals(List.of(log.checkpoint(), good, bad), reached);
    assertEquals(Replica.Comparison.CONSISTENT, judge(good).comparison());
    court.assertProven(judge(bad).candidate().orElseThrow(), "alpha", FaultKind.FORK, "fork", 8);
  }

  @Test
  void twoHalvesAheadProveAForkAtOnce() {
    grow(log, 4);
    assertEquals(Optional.empty(), judge(log.checkpoint(8)).candidate());
    Replica.Judged judged = judge(log.sign(new TreeHead(8, Hash.sha256())));
    assertEquals(Replica.Comparison.AHEAD, judged.comparison());
    court.assertProven(judged.candidate().orElseThrow(), "alpha", FaultKind.FORK, "fork", 8);
    assertEquals(Optional.empty(), judge(log.checkpoint(8)).candidate(), "told once");
  }

  @Test
  void keepsNoMoreCheckpointsAheadThanItsLimit() {
    grow(log, 4);
    for (int i = 0; i < Replica.MAX_AHEAD; i++) {
      assertEquals(
          Replica.Comparison.AHEAD,
          judge(log.sign(new TreeHead(1_000 + i, Hash.sha256()))).comparison());
    }
    assertEquals(
        Replica.Comparison.REFUSED,
        judge(log.sign(new TreeHead(2_000, Hash.sha256()))).comparison());
    assertEquals(
        Replica.Comparison.AHEAD,
        judge(log.sign(new TreeHead(1_000, Hash.sha256()))).comparison(),
        "one that is kept already");
    assertEquals(
        Replica.Comparison.AHEAD,
        judge(log.sign(new TreeHead(900, Hash.sha256()))).comparison(),
        "nearer than another");
  }

  @Test
  void aCheckpointInTheMiddleOfABatchIsAnOffence() {
    grow(log, log.size());
    for (long size : new long[] {2, 3, 5, 7}) {
      Replica.Judged judged = judge(log.checkpoint(size));
      assertEquals(Replica.Comparison.CONSISTENT, judged.comparison());
      court.assertProven(
          judged.candidate().orElseThrow(),
          "alpha",
          FaultKind.INVALID_ENTRY,
          "checkpoint_not_on_state",
          size - 1);
    }
  }

  @Test
  void aBranchThatIsServedLaterIsWrongDataAndItsCheckpointWaits() {
    grow(log, 6);
    ByzantineLog branch =
        log.fork(court.network(), 4)
            .transaction(court.put("alpha", "other=1"))
            .endState()
            .transaction(court.put("alpha", "other=2"))
            .endState();
    assertWrongData("root_differs", branch.checkpoint(), entries(branch, 6, branch.size()));
    assertEquals(Replica.Comparison.AHEAD, judge(branch.checkpoint()).comparison());
    // As soon as the ward goes on with the history we hold, the branch convicts it.
    grow(log, log.size());
    court.assertProven(
        judge(branch.checkpoint()).candidate().orElseThrow(),
        "alpha",
        FaultKind.FORK,
        "fork",
        branch.size());
  }

  @Test
  void growsFromWhereItIsOnly() {
    Replica.Growth.Extends first =
        assertInstanceOf(
            Replica.Growth.Extends.class, replica.grow(log.checkpoint(4), entries(log, 0, 4)));
    replica.stored(first);
    assertThrows(IllegalStateException.class, () -> replica.stored(first));
  }

  @Test
  void partsOfAPromiseAreTakenAsTheyCome() {
    grow(log, 4);
    long size = 4;
    for (long to : new long[] {6, 7, log.size()}) {
      // Each begins one too early, as if another part had come meanwhile.
      Replica.Produced.Continues part =
          assertInstanceOf(Replica.Produced.Continues.class, produced(log, size - 1, to));
      assertEquals(size, part.firstIndex());
      assertEquals(entries(log, size, to), part.entries());
      replica.kept(part);
      assertThrows(IllegalStateException.class, () -> replica.kept(part));
      assertEquals(to, replica.size());
      assertEquals(4, replica.coveredSize());
      size = to;
    }
  }

  @Test
  void whatDoesNotComeNextIsNotTaken() {
    grow(log, 4);
    Replica.Produced useless = new Replica.Produced.Useless();
    assertEquals(useless, produced(log, 5, 7), "a gap");
    assertEquals(useless, produced(log, 2, 4), "known");
    assertEquals(
        useless,
        replica.judge(
            log.checkpoint(),
            4,
            entries(log, 5, 7),
            Multiproof.buildRange(log, log.size(), 4, 6),
            held.newest()),
        "unproven");
    ByzantineLog forged = new ByzantineLog(court.machine("alpha"), court.network().logKey("beta"));
    forged.genesis();
    assertEquals(useless, produced(forged, 0, 1), "not its checkpoint");
  }

  @Test
  void aPromiseOfAnotherPastIsAForkAtItsFirstPart() {
    grow(log, 6);
    ByzantineLog branch =
        log.fork(court.network(), 4)
            .transaction(court.put("alpha", "other=1"))
            .endState()
            .transaction(court.put("alpha", "other=2"))
            .endState();
    Replica.Produced.Forks forks =
        assertInstanceOf(Replica.Produced.Forks.class, produced(branch, 6, 7));
    court.assertProven(forks.candidate(), "alpha", FaultKind.FORK, "fork", 6);
  }

  @Test
  void aCheckpointOnTheWayCoversWhatItIsOver() {
    grow(log, 4);
    assertEquals(Replica.Comparison.AHEAD, judge(log.checkpoint(6)).comparison());
    SignedCheckpoint bad = log.sign(new TreeHead(5, Hash.sha256()));
    assertEquals(Replica.Comparison.AHEAD, judge(bad).comparison());
    assertEquals(Optional.empty(), replica.passed(log));
    replica.kept((Replica.Produced.Continues) produced(log, 4, 7));
    assertEquals(Optional.of(log.checkpoint(6)), replica.passed(log));
    // Nobody could prove it yet: what it contradicts is not covered.
    assertEquals(
        new Replica.Judged(Replica.Comparison.AHEAD, Optional.empty()),
        replica.judge(bad, log.checkpoint(4), log));
    assertTrue(replica.covered(log.checkpoint(6)).containsAll(List.of(log.checkpoint(6), bad)));
    assertEquals(6, replica.coveredSize());
    court.assertProven(
        replica.judge(bad, log.checkpoint(6), log).candidate().orElseThrow(),
        "alpha",
        FaultKind.FORK,
        "fork",
        5);
  }

  private Replica.Produced produced(ByzantineLog from, long first, long end) {
    return replica.judge(
        from.checkpoint(),
        first,
        entries(from, first, end),
        Multiproof.buildRange(from, from.size(), first, end),
        held.newest());
  }

  private Replica.Judged judge(SignedCheckpoint checkpoint) {
    return replica.judge(checkpoint, held.newest().orElseThrow(), held);
  }

  private List<SignedCheckpoint> grow(ByzantineLog from, long size) {
    Replica.Growth.Extends growth =
        assertInstanceOf(
            Replica.Growth.Extends.class,
            replica.grow(from.checkpoint(size), entries(from, replica.size(), size)));
    held.append(growth.append());
    return replica.stored(growth);
  }

  private void assertWrongData(String code, SignedCheckpoint checkpoint, List<Bytes> entries) {
    assertEquals(new Replica.Growth.WrongData(code), replica.grow(checkpoint, entries));
  }

  private static List<Bytes> entries(ByzantineLog log, long from, long to) {
    return LongStream.range(from, to).mapToObj(log::entry).toList();
  }

  @Test
  void junkFarAheadKeepsNoHalfOfAForkOut() {
    Court court = new Court();
    ByzantineLog log = court.log("alpha", 3);
    for (boolean isNear : new boolean[] {true, false}) {
      Replica replica =
          new Replica(origin(log), key(court), SignatureRule.fastest(), Frontier.EMPTY);
      long junk = isNear ? 1L << 60 : 2;
      for (int i = 0; i < Replica.MAX_AHEAD; i++) {
        TreeHead head =
            new TreeHead(junk + (isNear ? i : i % 2), Hash.sha256(new byte[] {(byte) i}));
        replica.judge(log.sign(head), log.checkpoint(), log);
      }
      ByzantineLog other =
          log.fork(court.network(), 4).transaction(court.put("alpha", "x=other")).endState();
      Replica.Judged first = replica.judge(log.checkpoint(6), log.checkpoint(), log);
      assertEquals(
          isNear ? Replica.Comparison.AHEAD : Replica.Comparison.REFUSED, first.comparison());
      Replica.Judged second = replica.judge(other.checkpoint(), log.checkpoint(), log);
      assertEquals(isNear, second.candidate().isPresent());
    }
  }

  @Test
  void theOtherHalfProvesTheForkEvenWithoutRoomForIt() {
    Court court = new Court();
    ByzantineLog log = court.log("alpha", 3);
    Replica replica = new Replica(origin(log), key(court), SignatureRule.fastest(), Frontier.EMPTY);
    for (int i = 0; i < Replica.MAX_AHEAD; i++) {
      replica.judge(
          log.sign(new TreeHead(100 + i, Hash.sha256(new byte[] {1}))), log.checkpoint(), log);
    }
    SignedCheckpoint farthest =
        log.sign(new TreeHead(99 + Replica.MAX_AHEAD, Hash.sha256(new byte[] {2})));
    Replica.Judged judged = replica.judge(farthest, log.checkpoint(), log);
    court.assertProven(
        judged.candidate().orElseThrow(), "alpha", FaultKind.FORK, "fork", 99L + Replica.MAX_AHEAD);
  }

  private static Origin origin(ByzantineLog log) {
    return log.machine().origin();
  }

  private static PublicKey key(Court court) {
    return court.network().node("alpha").logKey();
  }
}
