package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;

/** SPEC protocol.md §11.5: who waits and who stops when two processes run with one key. */
class StartLeaseTest {
  private static final long LEASE = 10_000;
  private static final long START = 1_000_000;
  private static final Bytes SMALL = run(1);
  private static final Bytes OWN = run(5);
  private static final Bytes LARGE = run(9);

  private final StartLease lease = new StartLease(OWN, Set.of(run(4)), LEASE, START);

  private static Bytes run(int number) {
    byte[] id = new byte[RunSign.RUN_BYTES];
    Arrays.fill(id, (byte) number);
    return Bytes.wrap(id);
  }

  private static StartLease.Told told(Bytes run, boolean isSigning, long ageMillis, Bytes... seen) {
    return new StartLease.Told(new RunSign(run, isSigning, List.of(seen)), ageMillis);
  }

  private void hear(String by, StartLease.Told... runs) {
    lease.heard(by, List.of(runs), 0);
  }

  @Test
  void whoIsAloneDoesNotWait() {
    assertEquals(Set.of(), lease.answered(0));
    hear("w1");
    assertEquals(Set.of("w1"), lease.answered(0));
    assertEquals(Set.of(), lease.waitsFor(START));
    assertEquals(Optional.empty(), lease.winner());
  }

  /** A restart at once, on the same disk: its own former run was there a moment ago. */
  @Test
  void whatIsKnownToBeOverIsNotWaitedFor() {
    hear("w1", told(run(4), true, 0, OWN));
    assertEquals(Set.of(), lease.waitsFor(START));
    assertEquals(Optional.empty(), lease.winner());
    assertEquals(List.of(), lease.sign("w1").seen());
  }

  /** A sign of its own that somebody has kept, and shows as if it were another process's. */
  @Test
  void itsOwnSignIsNobodyElses() {
    hear("liar", told(OWN, true, 0, OWN));
    assertEquals(Set.of(), lease.waitsFor(START));
    assertEquals(Optional.empty(), lease.winner());
    assertEquals(List.of(), lease.sign("liar").seen());
  }

  @Test
  void anotherRunThatWasThereWithinTheLeaseIsWaitedForAndNamed() {
    hear("w1", told(LARGE, true, LEASE - 1));
    hear("w2", told(LARGE, true, LEASE));
    assertEquals(Set.of("w1"), lease.waitsFor(START));
    assertEquals(List.of(LARGE), lease.sign("w1").seen());
    assertEquals(List.of(), lease.sign("w3").seen());
    // It has not shown itself again.
    hear("w1", told(LARGE, true, LEASE + 1));
    assertEquals(Set.of(), lease.waitsFor(START + 2));
    assertEquals(Optional.empty(), lease.winner());
  }

  /** Whoever keeps old signs may show another one each time, as if it were new. */
  @Test
  void aLiarDelaysByOneLeaseAndNoMore() {
    for (int i = 10; i < 60; i++) {
      hear("liar", told(run(i), true, 0, run(i + 1)));
    }
    assertEquals(Set.of("liar"), lease.waitsFor(START + LEASE - 1));
    assertEquals(Set.of(), lease.waitsFor(START + LEASE));
    assertEquals(Optional.empty(), lease.winner());
    lease.signing();
    hear("liar", told(run(70), true, 0, run(71)));
    assertEquals(Optional.empty(), lease.winner(), "and stops nobody");
  }

  /** What one says does not keep out what another says. */
  @Test
  void whatIsNamedToAWitnessIsWhatThatWitnessHasTold() {
    hear(
        "liar",
        IntStream.range(10, 40)
            .mapToObj(i -> told(run(i), true, 0))
            .toArray(StartLease.Told[]::new));
    hear("w1", told(LARGE, true, 0));
    assertEquals(List.of(LARGE), lease.sign("w1").seen());
    assertEquals(RunSign.MAX_SEEN, lease.sign("liar").seen().size());
  }

  @Test
  void whoStartsGivesWayToOneThatSignsWhateverTheirIds() {
    hear("w1", told(SMALL, true, 0, OWN));
    assertEquals(SMALL, lease.winner().orElseThrow().run());
  }

  @Test
  void whoSignsGivesWayToNobodyThatStarts() {
    lease.signing();
    hear("w1", told(LARGE, false, 0, OWN));
    assertEquals(Optional.empty(), lease.winner());
    assertEquals(List.of(LARGE), lease.sign("w1").seen());
    assertTrue(lease.sign("w1").isSigning());
  }

  /** Both know of each other: exactly one goes on. */
  @Test
  void ofTwoThatStartAndOfTwoThatSignTheSmallerIdGivesWay() {
    for (boolean isSigning : List.of(false, true)) {
      StartLease one = new StartLease(OWN, Set.of(), LEASE, START);
      StartLease other = new StartLease(LARGE, Set.of(), LEASE, START);
      if (isSigning) {
        one.signing();
        other.signing();
      }
      one.heard("w1", List.of(new StartLease.Told(other.sign("w1"), 0)), 0);
      other.heard("w1", List.of(new StartLease.Told(one.sign("w1"), 0)), 0);
      assertFalse(other.winner().isPresent());
      one.heard("w1", List.of(new StartLease.Told(other.sign("w1"), 0)), 0);
      assertEquals(LARGE, one.winner().orElseThrow().run());
    }
  }

  @Test
  void aSignIsWhatTheKeyHasSignedAndNothingElse() {
    Signer key = TestNetwork.signer("log a");
    Hash network = Hash.sha256(new byte[] {1});
    SignatureRule rule = SignatureRule.fastest();
    RunSign sign = new RunSign(OWN, true, List.of(SMALL, LARGE));
    Bytes encoded = sign.sign(network, key);
    assertEquals(Optional.of(sign), RunSign.verify(encoded, network, rule, key.publicKey()));
    assertEquals(
        Optional.empty(),
        RunSign.verify(encoded, network, rule, TestNetwork.signer("log b").publicKey()));
    assertEquals(
        Optional.empty(),
        RunSign.verify(encoded, Hash.sha256(new byte[] {2}), rule, key.publicKey()));
    for (int i = 0; i < encoded.size(); i++) {
      byte[] flipped = encoded.toArray();
      flipped[i] ^= 1;
      assertEquals(
          Optional.empty(), RunSign.verify(Bytes.wrap(flipped), network, rule, key.publicKey()));
    }
    Bytes short15 =
        Statement.sign(network, RunSign.TYP, Bytes.fromHex("834f" + "00".repeat(15) + "0080"), key)
            .encoded();
    assertEquals(Optional.empty(), RunSign.verify(short15, network, rule, key.publicKey()));
    assertThrows(IllegalArgumentException.class, () -> new RunSign(Bytes.EMPTY, true, List.of()));
  }
}
