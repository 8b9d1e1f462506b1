package org.probity.simulation.fault;

import java.util.function.Consumer;
import org.probity.detector.commitment.Machine;
import org.probity.simulation.node.Founding;
import org.probity.simulation.node.SimulatedNode;

/** Programs that depart from the ledger's rules, and somebody who asks for what they lie about. */
final class Lies implements Strategy {
  private final Lie lie;
  private final Consumer<Stage> temptation;

  private Lies(Lie lie, Consumer<Stage> temptation) {
    this.lie = lie;
    this.temptation = temptation;
  }

  /** About payments of more than there is. */
  static Lies aboutOverdrafts(Lie lie) {
    return new Lies(lie, stage -> stage.customers().overdraw(stage.name(), stage.victim()));
  }

  /** About money that customers issue. */
  static Lies aboutIssues(Lie lie) {
    return new Lies(lie, stage -> stage.customers().mint(stage.name()));
  }

  /** About what is paid to other nodes. */
  static Lies aboutPayments(Lie lie) {
    return new Lies(lie, stage -> stage.customers().remit(stage.name(), stage.victim()));
  }

  /** About what comes from other nodes. */
  static Lies aboutReceipts(Lie lie) {
    return new Lies(lie, stage -> stage.customers().remit(stage.victim(), stage.name()));
  }

  @Override
  public void enlist(Culprit culprit) {
    culprit.prepares(lie);
  }

  @Override
  public void strike(Stage stage) {
    stage
        .culprit()
        .lies(nextMillis(stage), () -> stage.later(0, () -> stage.done(Expectation.EXPOSED)));
    temptation.accept(stage);
  }

  /** Later than whatever its log says so far, durable or not. */
  private static long nextMillis(Stage stage) {
    SimulatedNode node = stage.node();
    long logged =
        node.isUp()
            ? node.core()
                .published()
                .map(end -> Machine.system(end.state()).tickMillis())
                .orElse(0L)
            : 0L;
    return 1 + Math.max(logged, Founding.FOUNDED_MILLIS + stage.world().timeline().nowMillis());
  }
}
