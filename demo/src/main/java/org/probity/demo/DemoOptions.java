package org.probity.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to demonstrate.
 *
 * @param folder where everything goes; must be empty or absent
 * @param seed of the made-up orders
 * @param orders real ones instead
 */
record DemoOptions(
    Path folder,
    int nodes,
    long seed,
    Optional<Path> orders,
    boolean quick,
    boolean keep,
    Fault fault,
    Optional<String> culprit) {
  /** Made-up orders when there is no file. */
  static final int ORDERS = 2_000;

  static final int QUICK_ORDERS = 300;

  int orderCount() {
    return quick ? QUICK_ORDERS : ORDERS;
  }
}
