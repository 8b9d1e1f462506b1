package org.probity.node.scoring;

import java.time.Duration;

/**
 * Whether and how often peers are scored.
 *
 * @param enabled without it every score is 0, and nothing is measured
 * @param epoch that measurements are taken together over
 * @param trainEpochs after so many epochs a new model is trained
 */
public record ScoringSettings(boolean enabled, Duration epoch, int trainEpochs) {

  /** The defaults of the configuration. */
  public static ScoringSettings standard() {
    return new ScoringSettings(true, Duration.ofSeconds(10), 360);
  }
}
