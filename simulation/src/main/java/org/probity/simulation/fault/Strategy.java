package org.probity.simulation.fault;

import java.util.List;

/** How a fault is committed. */
@FunctionalInterface
interface Strategy {
  /** Before the culprit starts for the first time. */
  default void enlist(Culprit culprit) {}

  /** Who has to help; an empty list if it needs nobody. */
  default List<String> accomplices(Casting casting) {
    return List.of();
  }

  /** Whether it says itself what accomplices do; else they look away and vouch for the culprit. */
  default boolean directs() {
    return false;
  }

  /** Whether nobody but a customer does anything wrong. */
  default boolean isOfCustomer() {
    return false;
  }

  /** Does it, or sees to its being done. */
  void strike(Stage stage);

  /** The same with accomplices. */
  static Strategy with(Crew crew, Strategy strategy) {
    return with(crew, false, strategy);
  }

  /** The same with accomplices whom it tells what to do. */
  static Strategy directing(Crew crew, Strategy strategy) {
    return with(crew, true, strategy);
  }

  private static Strategy with(Crew crew, boolean isDirecting, Strategy strategy) {
    return new Strategy() {
      @Override
      public boolean directs() {
        return isDirecting;
      }

      @Override
      public void enlist(Culprit culprit) {
        strategy.enlist(culprit);
      }

      @Override
      public List<String> accomplices(Casting casting) {
        return crew.chosen(casting);
      }

      @Override
      public void strike(Stage stage) {
        strategy.strike(stage);
      }
    };
  }
}
