package org.probity.node.http.api;

import java.util.Optional;
import javax.net.ssl.X509KeyManager;

/**
 * What proves to a node who is asking.
 *
 * @param token a bearer token
 * @param shown a key and its certificate, for where the node asks for one
 */
public record Credentials(Optional<String> token, Optional<X509KeyManager> shown) {
  public static final Credentials NONE = new Credentials(Optional.empty(), Optional.empty());

  /** Never the token. */
  @Override
  public String toString() {
    return "Credentials[token " + token.isPresent() + ", certificate " + shown.isPresent() + "]";
  }
}
