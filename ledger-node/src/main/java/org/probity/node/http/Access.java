package org.probity.node.http;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.node.access.Role;

/** Who may use a route. Every route says it: there is no default. */
public enum Access {
  /**
   * Whoever asks, also with a credential that is wrong.
   *
   * <p>SPEC protocol.md §1: accuracy and completeness rest on what others can fetch and hand in:
   * logs and copies, checkpoints and cosignatures, AUDIT statements, proofs, decisions, and a
   * transaction that its home node does not take. None of it may depend on what the audited node
   * grants.
   */
  EVERYBODY(null),
  /** Current nodes of the consortium, by mutual TLS. */
  NODES(null),
  SUBMIT(Role.SUBMIT),
  READ(Role.READ),
  AUDIT(Role.AUDIT),
  GOVERN(Role.GOVERN),
  OPERATE(Role.OPERATE);

  private final @Nullable Role role;

  Access(@Nullable Role role) {
    this.role = role;
  }

  /** What a caller needs; empty if a role is not what decides. */
  public Optional<Role> role() {
    return Optional.ofNullable(role);
  }
}
