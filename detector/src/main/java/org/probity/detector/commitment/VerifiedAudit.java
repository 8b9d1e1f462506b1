package org.probity.detector.commitment;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;

/**
 * An AUDIT of one node about another, under the auditor's log key. Only {@link AuditRule} makes
 * one, so a method that takes this type cannot be handed anything unverified.
 *
 * <p>It says that the auditor said it. Whether the log is as it says, who holds the log can see.
 * Immutable.
 */
public final class VerifiedAudit {
  private final VerifiedStatement statement;
  private final AuditStatement content;
  private final NodeRecord auditor;
  private final Incarnations writers;

  /** For {@link AuditRule} only. */
  VerifiedAudit(
      VerifiedStatement statement,
      AuditStatement content,
      NodeRecord auditor,
      Incarnations writers) {
    this.statement = statement;
    this.content = content;
    this.auditor = auditor;
    this.writers = writers;
  }

  /** What was said. */
  public AuditStatement content() {
    return content;
  }

  /** The node that signed. */
  public NodeRecord auditor() {
    return auditor;
  }

  /** The node whose log it is about. */
  public NodeRecord ward() {
    return writers.present();
  }

  /** Who has written that log. */
  public Incarnations writers() {
    return writers;
  }

  /** The log it is about. */
  public Origin log() {
    return content.log();
  }

  /** The statement's id. */
  public Hash id() {
    return statement.id();
  }

  /** The exact bytes that were verified. */
  public Bytes encoded() {
    return statement.encoded();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifiedAudit that && encoded().equals(that.encoded());
  }

  @Override
  public int hashCode() {
    return encoded().hashCode();
  }

  @Override
  public String toString() {
    return "VerifiedAudit[" + auditor.node() + " of " + content.log() + " to " + content.to() + "]";
  }
}
