package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.MerkleProofs;
import org.probity.simulation.Incident;
import org.probity.simulation.fault.Expectation;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.oracle.Watch.Committed;
import org.probity.simulation.oracle.Watch.Standing;

/**
 * What may be concluded of a node that has done several things: of each as if it were all, but for
 * what one of them hides of another. Only what was really done counts, and no more for what was
 * planned.
 */
final class Misdeeds {
  private final Watch watch;
  private final List<SimulatedNode> correct;
  private final Function<String, List<StoredEntries>> lastLogs;

  /**
   * @param correct nodes that run
   * @param lastLogs of a node, those that its processes have in the end
   */
  Misdeeds(
      Watch watch, List<SimulatedNode> correct, Function<String, List<StoredEntries>> lastLogs) {
    this.watch = watch;
    this.correct = List.copyOf(correct);
    this.lastLogs = lastLogs;
  }

  /**
   * Whether there may be a proof of this kind against a node: for AUDITs that it did not make good
   * if it has vouched for others, and for anything in a log that breaks a rule if it has written
   * such a log, or shown two. A fault of that sort that it has turned to and that is not known to
   * be done may have been done in part.
   */
  boolean isProvable(String node, FaultKind kind) {
    return kind == FaultKind.FALSE_AUDIT ? hasVouched(node) : brokenLogs(node) > 0;
  }

  private boolean hasVouched(String node) {
    boolean isHelper =
        watch.struck().stream()
            .filter(incident -> incident.nodes().indexOf(node) > 0)
            .anyMatch(incident -> fault(incident).filter(Fault::isVouchedFor).isPresent());
    return isHelper
        || struck(node).anyMatch(done -> fault(done).filter(Fault::isVouching).isPresent());
  }

  /** How many of the things it has done can be told from its log. */
  long brokenLogs(String node) {
    long known =
        watch.committed().stream()
            .filter(done -> done.node().equals(node) && isProven(done.expectation()))
            .count();
    long unknown =
        struck(node)
            .filter(incident -> fault(incident).filter(Fault::breaksLogs).isPresent())
            .filter(incident -> !isDone(incident))
            .count();
    return known + unknown;
  }

  /**
   * How many wrong entries of a node may be told from its logs. One thing done is one; with
   * several, it is two for each history: the first entry that is wrong by itself, which is seen
   * when it arrives, and the first one that is wrong by what replay comes to. What another history
   * goes on from is none of its own.
   */
  long wrongEntries(String node) {
    return brokenLogs(node) > 1 ? 2 * histories(node) : brokenLogs(node);
  }

  /** How many of these are of one sort. */
  long wrongEntriesOfOneSort(String node) {
    return brokenLogs(node) > 1 ? histories(node) : brokenLogs(node);
  }

  private long histories(String node) {
    List<StoredEntries> longest = new ArrayList<>();
    Stream.concat(watch.histories(node).stream(), lastLogs.apply(node).stream())
        .filter(log -> log.size() > 0)
        .sorted(Comparator.comparingLong(StoredEntries::size).reversed())
        .filter(log -> longest.stream().noneMatch(other -> isPrefix(log, other)))
        .forEach(longest::add);
    return Math.max(1, longest.size());
  }

  private static boolean isPrefix(StoredEntries log, StoredEntries other) {
    return MerkleProofs.rootAt(other, log.size()).equals(MerkleProofs.rootAt(log, log.size()));
  }

  private static boolean isProven(Expectation expectation) {
    return expectation == Expectation.EXPOSED || expectation == Expectation.EXPOSED_OR_SUSPECTED;
  }

  private boolean isDone(Incident incident) {
    return watch.committed().stream().anyMatch(done -> done.incident().equals(incident));
  }

  /** What it has turned to itself. */
  private Stream<Incident> struck(String node) {
    return watch.struck().stream()
        .filter(incident -> incident.nodes().get(0).equals(node))
        .filter(incident -> fault(incident).filter(it -> !it.isOfCustomer()).isPresent());
  }

  private static Optional<Fault> fault(Incident incident) {
    return Fault.of(incident.kind());
  }

  /**
   * Whether nobody can be expected to prove a fault, because the node does something else that
   * keeps others from seeing it.
   *
   * <p>SPEC protocol.md §7, §8.1: whoever withholds its log, or answers to challenges about it, is
   * suspected as long as it does so, and a proof takes what it withholds. What a correct witness
   * holds already cannot be withheld any more; and what is seen before it begins to hide is seen,
   * unless links or processes were not well.
   */
  boolean isHidden(Committed fault) {
    Optional<Standing> standing = watch.standing(fault.incident());
    return standing.isPresent()
        ? !isHeld(standing.get()) && hidesBefore(fault, Long.MAX_VALUE)
        : hidesBefore(fault, Math.max(fault.atMicros(), watch.healedMicros()));
  }

  /** Whether its node keeps what is in its log from being seen, at some time, by something else. */
  boolean isKeptBack(Committed fault) {
    return watch.standing(fault.incident()).isPresent() && hidesBefore(fault, Long.MAX_VALUE);
  }

  private boolean hidesBefore(Committed fault, long micros) {
    return struck(fault.node())
        .filter(other -> !other.equals(fault.incident()))
        .filter(other -> fault(other).filter(Fault::hides).isPresent())
        .anyMatch(other -> watch.struckMicros(other) <= micros);
  }

  /** Whether a correct node holds the entries that prove it. */
  boolean isHeld(Committed fault) {
    return watch.standing(fault.incident()).filter(this::isHeld).isPresent();
  }

  /** Whether this one does. */
  boolean isHeldBy(String node, Committed fault) {
    return watch
        .standing(fault.incident())
        .filter(where -> isHeld(where, correct.stream().filter(it -> it.name().equals(node))))
        .isPresent();
  }

  /** Whether this one can read it in the log of whom it is done to, or shown to. */
  boolean isReadBy(String node, Committed fault) {
    return watch
        .reading(fault.incident())
        .filter(where -> isHeld(where, correct.stream().filter(it -> it.name().equals(node))))
        .isPresent();
  }

  private boolean isHeld(Standing standing) {
    return isHeld(standing, correct.stream());
  }

  private static boolean isHeld(Standing standing, Stream<SimulatedNode> nodes) {
    return nodes
        .flatMap(node -> node.copyOf(standing.origin()).stream())
        .anyMatch(copy -> isWithin(standing, copy));
  }

  /** Whether this copy proves it. */
  static boolean isWithin(Standing standing, StoredEntries copy) {
    return copy.newest().filter(newest -> newest.size() >= standing.size()).isPresent()
        && MerkleProofs.rootAt(copy, standing.size())
            .equals(MerkleProofs.rootAt(standing.log(), standing.size()));
  }
}
