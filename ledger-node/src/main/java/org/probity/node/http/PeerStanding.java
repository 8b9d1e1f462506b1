package org.probity.node.http;

/** What a node is to its peers now, by the decisions that are durable in their logs. */
public enum PeerStanding {
  CURRENT,
  /** It may ask for decisions, so that it hears of its readmission, and nothing else. */
  SUSPENDED,
  REVOKED,
  /** No node of the consortium, or this one itself. */
  UNKNOWN
}
