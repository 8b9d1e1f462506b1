package org.probity.node.identity;

import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.x509.CRLReason;

/** Why a certificate lost its effect before its end (RFC 5280 §5.3.1). */
public enum RevocationReason {
  /** Somebody else has the key, or may have it. */
  KEY_COMPROMISE(CRLReason.keyCompromise),
  /** What it says of the node is no longer so. */
  AFFILIATION_CHANGED(CRLReason.affiliationChanged),
  /** Another certificate has taken its place. */
  SUPERSEDED(CRLReason.superseded),
  /** The node is not run any more. */
  CESSATION_OF_OPERATION(CRLReason.cessationOfOperation),
  /** The members or the authority want it so. */
  PRIVILEGE_WITHDRAWN(CRLReason.privilegeWithdrawn);

  private final int code;

  RevocationReason(int code) {
    this.code = code;
  }

  /** As it stands in a list. */
  int code() {
    return code;
  }

  /** As people write it: {@code key-compromise}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads what {@link #text} gives. */
  public static Optional<RevocationReason> of(String text) {
    for (RevocationReason reason : values()) {
      if (reason.text().equals(text)) {
        return Optional.of(reason);
      }
    }
    return Optional.empty();
  }
}
