package org.probity.simulation.fault;

import java.util.function.Consumer;

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
    stage.culprit().lies(() -> stage.later(0, () -> stage.done(Expectation.EXPOSED)));
    temptation.accept(stage);
  }
}
