package org.probity.simulation.oracle;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.simulation.node.Observer;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;
import org.probity.simulation.world.Network;

/**
 * L at the start: who starts signs as soon as those have answered who have to (protocol.md §11.1),
 * and only waits for more where these cannot. Who has to is counted here, by {@link SeatFormula}.
 */
final class Gates {
  /**
   * Who does not answer within 5 s is silent (docs/adr/boot-gate.md), was asked again, and gave
   * nothing; of what is missing then two parts come.
   */
  private static final long OPENING_MILLIS = 5_000 + 3 * Network.PATIENCE_MILLIS;

  private final World world;
  private final Genesis genesis;
  private final Watch watch;
  private final Collection<SimulatedNode> correct;
  private final Set<String> stopped;

  /**
   * Those who answer.
   *
   * @param stopped by the members in the end
   */
  Gates(World world, Watch watch, Collection<SimulatedNode> correct, Set<String> stopped) {
    this.world = world;
    this.genesis = world.founding().genesis();
    this.watch = watch;
    this.correct = List.copyOf(correct);
    this.stopped = new TreeSet<>(stopped);
  }

  /**
   * Whether a gate is closed because fewer than r witnesses say what they know. Those that cheat
   * may not; to whom members have stopped nobody says anything.
   */
  boolean isShutRightly(SimulatedNode node) {
    return node.isRunning()
        && (stopped.contains(node.name())
            || asked(node, node.loggedEpoch(), node.chain().decisions().size())
                .anyMatch(seats -> !isAnswered(node, seats)));
  }

  /** When all is well, who starts signs in time. */
  void judge() {
    for (Watch.Opening opening : watch.openings()) {
      Observer.Asked asked = opening.asked();
      long from = Math.max(asked.sinceMicros(), watch.healedMicros());
      correct.stream()
          .filter(node -> node.name().equals(opening.node()))
          .filter(node -> opening.openedMicros() - from > OPENING_MILLIS * 1_000)
          .filter(node -> !isExcused(node, asked))
          .forEach(
              node ->
                  watch.violated(
                      Promise.L,
                      node.name(),
                      "signs "
                          + (opening.openedMicros() - from) / 1_000
                          + " ms after it was started although all is well"));
    }
  }

  private boolean isExcused(SimulatedNode node, Observer.Asked asked) {
    boolean isExcused =
        watch.isLosing(node.name())
            || !asked(node, asked.firstEpoch(), asked.lastEpoch())
                .allMatch(seats -> hasReliableWitnesses(node, seats));
    if (isExcused) {
      watch.excused(Excuse.GATE_WITHOUT_WITNESSES);
    }
    return isExcused;
  }

  /** The seats in all epochs whose witnesses have to answer. */
  private Stream<SeatFormula> asked(SimulatedNode node, long firstEpoch, long lastEpoch) {
    List<Action> decided =
        node.chain().decisions().stream().map(taken -> taken.decision().action()).toList();
    List<SeatFormula> epochs = SeatFormula.epochs(genesis, decided);
    // Nothing was signed before this incarnation began.
    return IntStream.rangeClosed((int) firstEpoch, (int) lastEpoch)
        .mapToObj(epochs::get)
        .filter(seats -> seats.incarnation(node.name()) == incarnation(node));
  }

  private static long incarnation(SimulatedNode node) {
    return node.machine().self().incarnation();
  }

  /** Of seats that are stopped, or have begun again, f are not waited for. */
  private boolean isAnswered(SimulatedNode node, SeatFormula seats) {
    List<String> witnesses = seats.witnessesOf(node.name());
    List<String> there = witnesses.stream().filter(seat -> isAsItWas(seat, seats)).toList();
    int gone = witnesses.size() - there.size();
    long answering = there.stream().filter(seat -> isAnswering(seat, node)).count();
    return answering >= seats.bootAnswers(node.name()) - Math.min(seats.faults(), gone);
  }

  private boolean hasReliableWitnesses(SimulatedNode node, SeatFormula seats) {
    long reliable =
        seats.witnessesOf(node.name()).stream()
            .filter(seat -> isAsItWas(seat, seats) && isAnswering(seat, node))
            .filter(seat -> !watch.isLosing(seat))
            .count();
    return reliable >= seats.bootAnswers(node.name());
  }

  private boolean isAsItWas(String seat, SeatFormula seats) {
    return !stopped.contains(seat)
        && incarnation(world.host(seat).process()) == seats.incarnation(seat);
  }

  private boolean isAnswering(String witness, SimulatedNode node) {
    SimulatedNode process = world.host(witness).process();
    boolean knows =
        process.disk().copied(node.machine().origin()) > 0
            || (node.disk().log().newest().isEmpty() && !watch.mayForget(witness));
    return correct.contains(process) && process.isRunning() && knows;
  }
}
