package org.probity.scoring;

import org.tribuo.Model;
import org.tribuo.anomaly.Event;

/** A trained model that says how unusual a row is. Thread-safe. */
public interface SuspicionScorer {
  /** Short, lower_snake. */
  String name();

  /**
   * How unusual the row is; higher is more. On the model's own scale: comparable within one model
   * only.
   */
  double raw(double[] row);

  /** The model behind it, with its provenance. */
  Model<Event> model();
}
