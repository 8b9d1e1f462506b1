package org.probity.detector.evidence;

import java.util.List;
import java.util.Optional;
import org.probity.detector.log.EntryBody;

/**
 * What entries under a root show: a rule broken. Whose fault that is depends on who signed the
 * root.
 *
 * @param kind INVALID_ENTRY or INVALID_TRANSITION
 * @param position index of the entry that breaks it
 * @param code the rule
 */
record Ruling(
    FaultKind kind,
    long position,
    String code,
    List<Exhibit> exhibits,
    String logged,
    String expected,
    Optional<EntryBody> execution) {

  /** The author of the log signed the root. */
  Judgement against(Attribution.Attributed accused) {
    return new Judgement(
        accused.culprit(),
        List.of(accused.checkpoint()),
        Optional.empty(),
        position,
        code,
        exhibits,
        logged,
        expected,
        execution);
  }

  /** The earliest entry that it takes. */
  long firstShown() {
    return exhibits.get(0).index();
  }
}
