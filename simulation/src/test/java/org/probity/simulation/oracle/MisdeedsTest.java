package org.probity.simulation.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.AuditBudget;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Origin;
import org.probity.ledger.program.LedgerProgram;
import org.probity.simulation.Incident;
import org.probity.simulation.fault.Expectation;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.Founding;
import org.probity.simulation.node.Pace;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.oracle.Watch.Committed;
import org.probity.simulation.world.KeyedSignatures;

/** What one node has done besides excuses no more than it hides. */
class MisdeedsTest {
  private static final String CULPRIT = "n00";
  private static final String HELPER = "n01";

  private long nowMicros;
  private final List<StoredEntries> lastLogs = new ArrayList<>();
  private final Watch watch =
      new Watch(
          Founding.of(3, 3, Parameters.of(0, 1), new LedgerProgram(), new KeyedSignatures(1))
              .genesis(),
          () -> nowMicros,
          Pace.standard(AuditBudget.of(8, 4_096, 32)));
  private final Misdeeds misdeeds = new Misdeeds(watch, List.of(), none -> lastLogs);

  private Incident turnsTo(Fault fault, long micros, String... nodes) {
    nowMicros = micros;
    Incident incident = new Incident(fault.label(), micros / 1_000, 0, List.of(nodes), micros);
    incident.nodes().forEach(watch::faulty);
    watch.struck(incident);
    return incident;
  }

  private Committed does(Fault fault, Expectation expectation, long micros, String... nodes) {
    watch.committed(nodes[0], turnsTo(fault, micros, nodes), expectation);
    return watch.committed().get(watch.committed().size() - 1);
  }

  @Test
  void whatIsPlannedProvesNothing() {
    does(Fault.CENSORSHIP, Expectation.UNPROVABLE, 1_000, CULPRIT);
    does(Fault.SILENCE, Expectation.SUSPECTED, 2_000, CULPRIT);
    watch.faulty(CULPRIT);

    for (FaultKind kind : FaultKind.values()) {
      assertFalse(misdeeds.isProvable(CULPRIT, kind), kind::name);
    }
    assertEquals(0, misdeeds.wrongEntries(CULPRIT));
  }

  @Test
  void whatIsHalfDoneMayBeProven() {
    turnsTo(Fault.TRUNCATED_CRIME, 1_000, CULPRIT);

    assertTrue(misdeeds.isProvable(CULPRIT, FaultKind.FORK));
    assertFalse(misdeeds.isProvable(CULPRIT, FaultKind.FALSE_AUDIT));
  }

  @Test
  void whoeverVouchesHasNoWrongLog() {
    does(Fault.VOUCHING_ACCOMPLICES, Expectation.EXPOSED, 1_000, CULPRIT, HELPER);
    does(Fault.COLLUDING_PAIR, Expectation.EXPOSED, 1_000, CULPRIT, "n02");

    assertTrue(misdeeds.isProvable(HELPER, FaultKind.FALSE_AUDIT));
    assertFalse(misdeeds.isProvable(HELPER, FaultKind.INVALID_ENTRY));
    assertFalse(misdeeds.isProvable("n02", FaultKind.FALSE_AUDIT));
    assertTrue(misdeeds.isProvable(CULPRIT, FaultKind.INVALID_TRANSITION));
  }

  @Test
  void aCustomersContradictionIsNoDeedOfItsNode() {
    does(Fault.CONTRADICTING_CUSTOMER, Expectation.NOTHING, 1_000, CULPRIT);

    assertFalse(misdeeds.isProvable(CULPRIT, FaultKind.FALSE_AUDIT));
    assertFalse(misdeeds.isProvable(CULPRIT, FaultKind.FORK));
  }

  @Test
  void onlyWhatHidesHidesAndOnlyWhatComesAfter() {
    Committed alone = does(Fault.FORK_TO_ONE, Expectation.EXPOSED, 1_000, CULPRIT);
    does(Fault.LATE_ACKNOWLEDGEMENT, Expectation.UNPROVABLE, 500, CULPRIT);
    does(Fault.SILENCE, Expectation.SUSPECTED, 2_000, CULPRIT);
    Committed after = does(Fault.FORK, Expectation.EXPOSED, 3_000, CULPRIT);

    assertFalse(misdeeds.isHidden(alone));
    assertTrue(misdeeds.isHidden(after));
    watch.healed();
    assertTrue(misdeeds.isHidden(alone), "until all was well nobody need have seen it");
  }

  /** One of the others may be its only witness; before that has its log nobody can tell. */
  @Test
  void whatNobodyHoldsIsHiddenFromTheWitnessThatIsIgnored() {
    Committed crime = does(Fault.CLOCK_BACKWARDS, Expectation.EXPOSED, 1_000, CULPRIT);
    Origin log = new Origin(Hash.sha256(new byte[0]), CULPRIT, 0);
    watch.stands(crime.incident(), new Watch.Standing(log, new StoredEntries(), 1));
    assertFalse(misdeeds.isHidden(crime));

    does(Fault.SELECTIVE_SILENCE, Expectation.UNPROVABLE, 2_000, CULPRIT);
    assertTrue(misdeeds.isHidden(crime));
  }

  @Test
  void severalThingsAreAsManyAsThereAreHistories() {
    does(Fault.OVERDRAFT, Expectation.EXPOSED, 1_000, CULPRIT);
    assertEquals(1, misdeeds.wrongEntriesOfOneSort(CULPRIT));

    does(Fault.FORK, Expectation.EXPOSED, 2_000, CULPRIT);
    watch.history(CULPRIT, log("GENESIS", "one"));
    lastLogs.add(log("GENESIS", "other"));
    assertEquals(2, misdeeds.wrongEntriesOfOneSort(CULPRIT));
    assertEquals(4, misdeeds.wrongEntries(CULPRIT));
  }

  @Test
  void whatAnotherHistoryGoesOnFromIsNone() {
    does(Fault.OVERDRAFT, Expectation.EXPOSED, 1_000, CULPRIT);
    does(Fault.CLOCK_BACKWARDS, Expectation.EXPOSED, 2_000, CULPRIT);
    watch.history(CULPRIT, log("GENESIS"));
    watch.history(CULPRIT, log("GENESIS", "one"));
    lastLogs.add(log("GENESIS", "one", "two"));

    assertEquals(1, misdeeds.wrongEntriesOfOneSort(CULPRIT));
  }

  @Test
  void whatTouchesNoLogProvesNothingHalfDone() {
    turnsTo(Fault.SILENCE, 1_000, CULPRIT);
    turnsTo(Fault.STUBBORN_CENSORSHIP, 2_000, CULPRIT);
    turnsTo(Fault.FALSE_ANSWERS, 3_000, CULPRIT);

    for (FaultKind kind : FaultKind.values()) {
      assertFalse(misdeeds.isProvable(CULPRIT, kind), kind::name);
    }
  }

  @Test
  void onlyWhoeverVouchesHasVouched() {
    does(Fault.FALSE_MEMORY, Expectation.NOTHING, 1_000, CULPRIT);
    does(Fault.IGNORED_SUSPENSION, Expectation.NOTHING, 2_000, CULPRIT);
    assertFalse(misdeeds.isProvable(CULPRIT, FaultKind.FALSE_AUDIT));

    does(Fault.LAZY_WITNESS, Expectation.NOTHING, 3_000, CULPRIT);
    assertTrue(misdeeds.isProvable(CULPRIT, FaultKind.FALSE_AUDIT));
  }

  private static StoredEntries log(String... entries) {
    StoredEntries log = new StoredEntries();
    log.append(Stream.of(entries).map(Bytes::utf8).toList());
    return log;
  }
}
