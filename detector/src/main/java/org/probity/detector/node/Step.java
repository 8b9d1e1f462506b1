package org.probity.detector.node;

import java.util.List;
import java.util.Optional;

/**
 * What came of one input.
 *
 * @param commit to be made durable; its releases come with the step that is told so
 * @param effects to be carried out now
 */
public record Step(Optional<Commit> commit, List<Effect> effects) {
  public Step {
    effects = List.copyOf(effects);
  }
}
