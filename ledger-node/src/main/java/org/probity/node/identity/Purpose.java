package org.probity.node.identity;

import java.util.Locale;
import java.util.Optional;

/** What a certificate is for; one key has one purpose (protocol.md §2.2). */
public enum Purpose {
  /** Server and client on TLS connections. */
  TLS,
  /** Names the log key. Not usable on connections. */
  LOG,
  /** Names the cosigner key. Not usable on connections. */
  COSIGNER;

  /** As it is written in a subject: lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads what {@link #text} gives. */
  public static Optional<Purpose> of(String text) {
    for (Purpose purpose : values()) {
      if (purpose.text().equals(text)) {
        return Optional.of(purpose);
      }
    }
    return Optional.empty();
  }
}
