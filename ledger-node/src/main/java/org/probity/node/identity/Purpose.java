package org.probity.node.identity;

/** What a certificate is for; one key has one purpose (protocol.md §2.2). */
public enum Purpose {
  /** Server and client on TLS connections. */
  TLS,
  /** Names the log key. Not usable on connections. */
  LOG,
  /** Names the cosigner key. Not usable on connections. */
  COSIGNER
}
