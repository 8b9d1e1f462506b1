package org.probity.demo.breaking;

/** One way of breaking a node, and of mending it as the operator guide says. */
interface Way {
  /** As it is called in results. */
  String name();

  /**
   * Whether it may leave behind what the guide has no remedy for: others show that more was signed
   * than anybody has, so nobody can say where to close the log.
   */
  default boolean mayBeUnmendable() {
    return false;
  }

  /** Breaks a node once. When this returns it may sign again. */
  Broken once(Scene scene) throws Exception;

  /**
   * What was done.
   *
   * @param how in a few words
   * @param mayLose whether a customer has to reckon with losing what was acknowledged last, where
   *     an answer only says that it is recorded
   * @param maySignTwice whether the operator has put back old marks, too, and not waited for
   *     witnesses: the one thing that the guide says cannot be made good
   */
  record Broken(
      String victim, String how, boolean mayLose, boolean maySignTwice, Scene.Mended mended) {}
}
