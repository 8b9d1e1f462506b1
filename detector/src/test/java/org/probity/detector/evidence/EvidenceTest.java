package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.EntryFault;
import org.probity.detector.node.TestNetwork;

/**
 * protocol.md §8.1: what is proven, whose fault it is, and that every bit of the proof is needed.
 */
class EvidenceTest {
  private static final Court COURT = new Court();
  private static final List<Offences.Offence> OFFENCES = Offences.all(COURT);

  static List<Offences.Offence> offences() {
    return OFFENCES;
  }

  @ParameterizedTest
  @MethodSource("offences")
  void proves(Offences.Offence offence) {
    COURT.assertProven(offence.file(), "alpha", offence.kind(), offence.code(), offence.position());
  }

  @ParameterizedTest
  @MethodSource("offences")
  void provesNothingOnceAByteIsChanged(Offences.Offence offence) {
    Tampering.assertEveryByteMatters(COURT.verifier(), offence.file());
  }

  static List<Offences.Offence> oneOfEachCode() {
    Map<String, Offences.Offence> smallest = new TreeMap<>();
    for (Offences.Offence offence : OFFENCES) {
      smallest.merge(
          offence.code(),
          offence,
          (one, other) -> one.file().size() <= other.file().size() ? one : other);
    }
    return List.copyOf(smallest.values());
  }

  @ParameterizedTest
  @MethodSource("oneOfEachCode")
  void provesNothingOnceABitIsFlipped(Offences.Offence offence) {
    Tampering.assertEveryBitMatters(COURT.verifier(), offence.file());
  }

  @ParameterizedTest
  @MethodSource("offences")
  @Tag("campaign")
  void provesNothingOnceAnyBitIsFlipped(Offences.Offence offence) {
    Tampering.assertEveryBitMatters(COURT.verifier(), offence.file());
  }

  @ParameterizedTest
  @MethodSource("offences")
  void provesNothingWithBytesMissingOrAdded(Offences.Offence offence) {
    Tampering.assertLengthMatters(COURT.verifier(), offence.file());
  }

  @ParameterizedTest
  @MethodSource("offences")
  void provesNothingInAnotherNetwork(Offences.Offence offence) {
    Court other = new Court(Parameters.of(0, 2));
    other.assertRejected("wrong_network", offence.file());
  }

  @Test
  void everyRuleOnEntriesHasAnOffence() {
    Set<String> shown = new HashSet<>();
    OFFENCES.forEach(offence -> shown.add(offence.code()));
    // How a later incarnation begins has tests of its own: LaterIncarnationTest.
    for (EntryFault fault :
        EnumSet.complementOf(
            EnumSet.of(EntryFault.GENESIS_WRONG_STATE, EntryFault.GENESIS_WRONG_CLOSE))) {
      assertTrue(shown.contains(fault.code()), "no artefact shows " + fault);
    }
  }

  @Test
  void everyKindHasOffences() {
    // What is no fault of a log has tests of its own: DoubleBallotTest, FalseAuditTest.
    for (FaultKind kind :
        EnumSet.complementOf(EnumSet.of(FaultKind.DOUBLE_BALLOT, FaultKind.FALSE_AUDIT))) {
      assertTrue(OFFENCES.stream().anyMatch(offence -> offence.kind() == kind), kind.toString());
    }
  }

  @Test
  void explainsWhereLogAndExecutionPart() {
    assertExplained(
        "a lie in a later batch",
        "entry 8: TRANSACTION with outcome EXECUTED 0x" + Bytes.utf8("lost").toHex(),
        "TRANSACTION with outcome EXECUTED 0x" + Bytes.utf8("stored").toHex());
    assertExplained(
        "a SEND to another node",
        "entry 5: SEND to gamma/0, sequence 0, payload 0x" + Bytes.utf8("beta/a=1").toHex(),
        "SEND to beta/0, sequence 0, payload 0x" + Bytes.utf8("beta/a=1").toHex());
    assertExplained(
        "TICK in mid-batch",
        "entry 2: TICK " + (TestNetwork.FOUNDED_MILLIS + 1_000),
        "TICK comes first in its batch");
    assertExplained(
        "junk",
        "entry 1: 8 bytes that are no entry (cbor_unexpected_type)",
        "every leaf is one entry in deterministic CBOR, within its limits");
  }

  private static void assertExplained(String name, String logged, String expected) {
    Offences.Offence offence =
        OFFENCES.stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
    EvidenceExplanation explanation =
        COURT
            .assertProven(
                offence.file(), "alpha", offence.kind(), offence.code(), offence.position())
            .explanation();
    assertEquals(logged, explanation.logged());
    assertEquals(expected, explanation.expected());
    assertEquals(1, explanation.checkpoints().size());
    assertEquals(
        offence.position(), explanation.exhibits().get(explanation.exhibits().size() - 1).index());
  }

  @Test
  void everyTextIsShort() {
    for (Offences.Offence offence : OFFENCES) {
      EvidenceExplanation explanation =
          COURT
              .assertProven(
                  offence.file(), "alpha", offence.kind(), offence.code(), offence.position())
              .explanation();
      assertTrue(explanation.logged().length() < 400, explanation.logged());
      assertTrue(explanation.expected().length() < 400, explanation.expected());
    }
  }

  @Test
  void sizesAreSmall() {
    for (Offences.Offence offence : OFFENCES) {
      int limit = offence.kind() == FaultKind.FORK ? 8 << 10 : 64 << 10;
      assertTrue(offence.file().size() <= limit, offence + " " + offence.file().size());
    }
  }

  @Test
  void rejectsWhatIsNoEvidenceAtAll() {
    COURT.assertRejected("cbor_truncated", Bytes.EMPTY);
    COURT.assertRejected("cbor_unexpected_type", Bytes.wrap(new byte[EvidenceVerifier.MAX_BYTES]));
    COURT.assertRejected(
        "evidence_too_large", Bytes.wrap(new byte[EvidenceVerifier.MAX_BYTES + 1]));
    assertEquals(2 << 20, EvidenceVerifier.MAX_BYTES);
  }
}
