package org.probity.node.http;

import java.net.URI;

/** Where a running node's listeners are, with actual ports and without final slashes. */
public record NodeUrls(URI client, URI peer, URI ops) {

  /** Prefix of the own log's tiles. */
  public URI log() {
    return URI.create(client + "/log");
  }
}
