package org.probity.detector.log;

import java.util.Optional;

/** What {@link BatchGrammar} says about the next entry. */
public sealed interface GrammarVerdict {
  /** The entry fits; go on from {@code next}. */
  record Fits(BatchGrammar next) implements GrammarVerdict {}

  /** The entry at {@code index} is the first that breaks the log's form. */
  record Broken(long index, EntryFault fault) implements GrammarVerdict {}

  /** The fault, if the entry does not fit. */
  default Optional<Broken> broken() {
    return this instanceof Broken broken ? Optional.of(broken) : Optional.empty();
  }
}
