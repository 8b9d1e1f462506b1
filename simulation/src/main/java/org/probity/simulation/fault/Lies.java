package org.probity.simulation.fault;

import java.util.function.Consumer;
import org.probity.detector.commitment.Machine;
import org.probity.simulation.node.Founding;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;

/** Programs that depart from the ledger's rules, and somebody who asks for what they lie about. */
final class Lies implements Strategy {
  /** Longer than any commit takes, and the one before it. */
  private static final long COMMITTED_MILLIS = 20;

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
    stage.culprit().lies(nextMillis(stage), () -> stage.later(0, () -> lied(stage)));
    // Ledger time moves when a node looks at its clock: what is asked for at once comes too soon.
    stage.later(2 * stage.world().pace().clockMillis(), () -> temptation.accept(stage));
  }

  private static void lied(Stage stage) {
    stage.done(Expectation.EXPOSED);
    StoredEntries log = stage.node().disk().log();
    stage.later(
        COMMITTED_MILLIS,
        () -> {
          boolean isOnlyLog = stage.world().host(stage.name()).processes().size() == 1;
          if (isOnlyLog && stage.node().isUp() && stage.node().disk().log() == log) {
            stage.stands(log, log.size());
          }
        });
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
