package org.probity.simulation.fault;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.Incident;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Watch;
import org.probity.simulation.world.Chance;

/**
 * What a fault has to do with.
 *
 * @param world all there is
 * @param watch is told of what was done, when it is done
 * @param customers who can be made to ask for what a cheat needs
 * @param culprits by node
 * @param incident which this is about
 * @param chance of this incident
 */
public record Stage(
    World world,
    Watch watch,
    Customers customers,
    Map<String, Culprit> culprits,
    Incident incident,
    Chance chance) {

  String name() {
    return incident.nodes().get(0);
  }

  SimulatedNode node() {
    return world.host(name()).process();
  }

  Culprit culprit() {
    return culprit(name());
  }

  Culprit culprit(String node) {
    Culprit culprit = culprits.get(node);
    if (culprit == null) {
      throw new IllegalArgumentException(node + " is no culprit of this simulation");
    }
    return culprit;
  }

  /** All but the culprit and its accomplices. */
  List<String> others() {
    return world.hosts().stream()
        .map(host -> host.name())
        .filter(node -> !incident.nodes().contains(node))
        .toList();
  }

  /** Of the others those that are correct whatever happens. */
  List<String> correctOthers() {
    return others().stream().filter(node -> !watch.isFaulty(node)).toList();
  }

  /** Of these those that still have in the end what they are owed, and what they were shown. */
  List<String> lastingOthers() {
    return correctOthers().stream().filter(watch::isLasting).toList();
  }

  /** Witnesses of the culprit that are correct whatever happens. */
  List<String> correctWitnesses() {
    return correctWitnesses(name());
  }

  List<String> correctWitnesses(String node) {
    return Seating.founding(world.founding().genesis()).witnessesOf(node).stream()
        .map(NodeRecord::node)
        .filter(witness -> !watch.isFaulty(witness))
        .toList();
  }

  /**
   * Whether one of these is its witness now: one whose own gate is shut for good cannot be turned
   * to (protocol.md §11.1), whoever else is correct.
   */
  boolean isWitnessedBy(List<SimulatedNode> running) {
    List<String> witnesses = customers.witnessesOf(name());
    return running.stream().anyMatch(node -> witnesses.contains(node.name()));
  }

  /** What a witness holds of the culprit's log. */
  Optional<SignedCheckpoint> holding(String witness) {
    return Optional.ofNullable(world.host(witness).process().wards().get(name()))
        .flatMap(ward -> ward.stored().newest());
  }

  /** Any one of the others. */
  String victim() {
    List<String> others = others();
    return others.get(chance.below(others.size()));
  }

  /** The accomplices. */
  List<String> accomplices() {
    return incident.nodes().subList(1, incident.nodes().size());
  }

  /** Something must be so in the end, for the correct nodes that run then. */
  void due(String what, Predicate<List<SimulatedNode>> isMet) {
    watch.due(new Watch.Due(name(), incident, what, isMet));
  }

  /** The fault is done, and correct nodes can see it. */
  void done(Expectation expectation) {
    world.trace().tell(name(), "has done it: " + incident.kind());
    watch.committed(name(), incident, expectation);
  }

  /** The same of what began when the culprit turned to it, and is seen to have come off by now. */
  void cameOff(Expectation expectation) {
    cameOff(expectation, Optional.empty());
  }

  /** The same of what only this node and its witnesses can see. */
  void cameOffTowards(String node, Expectation expectation) {
    cameOff(expectation, Optional.of(node));
  }

  private void cameOff(Expectation expectation, Optional<String> towards) {
    world.trace().tell(name(), "has done it: " + incident.kind());
    watch.committed(name(), incident, expectation, watch.struckMicros(incident), towards);
  }

  /** Whether the culprit has turned to something else, too. */
  boolean doesMore() {
    return watch.struck().stream()
        .anyMatch(other -> !other.equals(incident) && other.nodes().contains(name()));
  }

  /** What proves it is within the first entries of this log, so many. */
  void stands(StoredEntries log, long size) {
    watch.stands(incident, new Watch.Standing(node().machine().origin(), log, size));
  }

  /** Whoever has so many entries of the log of whom it is done to, or shown to, can tell. */
  void reads(Origin origin, StoredEntries log, long size) {
    watch.reads(incident, new Watch.Standing(origin, log.copy(), size));
  }

  /** Later; the culprit may run then or not. */
  void later(long millis, Runnable task) {
    world.timeline().afterMillis(millis, "fault " + incident.kind(), task);
  }
}
