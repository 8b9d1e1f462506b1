package org.probity.simulation.oracle;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.MerkleProofs;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.oracle.Violation.Promise;

/** What correct nodes hold of one another, and against the faulty, is not more than there is. */
final class Tellings {
  private final Watch watch;
  private final List<SimulatedNode> correct;
  private final Misdeeds misdeeds;

  Tellings(Watch watch, List<SimulatedNode> correct, Misdeeds misdeeds) {
    this.watch = watch;
    this.correct = List.copyOf(correct);
    this.misdeeds = misdeeds;
  }

  void judge() {
    views();
    faults();
  }

  /** A1 rests on it: the newest view of a correct node's log is a prefix of that log. */
  private void views() {
    for (SimulatedNode by : correct) {
      for (SimulatedNode about : correct) {
        by.core()
            .views()
            .newest(about.machine().origin())
            .filter(view -> by != about && !isPrefix(view, about.disk().log()))
            .ifPresent(
                view ->
                    watch.violated(
                        Promise.A1,
                        about.name(),
                        by.name() + " holds a view of its log that it has never had"));
      }
    }
  }

  private static boolean isPrefix(VerifiedCheckpoint view, StoredEntries log) {
    return view.size() <= log.size()
        && MerkleProofs.rootAt(log, view.size()).equals(view.head().root());
  }

  /**
   * C2 rests on it: however many find a fault, it is one. A log has one entry that is the first
   * wrong one by itself, and one that is by replay, and whoever has vouched falsely has done so for
   * as many entries as others have got wrong.
   */
  private void faults() {
    Map<String, Set<String>> entries = new TreeMap<>();
    Map<String, Set<String>> audits = new TreeMap<>();
    for (SimulatedNode node : correct) {
      for (Evidence proof : node.proofs()) {
        FaultKind kind = proof.faultId().kind();
        String fault = kind + " at " + proof.faultId().position();
        if (kind == FaultKind.INVALID_ENTRY || kind == FaultKind.INVALID_TRANSITION) {
          entries.computeIfAbsent(proof.accused(), none -> new TreeSet<>()).add(fault);
        } else if (kind == FaultKind.FALSE_AUDIT) {
          audits.computeIfAbsent(proof.accused(), none -> new TreeSet<>()).add(fault);
        }
      }
    }
    entries.forEach(
        (accused, faults) -> {
          atMost(misdeeds.wrongEntries(accused), accused, faults);
          for (FaultKind kind : List.of(FaultKind.INVALID_ENTRY, FaultKind.INVALID_TRANSITION)) {
            Set<String> ofOneSort = new TreeSet<>(faults);
            ofOneSort.removeIf(fault -> !fault.startsWith(kind.name()));
            atMost(misdeeds.wrongEntriesOfOneSort(accused), accused, ofOneSort);
          }
        });
    audits.forEach((accused, faults) -> atMost(wrongEntriesOfOthers(accused), accused, faults));
  }

  private long wrongEntriesOfOthers(String auditor) {
    return watch.faulty().stream()
        .filter(other -> !other.equals(auditor))
        .mapToLong(misdeeds::wrongEntries)
        .sum();
  }

  private void atMost(long most, String accused, Set<String> faults) {
    if (faults.size() > most) {
      watch.violated(Promise.C2, accused, "is proven to have done " + faults + ", at most " + most);
    }
  }
}
