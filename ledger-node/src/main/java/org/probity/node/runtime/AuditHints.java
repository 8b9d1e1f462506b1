package org.probity.node.runtime;

import org.probity.detector.audit.Priority;

/**
 * Whom to audit first, in somebody's opinion. It may be wrong, hostile or broken: the schedule
 * takes from it when a ward is audited, never whether (protocol.md §9).
 */
@FunctionalInterface
public interface AuditHints {
  /** Nobody is to be preferred. */
  AuditHints NONE = ward -> Priority.NONE;

  /** Of the next round; called on any thread, and must not block. */
  Priority of(String ward);
}
