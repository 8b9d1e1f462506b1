package org.probity.node.http;

import java.util.List;
import java.util.Optional;

/**
 * How far a ward's log is audited, here and by its other witnesses.
 *
 * @param node the ward
 * @param origin of its log
 * @param auditedSize entries replayed clean here
 * @param lagEntries entries it has signed that were not replayed here
 * @param own the newest AUDIT of this node
 * @param others those of others, by auditor
 */
public record WardAudits(
    String node,
    String origin,
    long auditedSize,
    long lagEntries,
    Optional<HeldAudit> own,
    List<HeldAudit> others) {
  public WardAudits {
    others = List.copyOf(others);
  }
}
